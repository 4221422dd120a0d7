"""Reminders by business days: one a lot and a step, never twice; overdue lots, late certificates, a simulated portal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from registre import AUJOURD_HUI, MENSUEL, Registre

from aller_vers.retours.accuse import Accuse
from aller_vers.retours.portail import PortailSimule, send_lots
from aller_vers.retours.relances import (
    Attendue,
    Certificat,
    Copie,
    find_etape,
    list_destructions,
    list_en_attente,
    list_retours_en_retard,
    remind,
)
from aller_vers.socle.calendrier import count_jours_ouvres
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from aller_vers.suivi.evenements import record_evenement

REGLAGES = Reglages()
NUL = {"caf": 0, "equipe": 0, "certificats": 0, "retours": 0, "copies": 0, "conventions": 0}


def run(registre: Registre, jour: date, reglages: Reglages = REGLAGES) -> dict[str, int]:
    with registre.open() as entrepot:
        return remind(entrepot, jour, reglages)


def read_cles(registre: Registre) -> list[str]:
    """Return the notices' keys, but for the receipts of the files that a Caf gives."""
    ordre = "SELECT cle FROM suivi.avis WHERE cle NOT LIKE 'recu/%' ORDER BY cree_le, cle"
    return [c for (c,) in registre.run(ordre)]


def list_attente(registre: Registre, role: str = "av_etl") -> list[tuple[str, str, int]]:
    with registre.open(role) as connexion:
        return [(a.code_caf, a.code_cpam, a.version) for a in list_en_attente(connexion)]


@pytest.mark.parametrize(
    ("debut", "fin", "jours"),
    [
        (date(2025, 7, 1), date(2025, 7, 1), 0),
        (date(2025, 7, 4), date(2025, 7, 7), 1),
        (date(2025, 7, 1), date(2025, 7, 15), 9),
        (date(2025, 7, 15), date(2025, 7, 1), 0),
        (date(2025, 12, 24), date(2025, 12, 26), 1),
    ],
)
def test_business_days_leave_out_week_ends_and_holidays(debut: date, fin: date, jours: int) -> None:
    assert count_jours_ouvres(debut, fin) == jours


@pytest.mark.parametrize(("jours", "etape"), [(0, None), (4, None), (5, 5), (9, 5), (10, 10), (40, 10)])
def test_the_step_is_the_last_one_reached(jours: int, etape: int | None) -> None:
    assert find_etape(jours, (5, 10)) == etape


def test_day_by_day_each_step_is_told_once_and_a_holiday_tells_nothing(registre: Registre) -> None:
    registre.drop()
    recues = {}
    for n in range(45):
        jour = date(2025, 7, 1) + timedelta(days=n)
        for _ in range(2):
            comptes = run(registre, jour)
            if comptes != NUL:
                recues[jour] = comptes
    assert recues == {
        date(2025, 7, 8): NUL | {"caf": 1},
        date(2025, 7, 16): NUL | {"caf": 1},  # 14 July does not count
        date(2025, 7, 23): NUL | {"equipe": 1},
    }
    assert read_cles(registre) == [
        "relance/2025-06/831/v1/J5", "relance/2025-06/831/v1/J10", "relance/2025-06/831/v1/equipe",
    ]  # fmt: skip
    assert registre.run("SELECT DISTINCT destinataire FROM suivi.avis ORDER BY 1") == [
        ("caf:831",), ("equipe_nationale",),
    ]  # fmt: skip
    corps = registre.run("SELECT corps FROM suivi.avis WHERE cle LIKE '%J5'")[0][0]
    for mot in ("juin 2025", "5 jours ouvrés", "Cpam du Var (831)", "ACCUSE_831_202506.csv", "831/retours ;"):
        assert mot in corps


def test_a_reminder_names_the_share_as_the_caf_knows_it(registre: Registre) -> None:
    registre.drop()
    run(registre, date(2025, 7, 8), REGLAGES.model_copy(update={"nom_partage": r"\\serveur\aller-vers"}))
    [(corps,)] = registre.run("SELECT corps FROM suivi.avis")
    assert r"le déposer dans \\serveur\aller-vers\831\retours ;" in corps


