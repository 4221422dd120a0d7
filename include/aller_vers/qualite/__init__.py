"""Quality gates: rules, suites, verdicts, derogations and people's decisions.

In: counts by Caf. Out: a verdict for each. Never: sees a person.
"""
