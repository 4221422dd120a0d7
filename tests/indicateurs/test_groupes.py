"""A group of caisses beside the rest: the same formula on fewer caisses, before and since a month."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from exemples import define, mesure
from hypothesis import given, settings
from reseaux import MOIS, NOMBRE_TIRAGES, RESEAU, dictionnaires, histoires
from sqlalchemy import Connection, text

from aller_vers.__main__ import main
from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.groupes import Comparaison, compare_groupe
from aller_vers.indicateurs.modele import Mesure
from aller_vers.socle.groupes import GroupeDeCaisses, load_groupes
from aller_vers.socle.mois import Mois

GROUPE = GroupeDeCaisses(
    "essai", "Essai", date(2024, 12, 1), frozenset({"011", "021"}), frozenset({"011", "059"}), "x"
)
DEPUIS, CALCULES, SEUIL = MOIS[2], MOIS[:4], 5


def compare(
    dictionnaire: list[Indicateur], mesures: list[Mesure], groupe: GroupeDeCaisses = GROUPE
) -> list[Comparaison]:
    return compare_groupe(groupe, dictionnaire, lambda _: mesures, CALCULES, RESEAU, SEUIL, DEPUIS)


@settings(max_examples=NOMBRE_TIRAGES, deadline=None)
@given(dictionnaire=dictionnaires(3), mesures=histoires(CALCULES))
def test_a_group_is_what_a_nation_of_its_caisses_would_be(
    dictionnaire: list[Indicateur], mesures: list[Mesure]
) -> None:
    """The oracle gives the engine the caisses of one side alone, and the months of one side alone."""
    dictionnaire = [i for i in dictionnaire if i.maille in ("caf", "cpam")]
    lues = {(c.code, c.periode): c for c in compare(dictionnaire, mesures)}
    for i in dictionnaire:
        codes = GROUPE.caf if i.maille == "caf" else GROUPE.cpam
        nationale = i.model_copy(update={"periodes": ("origine",)})
        for periode, mois in (("mois", [CALCULES[-1]]), ("avant", CALCULES[:2]), ("depuis", CALCULES[2:])):
            if i.type == "evolution" and periode != "mois":
                assert (i.code, periode) not in lues
                continue
            retenus = [m for m in mois if i.is_valable(m)]
            if not retenus:
                assert (i.code, periode) not in lues
                continue
            lue = lues[i.code, periode]
            assert (lue.du, lue.au) == (str(retenus[0]), str(retenus[-1]))
            for cote, dit in (
                (True, (lue.valeur, lue.statut)),
                (False, (lue.valeur_reste, lue.statut_reste)),
            ):
                siennes = [
                    m
                    for m in mesures
                    if ((m.code_caf if i.maille == "caf" else m.code_cpam) in codes) == cote
                ]
                voulues = compute_valeurs([nationale], siennes, RESEAU, SEUIL, retenus)
                [v] = [
                    v for v in voulues
                    if v.niveau == "national" and v.mois == str(retenus[-1]) and v.periode == ("mois" if periode == "mois" else "origine")
                ]  # fmt: skip
                assert dit == (v.valeur, v.statut), (i.code, periode, cote)


def test_before_and_since_are_told_for_the_group_and_the_rest() -> None:
    taux = define("taux", "ratio", "oui", "tous")
    mesures = [
        mesure(str(m), nom, valeur, caf)
        for m, oui in zip(CALCULES, (1, 1, 3, 3), strict=True)
        for caf, vu in (("011", oui), ("041", 1))
        for nom, valeur in (("oui", vu), ("tous", 4))
    ]
    lues = {c.periode: c for c in compare([taux], mesures)}
    avant, apres = Decimal("0.25"), Decimal("0.75")
    assert {p: (c.valeur, c.valeur_reste) for p, c in lues.items()} == {
        "mois": (apres, avant), "avant": (avant, avant), "depuis": (apres, avant),
    }  # fmt: skip
    seul = compare([taux], mesures, replace(GROUPE, caf=frozenset({"031"})))
    assert {c.statut for c in seul} == {"non_fourni"}


def test_the_groups_are_those_of_the_instruction() -> None:
    groupes = load_groupes()
    assert groupes["pilotes"].caf == {"831", "591", "521", "251", "721", "371", "051"}
    assert groupes["pilotes"].cpam & {"594", "595"} == {"594"}
    assert groupes["pilotes"].depuis == date(2023, 5, 25)
    assert groupes["experimentateurs_ajpp"].caf == {"051", "851", "231", "371", "641"}
    assert groupes["guide_parent_aidant"].caf == {"481", "051", "231", "371", "641"}


def test_the_command_writes_what_the_page_may_read_and_refuses_what_it_does_not_know(
    entrepot: Connection, dsn_role: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    mois = [Mois(2025, 5), Mois(2025, 6)]
    for m in mois:
        for caf, valeur in (("831", 30), ("011", 7)):
            entrepot.execute(
                text(
                    "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur) VALUES (:m, :c, 'demandeurs', 'tous', :v)"
                ),
                {"m": str(m), "c": caf, "v": valeur},
            )
        entrepot.execute(text("INSERT INTO marts.calcul VALUES (:m, now())"), {"m": str(m)})
    entrepot.commit()
    monkeypatch.setenv("AIRFLOW_CONN_AV_PILOTAGE", dsn_role("av_pilotage"))
    sortie = tmp_path / "g.csv"
    assert main(["groupe", "pilotes", "--depuis", "2025-06", "--sortie", str(sortie)]) == 0
    lignes = list(csv.DictReader(sortie.read_text("utf-8-sig").splitlines(), delimiter=";"))
    demandeurs = {
        li["periode"]: (li["valeur"], li["valeur_reste"]) for li in lignes if li["code"] == "demandeurs"
    }
    assert demandeurs == {"mois": ("30", "7"), "avant": ("30", "7"), "depuis": ("30", "7")}
    for faute in (["groupe", "inconnu"], ["groupe", "pilotes", "--mois", "2031-01"]):
        assert main([*faute, "--sortie", str(sortie)]) == 1
    dit = capsys.readouterr().err
    assert "guide_parent_aidant" in dit
    assert "ne sont pas calculés" in dit