def test_after_a_silence_one_reminder_leaves_not_all_of_them(registre: Registre) -> None:
    registre.drop()
    assert run(registre, date(2025, 8, 20)) == NUL | {"caf": 1, "equipe": 1}
    assert read_cles(registre) == ["relance/2025-06/831/v1/J10", "relance/2025-06/831/v1/equipe"]


def test_what_is_acknowledged_empty_held_or_destroyed_is_not_awaited(registre: Registre) -> None:
    for caf, autres in (
        ("831", {}), ("061", {"lignes": 0}), ("131", {"etat": "retenu"}), ("011", {}), ("021", {}),
    ):  # fmt: skip
        registre.drop(caf, **autres)
    registre.acknowledge("831", "831", 40)
    registre.drop("011", etat="expire")
    assert list_attente(registre) == [("021", "021", 1)]
    registre.drop("021", etat="retenu", version=2)
    assert list_attente(registre) == []


def test_a_cpam_that_is_held_for_want_of_a_convention_is_not_awaited(registre: Registre) -> None:
    registre.drop("591", lignes=100)
    with registre.open() as entrepot:
        record_evenement(
            entrepot, mois="2025-06", code_caf="591", version=1, code_cpam="594", etat="retenu",
            acteur="depots_caf", motif="aucune convention en vigueur", preuve={"lignes": 3},
        )  # fmt: skip
    assert list_attente(registre) == [("591", cpam, 1) for cpam in ("595", "597", "599")]
    registre.judge()
    registre.publish()
    assert {cpam for _, cpam, _ in registre.mesures("transmissions")} == {"595", "597", "599"}


def test_a_new_version_awaits_its_own_acknowledgement(registre: Registre) -> None:
    registre.drop()
    registre.acknowledge()
    assert list_attente(registre) == []
    registre.drop(version=2, lignes=39, le=date(2025, 7, 10))
    assert list_attente(registre) == [("831", "831", 2)]
    assert run(registre, date(2025, 7, 18))["caf"] == 1
    # The former version is owed too: its copy is to be destroyed.
    assert read_cles(registre) == [
        "relance/2025-06/831/v2/J5", "relance/copie/2025-06/831/v1/831/2025-07-10/J5",
    ]  # fmt: skip


def test_each_cpam_of_a_caf_is_awaited_in_one_reminder(registre: Registre) -> None:
    registre.drop("591", lignes=100)
    registre.acknowledge("591", "594", 60)
    registre.acknowledge("591", "597", 0)
    assert list_attente(registre) == [("591", "595", 1), ("591", "599", 1)]
    assert run(registre, date(2025, 7, 8))["caf"] == 1
    corps = registre.run("SELECT corps FROM suivi.avis WHERE cle LIKE 'relance/%'")[0][0]
    assert "(595)" in corps
    assert "(599)" in corps
    assert "(594)" not in corps


def test_the_steps_are_settings(registre: Registre) -> None:
    registre.drop()
    reglages = Reglages(relances_caf_jours=(2,), relance_equipe_jours=3)
    assert run(registre, date(2025, 7, 3), reglages) == NUL | {"caf": 1}
    assert run(registre, date(2025, 7, 4), reglages) == NUL | {"equipe": 1}


