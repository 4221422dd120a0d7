"""The reference month: the partition of everything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from aller_vers.socle.erreurs import ErreurAllerVers

_FORME = re.compile(r"(\d{4})-(\d{2})", flags=re.ASCII)


@dataclass(frozen=True, order=True)
class Mois:
    """A reference month, ordered in time; its text is the partition key (``2025-06``)."""

    annee: int
    numero: int

    def __post_init__(self) -> None:
        if not (2000 <= self.annee <= 2999 and 1 <= self.numero <= 12):
            raise _mois_illisible(f"{self.annee}-{self.numero}")

    @classmethod
    @lru_cache(maxsize=512)  # a screen reads the same few in each of its rows
    def parse(cls, texte: str) -> Mois:
        """Read ``AAAA-MM``.

        Raises:
            ErreurAllerVers: the text is not a month.
        """
        trouve = _FORME.fullmatch(texte)
        if trouve is None:
            raise _mois_illisible(texte)
        try:
            return cls(int(trouve[1]), int(trouve[2]))
        except ErreurAllerVers:
            raise _mois_illisible(texte) from None

    @classmethod
    def of(cls, jour: date) -> Mois:
        """Return the month that holds this day."""
        return cls(jour.year, jour.month)

    @classmethod
    def last_complete(cls, aujourd_hui: date) -> Mois:
        """Return the last month that has ended on this day."""
        return cls.of(aujourd_hui).shift(-1)

    def shift(self, nombre: int) -> Mois:
        """Return the month that lies ``nombre`` months later (earlier if negative)."""
        rang = self.annee * 12 + self.numero - 1 + nombre
        return Mois(rang // 12, rang % 12 + 1)

    def require_ended(self, aujourd_hui: date) -> Mois:
        """Return this month, if it has ended.

        Raises:
            ErreurAllerVers: the month is under way or lies in the future.
        """
        if self > Mois.last_complete(aujourd_hui):
            from aller_vers.socle.francais import write_jour

            raise ErreurAllerVers(
                f"Le mois {self} n'est pas terminé à la date du {write_jour(aujourd_hui)}.",
                f"demander au plus tard {Mois.last_complete(aujourd_hui)}, le dernier mois complet.",
            )
        return self

    @property
    def debut(self) -> date:
        """First day of the month."""
        return date(self.annee, self.numero, 1)

    @property
    def fin(self) -> date:
        """First day of the following month: the excluded end."""
        return date(self.annee + self.numero // 12, self.numero % 12 + 1, 1)

    @property
    def compact(self) -> str:
        """``AAAAMM``, as file names write it."""
        return f"{self.annee:04d}{self.numero:02d}"

    @property
    def libelle(self) -> str:
        """``juin 2025``."""
        from aller_vers.socle.francais import write_mois  # Babel is slow to import, and a DAG writes no month

        return write_mois(self.debut)

    @classmethod
    def __get_pydantic_core_schema__(cls, _type: Any, _handler: Any) -> Any:
        """Let a pydantic model hold a month: read from its text, written as its text."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def _validate(cls, valeur: object) -> Mois:
        if isinstance(valeur, cls):
            return valeur
        try:
            return cls.parse(str(valeur))
        except ErreurAllerVers as erreur:
            raise ValueError(str(erreur)) from None

    def __str__(self) -> str:
        return f"{self.annee:04d}-{self.numero:02d}"


def _mois_illisible(texte: str) -> ErreurAllerVers:
    return ErreurAllerVers(
        f"« {texte[:20]} » n'est pas un mois.", "l'écrire AAAA-MM, par exemple 2025-06 pour juin 2025."
    )
