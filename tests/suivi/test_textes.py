"""Every text that a Caf or the team is sent, over months and counts: its words agree, its months are in words."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from aller_vers.commandes.bilan_du_mois import Changements
from aller_vers.destruction import lots_refaits
from aller_vers.lots import avis as avis_lots
from aller_vers.lots.documents import NoticeLot, build_lisezmoi, build_suspendu
from aller_vers.pilotage.le_mois import ComptesIndicateurs
from aller_vers.qualite import bulletin as bulletin_portes
from aller_vers.qualite.verdicts import Jugement
from aller_vers.retours import bulletin as bulletin_retours
from aller_vers.retours import relances
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from aller_vers.suivi import conventions

MOIS = [Mois(2025, numero) for numero in range(1, 13)]
NOMBRES = (0, 1, 2, 21, 1100)
JOUR = date(2026, 3, 2)
_NOMS = {"code_caf": "831", "libelle": "831 · Var", "code_cpam": "594", "nom_cpam": "Cpam des Flandres"}
_INVARIABLES = {
    "avis", "mois", "fois", "sans", "dans", "plus", "sous", "vers", "mais", "depuis", "puis", "jamais", "pas", "les",
    "est", "ses", "des", "après",
}  # fmt: skip
_NOMBRABLES = "lot|personne|jour|jour ouvré|ligne|caisse|fichier|demandeur|heure|indicateur|autre|retenu|retenue|convention"
_MOIS_A = "(?:avril|août|octobre)"
_MOIS_DE = "(?:janvier|février|mars|mai|juin|juillet|septembre|novembre|décembre)"
FAUTES = {
    "de août": rf"\b[Dd]e {_MOIS_A}\b|\b[Dd]'{_MOIS_DE}\b|\bdu {_MOIS_A}\b|\bdu {_MOIS_DE}\b",
    "mois en chiffres": r"(?<![\w/-])20\d\d-(?:0[1-9]|1[0-2])(?![\w/-])",
    "(s)": r"\(e?s\)",
    "zéro en chiffre": rf"(?<![\d,\u202f])0 (?:{_NOMBRABLES})",
    "pluriel d'un seul": r"(?<![\w,.\u202f:/-])(?:1|[Aa]ucune?) (\w+[sx])\b(?! :)",
    "singulier de plusieurs": rf"(?<![\w,.:/-])(?:[2-9]|[\d\u202f]+\d) (?:{_NOMBRABLES})\b(?! ouvrés)",
    "verbe": r"(?:\b1|[Aa]ucune?) \w+ (?:ont|sont|attendent|restent)\b|[Aa]ucune? \w+ (?:a|est|attend|reste)\b",
    "le 1": r"\ble 1 ",
}


def find_fautes(texte: str) -> list[str]:
    """Return what a French reader would correct."""
    return [
        f"{nom} : {trouve[0]}"
        for nom, motif in FAUTES.items()
        for trouve in re.finditer(motif, texte)
        if not (trouve.groups() and trouve[1] in _INVARIABLES)
    ]


@pytest.mark.parametrize(
    "texte",
    [
        "lot de août 2025", "lot d'juin 2025", "à partir de octobre", "le lot 2025-08 est là", "3 lot(s)", "0 lot retenu",
        "1 lots retenus", "aucune personnes", "21 personne", "1\u202f100 ligne", "1 avis attendent", "aucun avis est parti",
        "le 1 août", "depuis 1 jours ouvrés", "2 jour ouvré",
    ],
)  # fmt: skip
def test_what_a_reader_would_correct_is_found(texte: str) -> None:
    assert find_fautes(texte)


@pytest.fixture
def envoyes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the notices, subject and text, that would be in the outbox."""
    recus: list[str] = []

    def keep(_: Any, *, objet: str, corps: str, **__: Any) -> bool:
        recus.append(f"{objet}\n{corps}")
        return True

    for module in (relances, conventions, lots_refaits, avis_lots):
        monkeypatch.setattr(module, "queue_avis", keep)
    return recus


def check(textes: list[str]) -> None:
    assert textes
    assert {texte: fautes for texte in textes if (fautes := find_fautes(texte))} == {}