def test_a_late_certificate_is_listed_reminded_once_and_escalated(registre: Registre) -> None:
    registre.drop(lignes=120)
    registre.acknowledge(lignes=120)
    registre.put("r.csv", f"{MENSUEL}831;831;2025-06;;10;;;;;;;15/07/2025;\n")
    assert registre.collect_retours().pris == 1
    registre.judge()
    registre.publish()
    with registre.open("av_pilotage") as pilotage:
        assert list_destructions(pilotage, date(2025, 8, 15), 1, 45) == ()
        [certificat] = list_destructions(pilotage, date(2025, 8, 16), 1, 45)
        assert list_destructions(pilotage, date(2025, 9, 15), 2, 45) == (), "the delay is a setting"
        [plus_tard] = list_destructions(pilotage, date(2025, 9, 16), 2, 45)
    assert isinstance(certificat, Certificat)
    assert (certificat.code_cpam, certificat.a_detruire_avant) == ("831", date(2025, 8, 15))
    assert isinstance(plus_tard, Certificat)
    assert plus_tard.a_detruire_avant == date(2025, 9, 15)
    assert run(registre, date(2025, 8, 16)) == NUL | {"certificats": 1}
    assert run(registre, date(2025, 8, 20)) == NUL
    assert run(registre, date(2025, 9, 8)) == NUL | {"certificats": 1}
    assert read_cles(registre) == ["certificat/2025-06/831/831", "certificat/2025-06/831/831/equipe"]
    registre.put("r.csv", f"{MENSUEL}831;831;2025-06;;10;;;;;;;15/07/2025;18/08/2025\n")
    assert registre.collect_retours().pris == 1
    registre.judge("r2")
    registre.publish("r2")
    with registre.open() as entrepot:
        assert list_destructions(entrepot, date(2025, 9, 8), 1, 45) == ()
    certifie: dict[Any, int] = {("831", "831", "attendues"): 1, ("831", "831", "certifiees"): 1,
                                ("831", "831", "dans_le_mois"): 0}  # fmt: skip
    assert registre.mesures("destructions_cpam") == certifie


def test_a_cpam_that_says_nothing_is_listed_reminded_by_steps_and_escalated(registre: Registre) -> None:
    registre.drop(lignes=120)
    registre.acknowledge(lignes=120)  # sent on the 4th of July: due on the 18th of August
    with registre.open("av_pilotage") as pilotage:
        assert list_retours_en_retard(pilotage, date(2025, 8, 18), 45) == ()
        [retard] = list_retours_en_retard(pilotage, date(2025, 8, 19), 45)
    assert (retard.code_cpam, retard.du_le) == ("831", date(2025, 8, 18))
    assert run(registre, date(2025, 8, 19)) == NUL | {"retours": 1}
    assert run(registre, date(2025, 8, 20)) == NUL
    assert run(registre, date(2025, 8, 25)) == NUL | {"retours": 1}
    assert run(registre, date(2025, 9, 8)) == NUL | {"retours": 2}, "the last step, and the team"
    registre.put("r.csv", f"{MENSUEL}831;831;2025-06;;10;;;;;;;;\n")
    assert registre.collect_retours().pris == 1
    registre.judge()
    registre.publish()
    with registre.open() as entrepot:
        assert list_retours_en_retard(entrepot, date(2025, 9, 8), 45) == ()


def test_a_silent_cpam_owes_its_certificate_too(registre: Registre) -> None:
    registre.drop(lignes=120)
    registre.acknowledge(lignes=120)
    with registre.open("av_pilotage") as pilotage:
        assert list_destructions(pilotage, date(2025, 9, 18), 1, 45) == ()
        [certificat] = list_destructions(pilotage, date(2025, 9, 19), 1, 45)
    assert isinstance(certificat, Certificat)
    assert (certificat.date_fin_traitement, certificat.a_detruire_avant) == (None, date(2025, 9, 18))


def take_certificat(registre: Registre, version: int, le: str) -> int:
    registre.put(
        "c.csv", f"code_cpam;code_caf;mois;version;date_destruction\n831;831;2025-06;{version};{le}\n"
    )
    return registre.collect_retours().pris


@pytest.mark.parametrize("place", ["remplacee", "retenue"])
def test_a_version_that_no_longer_stands_is_destroyed_and_certified_by_each_cpam(
    registre: Registre, place: str
) -> None:
    registre.drop(lignes=120)
    registre.acknowledge(lignes=120)
    with registre.open("av_pilotage") as pilotage:
        assert list_destructions(pilotage, date(2025, 7, 10), 1, 45) == ()
    registre.drop(
        lignes=110, version=2, le=date(2025, 7, 10), etat="depose" if place == "remplacee" else "retenu"
    )
    with registre.open("av_pilotage") as pilotage:
        [copie] = list_destructions(pilotage, date(2026, 1, 1), 1, 45)  # told once, as a copy
    assert isinstance(copie, Copie)
    assert (copie.version, copie.code_cpam, copie.place, copie.depuis) == (1, "831", place, date(2025, 7, 10))
    assert run(registre, date(2025, 7, 10))["copies"] == 1
    assert run(registre, date(2025, 7, 11))["copies"] == 0
    assert run(registre, date(2025, 8, 1))["copies"] == 2, "the last step, and the team"
    assert take_certificat(registre, 1, "11/07/2025") == 1, registre.motifs()
    with registre.open("av_pilotage") as pilotage:
        assert list_destructions(pilotage, date(2025, 7, 10), 1, 45) == ()
    assert registre.events("detruit") == [("detruit", "831", 1, "831")]
    registre.publish()
    assert registre.mesures("destructions_cpam") == {
        ("831", "831", "attendues"): 1, ("831", "831", "certifiees"): 1, ("831", "831", "dans_le_mois"): 1,
    }  # fmt: skip


