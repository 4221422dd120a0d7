"""The command line in French: argparse's own words and errors are English."""

from __future__ import annotations

import argparse
import re
from typing import Any, NoReturn

# What argparse says of a wrong line, and what a French reader is told; options keep their names.
_FAUTES = (
    (r"the following arguments are required: (.+)", r"Il manque \1."),
    (r"one of the arguments (.+) is required", r"Il manque l'une de ces options : \1."),
    (r"unrecognized arguments: (.+)", r"La commande ne connaît pas \1."),
    (r"ambiguous option: (\S+) could match (.+)", r"\1 peut vouloir dire \2."),
    (r"argument (.+): not allowed with argument (.+)", r"\1 ne va pas avec \2."),
    (r"argument (.+): expected (?:one argument|at least one argument|\d+ arguments?)", r"Il manque la valeur de \1."),
    (r"argument (.+): ignored explicit argument (.+)", r"\1 ne prend pas de valeur, et \2 lui est donné."),
    (r"argument (.+): invalid choice: (.+) \(choose from (.+)\)", r"\1 : \2 n'est pas l'un de \3."),
    (r"argument (.+): invalid \S+ value: (.+)", r"\1 ne peut pas être \2."),
)  # fmt: skip


class Analyseur(argparse.ArgumentParser):
    """A parser that helps and refuses in French; its subcommands are of the same class."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, add_help=False, formatter_class=_Mise)
        self._positionals.title, self._optionals.title = "arguments ", "options "  # a colon follows
        self.add_argument("-h", "--help", action="help", help="montre cette aide")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the line and what to do, after how it is used; end with code 2."""
        for anglais, francais in _FAUTES:
            if faute := re.fullmatch(anglais, message):
                message = faute.expand(francais)
                break
        self.exit(
            2,
            f"{self.format_usage()}{message} Remède : compléter ou corriger la ligne comme le dit « usage » ; "
            f"{self.prog} --help explique chaque option.\n",
        )


class _Mise(argparse.HelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "usage : " if prefix is None else prefix)
