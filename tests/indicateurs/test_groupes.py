"""A group of caisses beside the rest: the same formula on fewer caisses, before and since a month."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from exemples import define, mesure
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reseaux import MOIS, NOMBRE_TIRAGES, RESEAU, dictionnaires, histoires, lignes_denses, store, undone
from sqlalchemy import Connection, text

from aller_vers.__main__ import main
from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.dictionnaire import Indicateur, load_dictionnaire
from aller_vers.indicateurs.groupes import Comparaison, compare_groupe, read_histoire
from aller_vers.indicateurs.marts import compute_indicateurs
from aller_vers.indicateurs.modele import Mesure, Reseau
from aller_vers.mesures.echeances import Echeances
from aller_vers.socle.groupes import GroupeDeCaisses, Membre, load_groupes
from aller_vers.socle.mois import Mois

JOUR = date(2025, 1, 1)
# A third Caf joins the two that began; what is told of the last month is told of the three, in earlier months too.
GROUPE = GroupeDeCaisses(
    "duo", "Essai", "x", {("011", "011"): JOUR, ("021", "059"): JOUR, ("031", "031"): date(2025, 2, 15)}
)
DEPUIS, CALCULES, SEUIL = MOIS[2], MOIS[:4], 5
ATTENTE = Echeances(date(2031, 1, 1), {})
TIRAGES = settings(
    max_examples=NOMBRE_TIRAGES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def compare(
    entrepot: Connection, dictionnaire: list[Indicateur], mesures: list[Mesure], groupe: GroupeDeCaisses = GROUPE,
    mois: Mois = CALCULES[-1],
) -> list[Comparaison]:  # fmt: skip
    with undone(entrepot):
        store(entrepot, mesures)
        entrepot.execute(text("DELETE FROM marts.groupe"))
        entrepot.execute(
            text("INSERT INTO marts.groupe VALUES (:code, 'Essai', :caf, :cpam, :depuis)"),
            [
                {
                    "code": groupe.code,
                    "caf": m.code_caf,
                    "cpam": m.code_cpam,
                    "depuis": m.depuis and str(m.depuis),
                }
                for m in groupe.membres
            ],
        )
        for calcule in CALCULES:
            compute_indicateurs(entrepot, [calcule], dictionnaire, SEUIL, ATTENTE)
        # Other groups are told from other months: what lies between is added up again.
        histoire = read_histoire(entrepot, dictionnaire, mois, [DEPUIS, MOIS[3], MOIS[1], DEPUIS])
        return compare_groupe(histoire, groupe, dictionnaire, DEPUIS, RESEAU, SEUIL, ATTENTE)


@TIRAGES
@given(
    dictionnaire=dictionnaires(3), mesures=histoires(CALCULES) | histoires(CALCULES, lignes_denses),
    mois=st.sampled_from(CALCULES[2:]),
)  # fmt: skip
def test_a_group_is_what_a_nation_of_its_caisses_would_be(
    reseau: Connection, dictionnaire: list[Indicateur], mesures: list[Mesure], mois: Mois
) -> None:
    """The oracle gives the engine the caisses of one side alone, and the months of one side alone."""
    mesures = [m._replace(mesuree_le=None) for m in mesures]
    dictionnaire = [i for i in dictionnaire if i.maille in ("caf", "cpam")]
    lues = {(c.code, c.periode): c for c in compare(reseau, dictionnaire, mesures, mois=mois)}
    dedans = {caisse for caisse, debut in GROUPE.debuts.items() if debut < mois.fin}
    for i in dictionnaire:
        codes = {caisse[i.maille == "cpam"] for caisse in dedans}
        nationale = i.model_copy(update={"periodes": ("origine",)})
        for periode, parmi in (
            ("mois", [mois]),
            ("avant", MOIS[:2]),
            ("depuis", [m for m in CALCULES[2:] if m <= mois]),
        ):
            retenus = [m for m in parmi if i.is_valable(m)]
            lue = lues.get((i.code, periode))
            cotes = []
            for cote in (True, False):
                siennes = [
                    m for m in mesures
                    if ((m.code_caf if i.maille == "caf" else m.code_cpam) in codes) == cote
                ]  # fmt: skip
                voulues = (
                    compute_valeurs([nationale], siennes, Reseau({}, {}), SEUIL, retenus) if retenus else []
                )
                cotes += [
                    (v.valeur, v.statut) for v in voulues
                    if v.niveau == "national" and v.mois == str(retenus[-1])
                    and v.periode == ("mois" if periode == "mois" else "origine")
                ]  # fmt: skip
            if lue is None:
                # Nothing adds up over several months, or nobody gave anything.
                assert (
                    i.type == "evolution"
                    or not cotes
                    or {s for _, s in cotes} <= {"non_fourni", "sans_objet"}
                )
                continue
            assert [(lue.valeur, lue.statut), (lue.valeur_reste, lue.statut_reste)] == cotes, (
                i.code,
                periode,
            )


def test_before_and_since_are_told_for_the_group_and_the_rest(reseau: Connection) -> None:
    """The third Caf counts before and since: in February the group is the three."""
    taux = define("taux", "ratio", "oui", "tous")
    mesures = [
        mesure(str(m), nom, valeur, caf)
        for m, oui in zip(CALCULES, (1, 1, 3, 3), strict=True)
        for caf, vu in (("011", oui), ("031", 4), ("041", 1))
        for nom, valeur in (("oui", vu), ("tous", 4))
    ]
    lues = {c.periode: c for c in compare(reseau, [taux], mesures)}
    quart = Decimal("0.25")
    assert {p: (c.valeur, c.valeur_reste) for p, c in lues.items()} == {
        "mois": (Decimal("0.875"), quart), "avant": (Decimal("0.625"), quart), "depuis": (Decimal("0.875"), quart),
    }  # fmt: skip
    assert {p: (c.du, c.au) for p, c in lues.items()} == {
        "mois": ("2025-02", "2025-02"), "avant": ("2024-11", "2024-12"), "depuis": ("2025-01", "2025-02"),
    }  # fmt: skip
    janvier = {c.periode: (c.valeur, c.valeur_reste) for c in compare(reseau, [taux], mesures, mois=MOIS[2])}
    assert janvier["mois"] == (Decimal("0.75"), Decimal("0.625"))
    assert janvier["avant"] == (quart, Decimal("0.625"))


def test_a_pair_is_in_a_group_if_both_of_its_caisses_are_there_together() -> None:
    """The North has two Cpam in these data, one of which is a pilot: what is counted by pair leaves the other out."""
    reseau = Reseau({"591": "32"}, {"594": "32", "595": "32"}, {"pilotes": [Membre("591", "594", None)]})
    lieux = {
        u: reseau.find_territoires("groupe", u, MOIS[0])
        for u in (("591", "594"), ("591", "595"), ("591", None), (None, "595"))
    }
    assert lieux == {
        ("591", "594"): ["pilotes"], ("591", "595"): ["hors_pilotes"], ("591", None): ["pilotes"],
        (None, "595"): ["hors_pilotes"],
    }  # fmt: skip


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
    store(
        entrepot,
        [mesure(str(m), "demandeurs:tous", n, caf) for m in mois for caf, n in (("831", 30), ("011", 7))],
    )
    for m in mois:
        compute_indicateurs(entrepot, [m], load_dictionnaire(), 5)
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
