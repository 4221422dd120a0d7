"""How a value is written in its unit."""

from __future__ import annotations

from decimal import Decimal

from aller_vers.socle import francais


def format_valeur(valeur: float | Decimal | None, unite: str) -> str:
    """The value in its unit: a share in percent, what is counted as a whole number when it is one."""
    if valeur is None or unite == "part":
        return francais.write_part(valeur)
    return francais.write_nombre(valeur, 0 if valeur == int(valeur) else 1)


def format_ecart(ecart: Decimal, unite: str) -> str:
    """A difference in its unit, with its sign: that of two percentages is in points."""
    if unite == "part":
        return f"{francais.write_ecart(ecart * 100, 1)}{francais.FINE}pt"
    return francais.write_ecart(ecart, 0 if ecart == int(ecart) else 1)
