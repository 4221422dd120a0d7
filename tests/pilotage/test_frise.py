"""The steps of a lot: done once every Cpam has reached them, late once the first day that is due has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection, text

from aller_vers.pilotage.etats import DEPOSE, RETENU, VIDE, SuiviCaf, load_etats
from aller_vers.pilotage.frise import Destinataire, build_frise
from aller_vers.pilotage.recus import ETATS_RETOUR, RetourRecu
from aller_vers.socle.mois import Mois
from aller_vers.suivi.evenements import record_evenement

JOUR = date(2025, 9, 10)
SUIVI = SuiviCaf(
    "591", "591 · Nord", DEPOSE, 1, 12, None, datetime(2025, 8, 1, 9, tzinfo=UTC), date(2025, 8, 8), 2, 0, None, 0, 0,
    None,
)  # fmt: skip
LILLE = Destinataire("594", "Cpam de Lille-Douai", None, None, None, None, None, None, None, None, None)
FLANDRES = replace(LILLE, code_cpam="595", nom_cpam="Cpam des Flandres")


def send(cpam: Destinataire, jour: int = 5) -> Destinataire:
    return replace(
        cpam, etat="transmis", transmis_le=date(2025, 8, jour), accuse_le=date(2025, 8, jour + 1),
        rendu_du_le=date(2025, 9, jour), a_detruire_avant=date(2025, 11, jour),
    )  # fmt: skip


def see(
    *destinataires: Destinataire, rendus: tuple[str, ...] = (), suivi: SuiviCaf = SUIVI
) -> dict[str, str]:
    recus = [
        RetourRecu("591", "Nord", c, c, "mensuel", "2025-07", datetime(2025, 9, 1, tzinfo=UTC), ETATS_RETOUR["compte"])
        for c in rendus
    ]  # fmt: skip
    jalons = build_frise(suivi, date(2025, 8, 1), destinataires, recus, JOUR)
    return {
        j.titre: " ".join(filter(None, [j.avancement, j.phrase, str(j.le or ""), f"< {j.du_le}" if j.du_le else ""]))
        for j in jalons
    }  # fmt: skip


def test_a_lot_that_nobody_was_sent_is_late_and_nothing_further_is_due() -> None:
    vue = see(LILLE, FLANDRES)
    assert list(vue) == [
        "Demandé",
        "Déposé",
        "Transmis",
        "Accusé",
        "Rendu",
        "Détruit par la Cpam",
        "Détruit ici",
    ]
    assert vue["Demandé"] == "fait Requête jugée 2025-08-01"
    assert vue["Déposé"] == "fait Sur le partage 2025-08-01"
    assert vue["Transmis"] == "alerte 0 Cpam sur 2 < 2025-08-08"
    assert vue["Accusé"] == vue["Rendu"] == "a_venir 0 Cpam sur 2"


def test_a_step_is_done_once_the_last_cpam_has_reached_it() -> None:
    un = see(send(LILLE), FLANDRES)
    assert un["Transmis"] == "alerte 1 Cpam sur 2 < 2025-08-08"
    assert un["Accusé"] == "en_cours 1 Cpam sur 2"
    deux = see(send(LILLE, 5), send(FLANDRES, 20), rendus=("594",))
    assert deux["Transmis"] == "fait 2 Cpam sur 2 2025-08-20"
    assert deux["Accusé"] == "fait 2 Cpam sur 2 2025-08-21"
    # The return of Lille came: what is due is that of Flandres, later.
    assert deux["Rendu"] == "en_cours 1 Cpam sur 2 < 2025-09-20"
    assert see(send(LILLE), send(FLANDRES, 20))["Rendu"] == "alerte 0 Cpam sur 2 < 2025-09-05"
    assert deux["Détruit par la Cpam"] == "en_cours 0 Cpam sur 2 < 2025-11-05"


def test_a_cpam_with_nobody_in_the_lot_is_not_waited_for() -> None:
    vue = see(send(LILLE), replace(FLANDRES, etat="rien_a_transmettre"), rendus=("594",))
    assert vue["Rendu"] == "fait 1 Cpam sur 1 2025-09-01"


@pytest.mark.parametrize(
    ("suivi", "attendus"),
    [
        (replace(SUIVI, etat=RETENU, depose_le=None), {"Déposé": "alerte Retenu", "Transmis": "a_venir À venir"}),
        (replace(SUIVI, etat=VIDE), {"Transmis": "fait Rien à transmettre", "Détruit ici": "a_venir À venir"}),
    ],
)  # fmt: skip
def test_a_held_lot_and_an_empty_one_say_so(suivi: SuiviCaf, attendus: dict[str, str]) -> None:
    vue = see(suivi=suivi)
    assert {cle: vue[cle] for cle in attendus} == attendus


def test_a_former_version_that_is_destroyed_does_not_destroy_the_one_that_replaced_it(
    entrepot: Connection,
) -> None:
    mois = Mois(2025, 8)
    for version, etat, cpam, preuve in (
        (1, "depose", None, {"lignes": 5, "identite": "a"}),
        (1, "transmis", "831", {"date_transmission": "2025-09-02", "portail": "peps", "lignes": 5}),
        (2, "depose", None, {"lignes": 4, "identite": "b"}),
        (1, "traite", "831", {"date_fin_traitement": "2025-09-03"}),
        (1, "detruit", "831", {"date_destruction": "2025-09-04"}),
    ):
        record_evenement(
            entrepot, mois=mois, code_caf="831", version=version, etat=etat, acteur="essai", preuve=preuve,
            code_cpam=cpam,
        )  # fmt: skip
    [suivi] = [s for s in load_etats(entrepot, mois, JOUR, 5) if s.code_caf == "831"]
    assert (suivi.etat, suivi.version, suivi.transmis_le, suivi.detruits) == (DEPOSE, 2, None, 0)


def test_a_cpam_with_nobody_hides_neither_the_sending_nor_the_lateness_of_the_others(
    entrepot: Connection,
) -> None:
    mois, tard = Mois(2025, 8), date(2027, 1, 1)

    def record(etat: str, cpam: str | None, preuve: dict[str, object]) -> tuple[str, int, int]:
        record_evenement(
            entrepot,
            mois=mois,
            code_caf="591",
            version=1,
            etat=etat,
            acteur="essai",
            preuve=preuve,
            code_cpam=cpam,
        )
        [suivi] = [s for s in load_etats(entrepot, mois, tard, 5) if s.code_caf == "591"]
        return suivi.etat.code, suivi.transmis, suivi.destinataires

    cpam = [
        c
        for (c,) in entrepot.execute(
            text("SELECT code_cpam FROM marts.convention WHERE code_caf = '591' ORDER BY 1")
        )
    ]
    assert record("depose", None, {"lignes": 5, "identite": "a"}) == ("retard", 0, len(cpam))
    for rang, code in enumerate(cpam[1:], 1):
        assert record("rien_a_transmettre", code, {"lignes": 0}) == ("retard", 0, len(cpam) - rang)
    envoi = {"date_transmission": "2025-09-02", "portail": "peps", "lignes": 5}
    assert record("transmis", cpam[0], envoi) == ("transmis", 1, 1)
    # What was said of another is corrected: it was sent too.
    assert record("transmis", cpam[1], envoi) == ("transmis", 2, 2)
    assert record("rien_a_transmettre", cpam[0], {"lignes": 0}) == ("transmis", 1, 1)
    assert record("rien_a_transmettre", cpam[1], {"lignes": 0, "apres": 1}) == ("vide", 0, 0)
