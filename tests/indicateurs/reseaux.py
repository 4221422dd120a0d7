"""Random small networks, dictionaries and measures, for hypothesis."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, get_args

from exemples import define
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import Mesure, Reseau, Vie
from aller_vers.mesures.echeances import Echeances, FicheMesure, Horizon
from aller_vers.socle.groupes import Membre
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages

# A group of three, that a fourth joins, and another group that shares a Caf with it.
GROUPES = {
    "duo": [Membre("011", "011", None), Membre("021", "059", None), Membre("031", "031", Mois(2025, 1))],
    "seul": [Membre("031", "031", None)],
}
RESEAU = Reseau(
    {"011": "84", "021": "32", "031": "84", "041": "84"},
    {"011": "84", "021": "32", "031": "84", "059": "32"},
    GROUPES,
    # A member of both groups is merged into a Caf that is in none, which is merged later into a member of one.
    {
        ("caf", "031"): Vie(date.min, date(2025, 6, 15), "041"),
        ("caf", "041"): Vie(date.min, date(2025, 11, 15), "011"),
    },
)
MOIS = [Mois(2024, 11).shift(n) for n in range(16)]
CIBLES = {Mois(2024, 11).debut: "0.5", Mois(2025, 6).debut: "1.5"}

# How many examples hypothesis draws of each property of the engines: a few in the suite, thousands by hand.
NOMBRE_TIRAGES = int(os.environ.get("AV_TIRAGES", "20"))
# A mean has a denominator, or is that of a histogram.
TYPES = ("compte", "ratio", "moyenne", "histogramme", "quantile", "au_dela", "evolution", "dispersion")

comptes = st.integers(0, 12).map(Decimal)
JOURS = [m.debut for m in [*MOIS, MOIS[-1].shift(3), MOIS[-1].shift(9)]]
comptages = st.none() | st.sampled_from(JOURS)  # when the source counted a row; most are received
fiches = st.builds(
    FicheMesure, st.sampled_from(get_args(Horizon)), st.sampled_from(["personnes", "lots"])
)  # fmt: skip
attentes = st.builds(
    Echeances, st.sampled_from(JOURS), st.dictionaries(st.sampled_from("abhi"), fiches), st.just(Reglages())
)  # fmt: skip
_codes_caf = st.sampled_from(sorted(RESEAU.caf))
_codes_cpam = st.sampled_from(sorted(RESEAU.cpam))


def components(classes: bool, pesee: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return components of simple measures, or of histograms."""
    borne = st.none() | st.integers(0, 2)
    composant = st.fixed_dictionaries(
        {"mesure": st.sampled_from(("h", "i") if classes else ("a", "b", "h")),
         "modalite": st.sampled_from([None, "x", "*"]),
         "classe_min": borne if classes else st.none(), "classe_max": (st.none() | st.integers(2, 4)) if classes else st.none(),
         "poids": st.sampled_from(["1", "0.5", "2"]) if pesee else st.just("1")}
    )  # fmt: skip
    return st.lists(composant, min_size=1, max_size=2)


@st.composite
def definitions(draw: st.DrawFn, code: str = "i", types: tuple[str, ...] = TYPES) -> Indicateur:
    """Draw a definition of one of these types."""
    type_ = draw(st.sampled_from(types))
    champs: dict[str, Any] = {
        "sens": draw(st.sampled_from(["plus", "moins"])), "cibles": draw(st.sampled_from([{}, CIBLES])),
        "bande_quasi_atteint": draw(st.sampled_from([None, "0.25"])),
        "part_minimale_caisses": draw(st.sampled_from([None, "0.5"])),
        "maille": draw(st.sampled_from(["caf", "cpam"] if type_ == "dispersion" else ["caf", "cpam", "couple", "national"])),
        "abandonne": draw(st.sampled_from([None, None, Mois(2025, 3).debut])),
        "valable_du": draw(st.sampled_from([Mois(2009, 1).debut, Mois(2025, 2).debut])),
    }  # fmt: skip
    if draw(st.booleans()):
        axe = draw(st.sampled_from([None, "Droits", "Santé"]))
        champs |= {
            "nature": "IR",
            "sans_cible": None if champs["cibles"] else "un réseau sans cible",
            "axe": axe,
            "points": draw(st.sampled_from([None, "10", "25"])) if axe else None,
        }
    if type_ == "evolution":
        champs |= {"recul_mois": draw(st.sampled_from([1, 2, 12]))}
    else:
        champs["periodes"] = draw(st.lists(st.sampled_from(["annee", "douze_mois", "origine"]), unique=True))
    if type_ in ("quantile", "au_dela", "histogramme"):
        if type_ != "histogramme":
            champs["quantile"] = draw(st.sampled_from(["0.1", "0.25", "0.5", "0.9"]))
        type_ = "moyenne" if type_ == "histogramme" else type_
        return define(code, type_, draw(components(True, False)), **champs)
    denominateur = draw(components(False, True)) if type_ in ("ratio", "moyenne", "dispersion") else None
    return define(code, type_, draw(components(draw(st.booleans()), True)), denominateur, **champs)


