"""Acknowledgements: checked against the ledger, then in it; refused with a sentence that an agent can act on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fichiers_recus import make_xlsx
from registre import ACCUSE, AUJOURD_HUI, Registre
from sqlalchemy.exc import DBAPIError

from aller_vers.retours.accuse import Accuse, record_transmission
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois

BON = Accuse("831", Mois(2025, 6), 1, "831", 40, "bluefiles", date(2025, 7, 4), "BF-2025-17")
PREUVE = {
    "date_transmission": "2025-07-04", "portail": "bluefiles", "lignes": 40, "reference": "BF-2025-17",
    "jours_ouvres": 3, "dans_les_delais": True,
}  # fmt: skip


def read_preuves(registre: Registre) -> list[Any]:
    return [
        p
        for (p,) in registre.run("SELECT preuve FROM suivi.evenement WHERE code_cpam IS NOT NULL ORDER BY id")
    ]


def test_a_completed_acknowledgement_is_in_the_ledger_once_and_its_file_is_put_away(
    registre: Registre,
) -> None:
    registre.drop()
    contenu = f"{ACCUSE}831;2025-06;1;831;40;BlueFiles;04/07/2025;BF-2025-17\n"
    for tour in range(2):
        registre.put("ACCUSE_831_202506.csv", contenu)
        assert registre.collect_accuses().pris == 1, registre.motifs()
        assert registre.events() == [("transmis", "831", 1, "831")], f"time {tour}"
    assert read_preuves(registre) == [PREUVE]
    assert registre.files() == {"retours": [], "traites": ["ACCUSE_831_202506.csv"]}


def test_excel_may_have_taken_zeros_made_dates_and_a_month_of_its_own(registre: Registre) -> None:
    registre.drop("011", mois="2025-06", lignes=12)
    lignes = [
        ["Code Caf", "Mois", "Version", "Code Cpam", "Lignes", "Portail", "Date transmission", "Référence"],
        [11, date(2025, 6, 1), 1, 11, 12.0, "PEPS", date(2025, 7, 4), None],
    ]
    registre.put("accusé.xlsx", make_xlsx(lignes), "011")
    assert registre.collect_accuses("011").pris == 1, registre.motifs("011")
    assert registre.events() == [("transmis", "011", 1, "011")]
    registre.put("accuse.csv", f"{ACCUSE}11;juin-25;v1;11;12,0;peps;04/07/25;\n".encode("cp1252"), "011")
    assert registre.collect_accuses("011").pris == 1, registre.motifs("011")
    assert len(registre.events()) == 1, "it says the same"


def test_a_caf_with_several_cpam_says_each_and_zero_is_an_answer(registre: Registre) -> None:
    registre.drop("591", lignes=100)
    registre.put(
        "a.csv",
        f"{ACCUSE}591;2025-06;1;594;60;bluefiles;04/07/2025;\n591;2025-06;1;595;40;peps;07/07/2025;\n"
        "591;2025-06;1;597;0;bluefiles;04/07/2025;\n591;2025-06;1;599;;;;\n",
        "591",
    )
    assert registre.collect_accuses("591").pris == 1, registre.motifs("591")
    assert registre.events() == [
        ("transmis", "591", 1, "594"), ("transmis", "591", 1, "595"), ("rien_a_transmettre", "591", 1, "597"),
    ]  # fmt: skip


def test_a_caisse_commune_hands_its_lot_over_inside(registre: Registre) -> None:
    registre.drop("051", lignes=3)
    registre.acknowledge("051", "051", 3, portail="interne")
    assert registre.events() == [("transmis", "051", 1, "051")]


def test_a_correction_is_added_and_a_correction_of_it_too(registre: Registre) -> None:
    registre.drop()
    for lignes in (40, 38, 40):
        registre.acknowledge(lignes=lignes)
    assert [p["lignes"] for p in read_preuves(registre)] == [40, 38, 40]
    assert registre.run("SELECT preuve ->> 'lignes' FROM suivi.destinataire") == [("40",)]
    registre.acknowledge(lignes=40)
    assert len(read_preuves(registre)) == 3


FAUX: list[tuple[str, str]] = [
    ("831;2025-06;2;831;40;peps;04/07/2025;", "Aucun lot 2025-06 version 2"),
    ("831;2025-05;1;831;40;peps;04/07/2025;", "Aucun lot 2025-05 version 1"),
    ("831;2025-06;1;131;40;peps;04/07/2025;", "Aucune convention n'était en vigueur"),
    ("831;2025-06;1;831;41;peps;04/07/2025;", "compte 40 personne"),
    ("831;2025-06;1;831;40;interne;04/07/2025;", "écrire bluefiles ou peps"),
    ("831;2025-06;1;831;40;courriel;04/07/2025;", "colonne portail attend bluefiles"),
    ("831;2025-06;1;831;40;peps;30/06/2025;", "entre le dépôt du lot"),
    ("831;2025-06;1;831;40;peps;21/08/2025;", "entre le dépôt du lot"),
    ("831;2025-06;1;831;40;peps;2025-13-01;", "colonne date_transmission attend une date"),
    ("831;2025-06;1;831;40;peps;;ref", "date_transmission est vide"),
    ("831;2025-06;1;831;40;;04/07/2025;", "portail est vide"),
    ("831;2025-06;1;831;;peps;04/07/2025;", "lignes est vide"),
    ("831;2025-06;1;831;4,5;peps;04/07/2025;", "colonne lignes attend un nombre entier"),
    ("831;2025-06;1;831;quarante;peps;04/07/2025;", "colonne lignes attend un nombre"),
    ("831;2025-06;1;831;-4;peps;04/07/2025;", "colonne lignes attend un nombre"),
    ("831;juin;1;831;40;peps;04/07/2025;", "colonne mois attend un mois"),
    ("831;2025-06;0;831;40;peps;04/07/2025;", "numéro de version"),
    ("831;2025-06;1;999;40;peps;04/07/2025;", "code de Cpam connu"),
    ("131;2025-06;1;131;40;peps;04/07/2025;", "celui de la Caf 131, pas de la Caf 831"),
    ("831;2025-06;1;831;;;;", "Aucune ligne de l'accusé n'est complétée"),
    (f"831;2025-06;1;831;40;peps;04/07/2025;{'x' * 81}", "référence de l'envoi"),
]  # fmt: skip


def test_what_cannot_be_true_is_put_back_with_its_reason_and_nothing_is_recorded(registre: Registre) -> None:
    registre.drop()
    for rang, (ligne, _) in enumerate(FAUX):
        registre.put(f"a{rang:02}.csv", f"{ACCUSE}{ligne}\n")
    assert registre.collect_accuses().refuses == len(FAUX)
    motifs = registre.motifs()
    for rang, (ligne, motif) in enumerate(FAUX):
        assert motif in motifs[f"a{rang:02}.csv"], ligne
        assert "À faire : " in motifs[f"a{rang:02}.csv"]
    assert registre.events() == []
    files = registre.files()
    assert files["retours"] == []
    assert len(files["refuses"]) == 2 * len(FAUX)


def test_one_false_row_leaves_the_whole_file_out_and_each_fault_is_told(registre: Registre) -> None:
    registre.drop("591", lignes=100)
    registre.put(
        "a.csv",
        f"{ACCUSE}591;2025-06;1;594;60;peps;04/07/2025;\n591;2025-06;1;595;60;peps;04/07/2025;\n"
        "591;2025-06;1;597;1;peps;04/07/2024;\n",
        "591",
    )
    assert registre.collect_accuses("591").refuses == 1
    motif = registre.motifs("591")["a.csv"]
    assert "ligne 3 : Le lot 2025-06 version 1 compte 100 personnes, et 60 sont déjà accusées" in motif
    assert "ligne 4" in motif
    assert registre.events() == []


def test_the_same_recipient_twice_in_a_file_is_a_doubt(registre: Registre) -> None:
    registre.drop()
    ligne = "831;2025-06;1;831;40;peps;04/07/2025;\n"
    registre.put("a.csv", f"{ACCUSE}{ligne}{ligne}")
    assert registre.collect_accuses().refuses == 1
    assert "une autre ligne est pour le même lot" in registre.motifs()["a.csv"]


@pytest.mark.parametrize(
    "reference",
    [
        "BF 831 202506 0001",
        "2025-07-04 10:30:12",
        "1234567.89",
        "7f1c2a3b-0199-4001-8234-0199001234aa",
        "0.2.41.7",
    ],
)
def test_a_reference_that_is_nobody_s_is_in_the_ledger_whatever_its_figures(
    registre: Registre, reference: str
) -> None:
    registre.drop()
    with registre.open() as entrepot:
        assert record_transmission(entrepot, replace(BON, reference=reference), "831", AUJOURD_HUI)
    assert read_preuves(registre) == [PREUVE | {"reference": reference}]


def test_a_personal_reference_destroys_the_file_and_keeps_the_reason_alone(registre: Registre) -> None:
    registre.drop()
    registre.put("a.csv", f"{ACCUSE}831;2025-06;1;831;40;peps;04/07/2025;Claire 01 99 00 12 34\n")
    bilan = registre.collect_accuses()
    assert (bilan.detruits, bilan.refuses, bilan.pris) == (1, 0, 0)
    assert registre.files() == {"retours": [], "refuses": ["a.csv.motif.txt"]}
    assert "99" not in registre.motifs()["a.csv"]
    assert registre.events() == []


def test_the_page_records_as_its_user_and_says_the_same_twice_once(registre: Registre) -> None:
    registre.drop()
    for attendu in (True, False):
        with registre.open("av_pilotage") as pilotage:
            assert record_transmission(pilotage, BON, "marie.martin", AUJOURD_HUI) is attendu
    assert registre.run("SELECT acteur, preuve FROM suivi.evenement WHERE code_cpam IS NOT NULL") == [
        ("marie.martin", PREUVE)
    ]


@pytest.mark.parametrize(
    ("champs", "motif"),
    [
        ({"version": 3}, "Aucun lot"),
        ({"code_cpam": "131"}, "Aucune convention"),
        ({"lignes": 41}, "compte 40"),
        ({"portail": "courriel"}, "portail"),
        ({"date_transmission": date(2025, 8, 21)}, "date d'envoi"),
        ({"reference": "claire@example.org"}, "référence"),
    ],
)
def test_the_page_s_form_is_told_in_french_what_cannot_be(
    registre: Registre, champs: dict[str, Any], motif: str
) -> None:
    registre.drop()
    with registre.open("av_pilotage") as pilotage, pytest.raises(ErreurAllerVers, match=motif):
        record_transmission(pilotage, replace(BON, **champs), "marie.martin", AUJOURD_HUI)
    assert registre.events() == []


SAISIE = {
    "date_transmission": "2025-07-04", "portail": "peps", "lignes": 1, "reference": "", "jours_ouvres": 3,
    "dans_les_delais": True,
}  # fmt: skip


FAUSSES_SAISIES: list[dict[str, Any]] = [
    {"lignes": -1}, {"lignes": 41}, {"lignes": None}, {"portail": "courriel"}, {"portail": None},
    {"date_transmission": "2099-01-01"}, {"date_transmission": None}, {"reference": "claire@example.org"},
    {"reference": "tél 06-39 98 00 12"}, {"reference": "1 84 12 76 451 089 46"}, {"reference": "x" * 81},
    {"nom": "Martin"},
]  # fmt: skip


def test_the_ledger_itself_refuses_what_a_wrong_caller_would_write(registre: Registre) -> None:
    registre.drop()
    ordre = "SELECT suivi.transmettre('2025-06', '831', 1, '831', 'marie', CAST(:p AS jsonb))"
    for fausse in FAUSSES_SAISIES:
        with pytest.raises(DBAPIError, match="CheckViolation"):
            registre.run(ordre, "av_pilotage", p=json.dumps(SAISIE | fausse))
    assert registre.run(ordre, "av_pilotage", p=json.dumps(SAISIE)) == [(True,)]


def test_neither_av_diffusion_nor_av_qualite_may_record(registre: Registre) -> None:
    for role in ("av_diffusion", "av_qualite"):
        with pytest.raises(DBAPIError, match="permission denied"):
            registre.run("SELECT suivi.transmettre('2025-06', '831', 1, '831', 'x', '{}')", role)
    with pytest.raises(DBAPIError, match="permission denied"):
        registre.run("SELECT suivi.declarer('2025-06', '831', 1, '831', 'detruit', 'x', '{}')", "av_pilotage")