@pytest.mark.parametrize("mois", MOIS, ids=str)
def test_the_reminders_agree(mois: Mois, envoyes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    reglages, nom = Reglages(relances_caf_jours=(1, 2, 21), relance_equipe_jours=1), str(mois)
    for jours in (1, 2, 21):
        listes: dict[str, tuple[Any, ...]] = {
            "list_en_attente": (
                relances.Attendue(nom, version=1, depose_le=JOUR, lignes=3, seule=True, **_NOMS),
            ),
            "list_destructions": (
                relances.Certificat(
                    nom, transmis_le=JOUR, date_fin_traitement=None, a_detruire_avant=JOUR, **_NOMS
                ),
                relances.Copie(nom, version=2, place="retenue", depuis=JOUR, **_NOMS),
            ),
            "list_retours_en_retard": (relances.RetourEnRetard(nom, transmis_le=JOUR, du_le=JOUR, **_NOMS),),
        }
        for liste, elements in listes.items():
            monkeypatch.setattr(relances, liste, lambda *_, elements=elements: elements)
        finissante = conventions.Finissante(date_fin=mois.debut, **_NOMS)
        monkeypatch.setattr(conventions, "list_finissantes", lambda *_, f=finissante: (f,))
        monkeypatch.setattr(relances, "count_jours_ouvres", lambda *_, jours=jours: jours)
        relances.remind(cast(Connection, None), JOUR, reglages)
    assert Counter(texte.split(" :")[0] for texte in envoyes)["Proches aidants"] == len(envoyes) == 30
    check(envoyes)


@pytest.mark.parametrize("mois", MOIS, ids=str)
def test_what_a_caf_reads_of_its_lot_agrees(mois: Mois, envoyes: list[str]) -> None:
    cpam = {"594": "Cpam des Flandres", "595": "Cpam de Lille-Douai"}
    textes = [build_suspendu(mois, "Caf du Nord", 1).decode("utf-8-sig")]
    for lignes in NOMBRES:
        for remplace in (None, 1):
            avis = avis_lots.AvisLot(
                mois, "Caf du Nord", 2, remplace, "opposition", lignes, 2, "591", "591/retours", tuple(cpam.values()),
                False, JOUR, JOUR,
            )  # fmt: skip
            textes += ["\n".join(avis_lots.build_depot(avis, reprise=reprise)) for reprise in (False, True)]
            notice = NoticeLot(
                mois, "591", "Caf du Nord", 2, remplace, lignes, ("PA.xlsx",), cpam, False,
                {"opposition": lignes}, JOUR, JOUR, mois_certificat=max(1, lignes % 100),
            )  # fmt: skip
            textes.append(build_lisezmoi(notice).decode("utf-8-sig"))
    textes.append("\n".join(avis_lots.build_suspension(mois, "Caf du Nord", 1, "591")))
    for cause in (lots_refaits.OPPOSITION, lots_refaits.RECTIFICATION):
        for nouvelle in (2, None):
            lots_refaits._announce(cast(Connection, None), str(mois), "591", 1, nouvelle, cause)
    check(textes + envoyes)


@pytest.mark.parametrize("nombre", NOMBRES)
def test_what_the_team_reads_agrees(nombre: int, envoyes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    comptes = SimpleNamespace(
        deposes=nombre, vides=nombre, retenus=nombre, personnes=nombre, caf_retenues=[], motifs=[]
    )
    monkeypatch.setattr(avis_lots, "run_sql", lambda *_, **__: SimpleNamespace(one=lambda: comptes))
    monkeypatch.setattr(avis_lots, "drops_lots", lambda *_: True)
    for mois in MOIS:
        avis_lots.queue_digest(cast(Connection, None), mois)
    retenues = Jugement("conforme", {str(n): "retenu" for n in range(nombre)}, ())
    textes = [
        bulletin_portes._summarize(retenues),
        bulletin_retours._summarize(["retenu"] * nombre),
        ComptesIndicateurs(nombre, nombre, 60).phrase,
        Changements(1, nombre, nombre).phrase,
    ]
    check(textes + envoyes)
