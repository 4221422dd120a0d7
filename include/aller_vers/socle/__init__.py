"""The ground: months, calendar, errors, settings, SQL files, the warehouse and its reference data.

In: the environment, reference files. Out: typed values and connections. Never: knows a step of the month.
"""
