"""The national request: extract, clean, profile, publish to `core`.

In: the source, read only. Out: one row a person, a profile by Caf. Never: writes a lot.
"""
