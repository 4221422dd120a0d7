"""Errors for the person who reads them: what was found, and what to do."""


class ErreurAllerVers(Exception):  # noqa: N818 - « Erreur » is the domain's word
    """Something a person has to know and can mend.

    ``constat`` says what was expected and found, and where; ``remede`` says what to do.
    Both are French sentences, and neither ever holds a person's value. ``passagere``: trying again may be enough.
    """

    def __init__(self, constat: str, remede: str, *, passagere: bool = False) -> None:
        super().__init__(constat, remede)
        self.constat = constat
        self.remede = remede
        self.passagere = passagere

    def __str__(self) -> str:
        return f"{self.constat} Remède : {self.remede}"


class RefusError(ErreurAllerVers):
    """A database answers, and refuses: a right, a migration, a rule, a delay."""


class ValeurRefuseeError(RefusError):
    """A database answers, and refuses a value: too large, of a sign that it does not know, outside of a rule."""


class IntrouvableError(ErreurAllerVers):
    """What is asked for does not exist, or does not yet."""
