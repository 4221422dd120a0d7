"""A line of twenty-four months in a cell: too small for axes, so many on a screen that a library would be felt."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from markupsafe import Markup

from aller_vers_airflow.pilotage.formats import format_valeur

_LARGEUR, _HAUTEUR, _MARGE = 96, 22, 3


def draw_etincelle(serie: Sequence[Decimal | None], cible: Decimal | None, unite: str) -> Markup:
    """Return the line, broken where a month has no final value, its target dashed; nothing for less than two values."""
    connues = [v for v in serie if v is not None]
    if len(connues) < 2:
        return Markup("")
    bornes = [*connues, cible] if cible is not None else connues
    bas, haut = float(min(bornes)), float(max(bornes))

    def place(valeur: Decimal) -> float:
        part = (float(valeur) - bas) / (haut - bas) if haut > bas else 0.5
        return round(_HAUTEUR - _MARGE - part * (_HAUTEUR - 2 * _MARGE), 1)

    pas = (_LARGEUR - 2 * _MARGE) / (len(serie) - 1)
    traits: list[str] = []
    trait = ""
    for rang, valeur in enumerate(serie):
        if valeur is None:
            traits, trait = [*traits, trait], ""
        else:
            trait += f"{'L' if trait else 'M'}{_MARGE + rang * pas:.1f} {place(valeur)}"
    rang, derniere = max((n, v) for n, v in enumerate(serie) if v is not None)
    x = _MARGE + rang * pas
    vise = "" if cible is None else f'<path class="cible" d="M0 {place(cible)}H{_LARGEUR}"/>'
    return Markup(  # noqa: S704 - numbers alone, and units that the dictionary gives
        f'<svg class="etincelle" viewBox="0 0 {_LARGEUR} {_HAUTEUR}" width="{_LARGEUR}" height="{_HAUTEUR}" role="img" '
        f'aria-label="de {format_valeur(min(connues), unite)} à {format_valeur(max(connues), unite)}">{vise}'
        f'<path d="{" ".join([*traits, trait])}"/><circle cx="{x:.1f}" cy="{place(derniere)}" r="2.5"/></svg>'
    )
