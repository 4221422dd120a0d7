"""Templates of the files of declared measures: the expected rows, ready to fill, as csv and as xlsx."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from aller_vers.mesures.declarees import MesureDeclaree
from aller_vers.mesures.enquetes import Enquete
from aller_vers.socle import tableur
from aller_vers.socle.gabarits import write_notice

COLONNES = ("code_cpam", "code_caf", "periode", "mesure", "modalite", "valeur")
_LARGEURS = (12, 12, 12, 40, 30, 14)
_PERIODES = {"mois": "2025-06", "trimestre": "2025-T2", "semestre": "2025-S1", "annee": "2025"}
_NIVEAUX = {
    "caf": "code_caf rempli, code_cpam vide",
    "cpam": "code_cpam rempli, code_caf vide",
    "national": "code_caf et code_cpam vides",
}


def build_modeles(declarees: Iterable[MesureDeclaree], enquetes: Iterable[Enquete] = ()) -> dict[str, bytes]:
    """Return the templates and their notice, by file name; the same lists give the same bytes."""
    mesures, sondees = list(declarees), list(enquetes)
    lignes = [
        ("", "", "", mesure.code, modalite, "")
        for mesure in mesures
        for modalite in mesure.modalites or ("",)
    ]
    return {
        "modele_mesures.csv": tableur.build_csv(COLONNES, lignes),
        "modele_mesures.xlsx": tableur.build_classeur(
            "Mesures déclarées",
            date(2025, 1, 1),
            "mesures",
            zip(COLONNES, _LARGEURS, strict=True),
            ([cellule or None for cellule in ligne] for ligne in lignes),
            libres=("valeur",),
        ),
        "LISEZMOI.txt": write_notice(
            Path(__file__).with_name("LISEZMOI.txt.j2"), mesures=mesures, enquetes=sondees, niveaux=_NIVEAUX,
            periodes=_PERIODES,
        ),
        **{nom: octets for enquete in sondees for nom, octets in _build_enquete(enquete)},
    }  # fmt: skip


def _build_enquete(enquete: Enquete) -> Iterator[tuple[str, bytes]]:
    titres = ("repondant", "code_caf", *(c.code for c in (*enquete.strates, *enquete.questions)))
    yield f"modele_reponses_{enquete.code}.csv", tableur.build_csv(("enquete", "annee", *titres), [])
    marges = [(enquete.code, "", s.code, modalite, "") for s in enquete.strates for modalite in s.modalites]
    colonnes = ("enquete", "annee", "strate", "modalite", "population")
    yield f"modele_marges_{enquete.code}.csv", tableur.build_csv(colonnes, marges)
