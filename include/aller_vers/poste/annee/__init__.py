"""A year of the network, told by a scenario: who sends and answers when, and what has to follow. Pure.

In: ``include/configuration/scenario_annee.yml`` and a day. Out: the files that people put on the share, and the
consequences that are expected. It touches no database, no share and no clock.
"""
