"""Defects that come together: what becomes of the month, which Caf are held and warned, and the digest word for word."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from requete_exemples import JUIN
from sqlalchemy import Connection, text

from aller_vers.qualite.bulletin import announce_porte
from aller_vers.qualite.derogations import Derogation
from aller_vers.qualite.libelles import find_libelle
from aller_vers.qualite.regles import load_regles
from aller_vers.requete import publication as requete
from aller_vers.requete.publication import judge_requete
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.mois import Mois

LIEN = "http://airflow.example.org/dags/requete_nationale/runs/essai"
MAINTENANT = datetime(2025, 7, 1, 4, 5, tzinfo=UTC)
DUREE = timedelta(days=30)
JOUR = datetime.now(PARIS).date()  # one day for all, though midnight pass between the collection and the test
NATIONALES_ET_VOLUMES = (
    "caf_absente", "volume_aberrant", "volume_effondre", "volume_eleve", "volume_faible", "volume_national_effondre",
    "volume_national_faible",
)  # fmt: skip
TAUX = {
    "courriel_inutilisable": 0.1,
    "courriel_absent": 0.2,
    "telephone_inutilisable": 0.1,
    "telephone_absent": 0.1,
}
Mensuel = dict[str, tuple[int, dict[str, int]]]
Defaut = Callable[[Mensuel], None]


def seed(code: str, lignes: float = 1, **comptes: int) -> Defaut:
    """Give a Caf another number of people, and counts of what breaks rules among them."""

    def apply(mensuel: Mensuel) -> None:
        n, deja = mensuel[code]
        mensuel[code] = (round(n * lignes), deja | comptes if lignes else dict.fromkeys(deja, 0))

    return apply


def seed_nation(lignes: float) -> Defaut:
    def apply(mensuel: Mensuel) -> None:
        for code, (n, comptes) in mensuel.items():
            mensuel[code] = (round(n * lignes), {r: round(v * lignes) for r, v in comptes.items()})

    return apply


def derogate(code: str, regle: str, limite: int | None = None) -> Derogation:
    return Derogation(
        regle=regle, code_caf=code, mois=str(JUIN), limite=limite, motif="Deux dossiers réunis à tort.", par="Pilotage",
        date=JOUR, expire_le=JOUR + DUREE,
    )  # fmt: skip


def write_mois(etl: Connection, mois: Mois, mensuel: Mensuel) -> None:
    regles = dict.fromkeys((regle.code for regle in load_regles("requete")), 0)
    etl.execute(
        text("INSERT INTO dq.profil_requete VALUES (:m, 'r', :c, true, :n, cast(:k AS jsonb))"),
        [
            {"m": str(mois), "c": code, "n": n, "k": json.dumps(regles | comptes)}
            for code, (n, comptes) in mensuel.items()
        ],
    )
    etl.execute(
        text("INSERT INTO core.publication (mois, run_id, depot, demandeurs, transmissibles)"
             " VALUES (:m, 'r', true, 0, 0)"), {"m": str(mois)},
    )  # fmt: skip


def build_mois(codes: list[str], decalage: int) -> Mensuel:
    """Give every Caf about 40 people, two or three more or less from a month to the next; the Nord 120, Lozère 1."""
    lignes = {c: 38 + (rang + decalage) % 5 for rang, c in enumerate(codes)} | {
        "591": 120 + decalage % 3,
        "481": 1,
    }
    return {c: (n, {r: round(n * t) for r, t in TAUX.items()}) for c, n in lignes.items()}


CAS: dict[str, tuple[list[Defaut], list[Derogation], str, dict[str, str], str, list[str]]] = {
    "nothing": ([], [], "conforme", {}, "", []),
    "two rules on one Caf": (
        [seed("591", identite_dupliquee=2, depot_hors_mois=3)], [], "conforme", {"591": "retenu"}, "1 Caf retenue",
        [
            "retenu : Date de dépôt hors du mois (depot_hors_mois) : 591 · Nord (3)",
            "retenu : La même personne figure plusieurs fois dans le mois (identite_dupliquee) : 591 · Nord (2)",
        ],
    ),
    "one rule on two Caf and a warning on a third": (
        [seed("591", identite_dupliquee=2), seed("831", identite_dupliquee=1), seed("131", sans_contact=38)], [],
        "conforme", {"131": "avertissement", "591": "retenu", "831": "retenu"}, "2 Caf retenues, 1 Caf en avertissement",
        [
            "retenu : La même personne figure plusieurs fois dans le mois (identite_dupliquee) : "
            "591 · Nord (2), 831 · Var (1)",
            "avertissement : Ni courriel ni téléphone utilisable (sans_contact) : 131 · Bouches-du-Rhône (38)",
        ],
    ),
    "a national defect and a local one": (
        [seed_nation(0.3), seed("831", identite_dupliquee=2)], [], "retenu", {"831": "retenu"},
        "le mois est retenu, 1 Caf retenue",
        [
            "retenu : La même personne figure plusieurs fois dans le mois (identite_dupliquee) : 831 · Var (2)",
            "retenu : {volume_national_effondre} (volume_national_effondre) : la nation (2856)",
            "avertissement : {volume_national_faible} (volume_national_faible) : la nation (2856)",
        ],
    ),
    "a derogation for one of two Caf": (
        [seed("591", identite_dupliquee=2), seed("831", identite_dupliquee=1)],
        [derogate("831", "identite_dupliquee")],
        "conforme", {"591": "retenu", "831": "avertissement"}, "1 Caf retenue, 1 Caf en avertissement",
        [
            "retenu : La même personne figure plusieurs fois dans le mois (identite_dupliquee) : 591 · Nord (2)",
            "avertissement : La même personne figure plusieurs fois dans le mois (identite_dupliquee) : 831 · Var, "
            "dérogation jusqu'au {expire} : Deux dossiers réunis à tort. (Pilotage, le {jour}) (1)",
        ],
    ),
    "a derogation that two Caf have, whose limit one exceeds": (
        [seed("591", identite_dupliquee=2), seed("831", identite_dupliquee=3)],
        [derogate("591", "identite_dupliquee", 2), derogate("831", "identite_dupliquee", 2)],
        "conforme", {"591": "avertissement", "831": "retenu"}, "1 Caf retenue, 1 Caf en avertissement",
        [
            "retenu : La même personne figure plusieurs fois dans le mois (identite_dupliquee) : 831 · Var, "
            "dérogation limite de 2 dépassée : Deux dossiers réunis à tort. (Pilotage, le {jour}) (3)",
            "avertissement : La même personne figure plusieurs fois dans le mois (identite_dupliquee) : 591 · Nord, "
            "dérogation jusqu'au {expire} : Deux dossiers réunis à tort. (Pilotage, le {jour}) (2)",
        ],
    ),
    "a derogation for one rule of the two that a Caf breaks": (
        [seed("831", identite_dupliquee=1, depot_hors_mois=1)], [derogate("831", "identite_dupliquee")],
        "conforme", {"831": "retenu"}, "1 Caf retenue",
        [
            "retenu : Date de dépôt hors du mois (depot_hors_mois) : 831 · Var (1)",
            "avertissement : La même personne figure plusieurs fois dans le mois (identite_dupliquee) : 831 · Var, "
            "dérogation jusqu'au {expire} : Deux dossiers réunis à tort. (Pilotage, le {jour}) (1)",
        ],
    ),
    "a Caf that is absent and another that doubled": (
        [seed("591", 0), seed("131", 2.6)], [], "conforme", {"131": "retenu", "591": "retenu"}, "2 Caf retenues",
        [
            "retenu : {caf_absente} (caf_absente) : 591 · Nord (123)",
            "retenu : {volume_aberrant} (volume_aberrant) : 131 · Bouches-du-Rhône (109)",
            "retenu : {volume_effondre} (volume_effondre) : 591 · Nord (123)",
            "avertissement : {volume_eleve} (volume_eleve) : 131 · Bouches-du-Rhône (109)",
            "avertissement : {volume_faible} (volume_faible) : 591 · Nord (123)",
        ],
    ),
    "fields that swapped places, and the shares that follow": (
        [seed("591", champs_inverses=100, courriel_inutilisable=110, telephone_inutilisable=110, sans_contact=105)], [],
        "conforme", {"591": "retenu"}, "1 Caf retenue",
        [
            "retenu : Courriel et téléphone échangés (champs_inverses) : 591 · Nord (100)",
            "avertissement : Courriel renseigné mais inutilisable (courriel_inutilisable) : 591 · Nord (110)",
            "avertissement : Ni courriel ni téléphone utilisable (sans_contact) : 591 · Nord (105)",
            "avertissement : Téléphone renseigné mais inutilisable (telephone_inutilisable) : 591 · Nord (110)",
        ],
    ),
}  # fmt: skip


@pytest.fixture
def passe(etl: Connection) -> list[str]:
    """Publish the six months before; return the codes of the 101 Caf."""
    codes = list(etl.scalars(text("SELECT code_caf FROM marts.caf ORDER BY code_caf")))
    assert len(codes) == 101
    for rang in range(6):
        write_mois(etl, JUIN.shift(rang - 6), build_mois(codes, rang))
    return codes


def test_each_combination_has_its_verdicts_and_its_digest_word_for_word(
    etl: Connection, passe: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mots = {code: find_libelle(code) for code in NATIONALES_ET_VOLUMES}
    mots |= {"jour": f"{JOUR:%d/%m/%Y}", "expire": f"{JOUR + DUREE:%d/%m/%Y}"}
    for nom, (defauts, derogations, nation, par_caf, resume, lignes) in CAS.items():
        with etl.begin_nested() as essai:
            mensuel = build_mois(passe, 7)
            for defaut in defauts:
                defaut(mensuel)
            write_mois(etl, JUIN, mensuel)
            monkeypatch.setattr(requete, "load_derogations", lambda _, entrees=derogations: entrees)
            jugement = judge_requete(etl, JUIN, "r")
            assert jugement.nation == nation, nom
            assert {c: d for c, d in jugement.par_caf.items() if d != "conforme"} == par_caf, nom
            assert len(jugement.par_caf) == 101
            announce_porte(etl, "requete", JUIN, jugement, LIEN, MAINTENANT)
            avis = etl.execute(text("SELECT destinataire, objet, corps FROM suivi.avis")).all()
            texte = "\n- ".join(("Nouveau :", *(ligne.format(**mots) for ligne in lignes)))
            assert [tuple(a) for a in avis] == (
                [
                    (
                        "equipe_nationale",
                        f"Proches aidants : porte de la requête, juin 2025 : {resume}",
                        f"{texte}\n\nVoir l'exécution : {LIEN}",
                    )
                ]
                if lignes
                else []
            ), nom
            essai.rollback()