def dictionnaires(taille: int) -> st.SearchStrategy[list[Indicateur]]:
    """Return dictionaries of that many definitions."""
    return st.tuples(*(definitions(f"i{n}") for n in range(taille))).map(list)


def dictionnaires_complets() -> st.SearchStrategy[list[Indicateur]]:
    """Return dictionaries of a definition of each type."""
    return st.tuples(*(definitions(type_, (type_,)) for type_ in TYPES)).map(list)


@st.composite
def lignes(draw: st.DrawFn, mois: str) -> list[Mesure]:
    """Draw the measures of a month, some of the caisses silent."""
    tirees: dict[tuple[Any, ...], Mesure] = {}
    for _ in range(draw(st.integers(0, 30))):
        nom = draw(st.sampled_from(["a", "b", "h", "i"]))
        caisse = draw(st.tuples(st.none() | _codes_caf, st.none() | _codes_cpam))
        classe = draw(st.integers(0, 4)) if nom in "hi" else None
        modalite = draw(st.sampled_from([None, "x", "y"]))
        ligne = Mesure(mois, *caisse, nom, modalite, classe, draw(comptes), draw(comptages))
        tirees[ligne[:6]] = ligne
    return list(tirees.values())


@st.composite
def lignes_denses(draw: st.DrawFn, mois: str) -> list[Mesure]:
    """Draw the measures of a month of two Caf and their Cpam, that give nearly everything."""
    return [
        Mesure(mois, caf, cpam, nom, modalite, classe, draw(comptes), draw(comptages))
        for caf, cpam in (("011", "011"), ("031", "031"), ("021", None))
        for nom, classes in (("a", (None,)), ("b", (None,)), ("h", (0, 1, 3)), ("i", (2, 4)))
        for classe in classes
        for modalite in (None, "x")
        if draw(st.integers(0, 19))
    ]


def histoires(
    mois: list[Mois], lignes: Callable[[str], st.SearchStrategy[list[Mesure]]] = lignes
) -> st.SearchStrategy[list[Mesure]]:
    """Return the measures of several months."""
    return st.tuples(*(lignes(str(m)) for m in mois)).map(lambda par_mois: [x for un in par_mois for x in un])


@contextmanager
def undone(connexion: Connection) -> Iterator[None]:
    """Undo what the block does."""
    point = connexion.begin_nested()
    try:
        yield
    finally:
        point.rollback()


def store(connexion: Connection, mesures: Sequence[Mesure], mois: Mois | None = None) -> None:
    """Put measures in; in the place of those of a month if one is given."""
    if mois is not None:
        connexion.execute(text("DELETE FROM marts.mesure WHERE mois = :mois"), {"mois": str(mois)})
    if mesures:
        connexion.execute(
            text(
                "INSERT INTO marts.mesure (mois, code_caf, code_cpam, mesure, modalite, classe, valeur, mesuree_le)"
                " VALUES (:mois, :code_caf, :code_cpam, :mesure, :modalite, :classe, :valeur, :mesuree_le)"
            ),
            [m._asdict() for m in mesures],
        )
