"""Every `python -m aller_vers` command, one file a command or family.

In: arguments. Out: an exit code and French texts. Never: decides anything itself.
"""