def test_a_former_version_s_certificate_says_nothing_of_the_one_in_place(registre: Registre) -> None:
    registre.drop(lignes=120)
    registre.acknowledge(lignes=120)
    registre.drop(lignes=110, version=2, le=date(2025, 7, 10))
    registre.acknowledge(lignes=110, version=2, le="11/07/2025")
    assert take_certificat(registre, 1, "12/07/2025") == 1, registre.motifs()
    registre.put("r.csv", f"{MENSUEL}831;831;2025-06;;10;;;;;;;15/07/2025;\n")
    assert registre.collect_retours().pris == 1
    registre.judge()
    registre.publish()
    assert registre.mesures("destructions_cpam") == {
        ("831", "831", "attendues"): 2, ("831", "831", "certifiees"): 1, ("831", "831", "dans_le_mois"): 1,
    }  # fmt: skip
    with registre.open() as entrepot:
        [certificat] = list_destructions(entrepot, date(2025, 8, 16), 1, 45)
    assert isinstance(certificat, Certificat)
    assert certificat.date_fin_traitement == date(2025, 7, 15)


def test_the_return_of_the_month_certifies_every_version_that_had_gone(registre: Registre) -> None:
    registre.drop(lignes=120)
    registre.acknowledge(lignes=120)
    registre.drop(lignes=110, version=2, le=date(2025, 7, 10))
    registre.acknowledge(lignes=110, version=2, le="11/07/2025")
    registre.put("r.csv", f"{MENSUEL}831;831;2025-06;;10;;;;;;;15/07/2025;15/07/2025\n")
    assert registre.collect_retours().pris == 1
    registre.judge()
    registre.publish()
    assert registre.events("detruit") == [("detruit", "831", 2, "831"), ("detruit", "831", 1, "831")]


@pytest.mark.parametrize(
    ("version", "le", "motif"),
    [(2, "11/07/2025", "aucune transmission de la version 2"), (1, "03/07/2025", "n'est pas entre sa transmission"),
     (1, "21/08/2025", "n'est pas entre sa transmission"), (1, "", "Aucun certificat n'est complété")],
)  # fmt: skip
def test_a_certificate_that_cannot_be_true_is_refused(
    registre: Registre, version: int, le: str, motif: str
) -> None:
    registre.drop(lignes=120)
    registre.acknowledge(lignes=120)
    assert take_certificat(registre, version, le) == 0
    assert motif in registre.motifs()["c.csv"]
    assert registre.events("detruit") == []


def test_a_simulated_portal_notes_and_claims_nothing(registre: Registre) -> None:
    registre.drop()
    portail = PortailSimule([])
    with registre.open() as entrepot:
        assert send_lots(entrepot, portail, list_en_attente(entrepot)) == 0
    assert [a.code_caf for a in portail.demandes] == ["831"]
    assert registre.events() == []
    assert list_attente(registre) == [("831", "831", 1)]


def test_a_portal_that_does_send_is_recorded_as_what_it_acknowledges(registre: Registre) -> None:
    class Vrai:
        def send(self, attendue: Attendue) -> Accuse | None:
            return Accuse(
                attendue.code_caf, Mois.parse(attendue.mois), attendue.version, attendue.code_cpam, 40, "peps",
                AUJOURD_HUI, "P-1",
            )  # fmt: skip

    registre.drop()
    with registre.open() as entrepot:
        assert send_lots(entrepot, Vrai(), list_en_attente(entrepot)) == 1
    assert registre.run("SELECT acteur FROM suivi.evenement WHERE etat = 'transmis'") == [("portail peps",)]
