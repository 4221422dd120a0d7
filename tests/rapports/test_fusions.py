"""A Caf merged into another: its months stay its own, count under its successor, and nothing is lost nor shown."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from rapports_exemples import make_case
from sqlalchemy import Connection, text

from aller_vers.diffusion.publication import read_cases
from aller_vers.diffusion.vues import SENSIBLES
from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.marts import compute_indicateurs
from aller_vers.indicateurs.modele import Valeur
from aller_vers.indicateurs.porte import profile_marts
from aller_vers.partage.partage import Partage
from aller_vers.rapports.ecriture import write_rapports
from aller_vers.rapports.fusions import add_valeurs, fold_anciennes
from aller_vers.rapports.sources import read_sources
from aller_vers.socle.dossiers_reference import find_installe
from aller_vers.socle.mois import Mois
from aller_vers.socle.reference_deposee import apply_reference
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import Reglages

MAI, JUIN = Mois(2025, 5), Mois(2025, 6)
DICTIONNAIRE = [i for i in load_dictionnaire() if i.mesures <= {"demandeurs", "contacts_utilisables"}]


def store(entrepot: Connection, mois: Mois, demandeurs: dict[str, int]) -> None:
    entrepot.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)"
            " VALUES (:mois, :caf, :mesure, :modalite, :v)"
        ),
        [
            {"mois": str(mois), "caf": caf, "mesure": mesure, "modalite": modalite, "v": n}
            for caf, d in demandeurs.items()
            for mesure, modalite, n in (
                ("demandeurs", "tous", d),
                ("contacts_utilisables", "tous", d),
                ("contacts_utilisables", "courriel", d // 3),
            )
        ],
    )


def merge_var(depot: Path) -> None:
    """Write a reference where the Var ends with June 2025, merged into the Alpes-de-Haute-Provence."""
    for nom, avant, apres in (
        ("caf.csv", ";Var;;", ";Var;;2025-06-30"),
        ("caf.csv", "041;Caf des Alpes-de-Haute-Provence;04;775549371;;",
         "041;Caf des Alpes-de-Haute-Provence;04;775549371;831;"),
        ("convention.csv", "831;831;2025-05-16;;", "831;831;2025-05-16;2025-06-30;"),
        ("convention.csv", "041;041;2025-05-16;;;;;oui\n", "041;041;2025-05-16;;;;;oui\n041;831;2025-07-01;;;;;oui\n"),
    ):  # fmt: skip
        deja = depot / nom
        texte = (deja if deja.exists() else find_installe() / nom).read_text(encoding="utf-8")
        assert texte.count(avant) == 1, (nom, avant)
        deja.write_text(texte.replace(avant, apres), encoding="utf-8")


@pytest.fixture
def fusion(entrepot: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """Give a warehouse where May was computed before the merger, and June after."""
    entrepot.execute(text("SET ROLE av_etl"))
    store(entrepot, MAI, {code: 6 if code == "831" else 30 for code in load_caf()})
    compute_indicateurs(entrepot, [MAI], DICTIONNAIRE, 5)
    depot = tmp_path / "depot"
    depot.mkdir()
    monkeypatch.setenv("AV_DEPOT_REFERENCE", str(depot))
    merge_var(depot)
    apply_reference(entrepot, acteur="marie", motif="fusion des deux Caf", exemples=True)
    # The source still gives three people to the former code.
    store(entrepot, JUIN, {code: 3 if code == "831" else 30 for code in load_caf()})
    compute_indicateurs(entrepot, [JUIN], DICTIONNAIRE, 5)
    return entrepot


def read_demandeurs(entrepot: Connection, mois: Mois, niveau: str) -> dict[str, Decimal]:
    lignes = entrepot.execute(
        text(
            "SELECT territoire, valeur FROM marts.indicateur"
            " WHERE code = 'demandeurs' AND mois = :mois AND niveau = :niveau"
        ),
        {"mois": str(mois), "niveau": niveau},
    )
    return {li.territoire: li.valeur for li in lignes}


def test_a_merged_caf_is_expected_no_more_what_bears_its_code_is_its_successor_s_and_its_past_stays(
    fusion: Connection,
) -> None:
    juin = read_demandeurs(fusion, JUIN, "caf")
    assert (len(juin), juin["041"], "831" in juin) == (100, 33, False)
    assert read_demandeurs(fusion, JUIN, "national") == {"FR": 3003}
    compute_indicateurs(fusion, [MAI], DICTIONNAIRE, 5)  # a month of before, computed again
    mai = read_demandeurs(fusion, MAI, "caf")
    assert (len(mai), mai["041"], mai["831"]) == (101, 30, 6)
    for mois, jugees in ((MAI, 102), (JUIN, 101)):  # the nation, and the Caf of the month
        comptes = profile_marts(fusion, mois, DICTIONNAIRE, 5)
        assert {r: n for r, n in comptes["FR"].items() if n} == {}
        assert len(comptes) == jugees


def test_twelve_months_of_the_successor_count_the_former_caf_and_its_report_says_so(
    fusion: Connection, tmp_path: Path
) -> None:
    sources = read_sources(fusion, JUIN, load_dictionnaire(), read_cases(fusion, JUIN), Reglages())
    write_rapports(Partage(tmp_path.as_uri()), sources, "national", "cpam")
    assert not (tmp_path / "831" / "rapports").exists()
    page = (tmp_path / "041" / "rapports" / "2025-06" / "rapport_041_202506.html").read_text(encoding="utf-8")
    assert "Y compris l&#39;ancienne Caf du Var (831), jusqu&#39;au 30/06/2025." in page
    [courriels] = [
        v for v in sources.valeurs["caf", "041"][MAI] if (v.code, v.version) == ("taux_courriel_valide", 1)
    ]
    assert (courriels.numerateur, courriels.denominateur) == (12, 36)
    assert courriels.valeur == Decimal("0.333333333333")
    avant = read_sources(fusion, MAI, load_dictionnaire(), read_cases(fusion, MAI), Reglages())
    assert avant.anciennes == {}, "the report of a month of before is of the Caf of that month"
    assert avant.valeurs["caf", "831"]


def make_valeur(code: str, caf: str, numerateur: str, denominateur: str, statut: str = "definitif") -> Valeur:
    n, d = Decimal(numerateur), Decimal(denominateur)
    return make_case(
        code, MAI, str(n / d), statut, territoire=caf, numerateur=numerateur, denominateur=denominateur
    ).valeur  # fmt: skip


@pytest.mark.parametrize(
    ("statuts", "attendu"),
    [
        (("definitif", "definitif"), ("definitif", Decimal("0.2"))),
        (("definitif", "provisoire"), ("provisoire", Decimal("0.2"))),
        (("definitif", "non_fourni"), ("non_fourni", None)),
        (("provisoire", "pas_encore_du"), ("pas_encore_du", None)),
    ],
)
def test_a_sum_says_the_worst_of_what_its_parts_say(
    statuts: tuple[str, str], attendu: tuple[str, Decimal | None]
) -> None:
    [taux] = [i for i in DICTIONNAIRE if i.code == "taux_courriel_valide"]
    valeurs = [
        make_valeur(taux.code, caf, n, d, s)
        for (caf, n, d), s in zip((("041", "1", "15"), ("831", "4", "10")), statuts, strict=True)
    ]
    somme = add_valeurs(taux, valeurs)
    assert (somme.statut, somme.valeur) == attendu


def test_what_was_too_small_to_be_seen_of_one_is_not_told_by_the_sum() -> None:
    sensible = next(i for i in load_dictionnaire() if i.mesures & SENSIBLES and i.type == "ratio")
    for petit, vus in (("2", 0), ("6", 1)):
        valeurs = {
            ("caf", "041"): {MAI: [make_valeur(sensible.code, "041", "20", "40")]},
            ("caf", "831"): {MAI: [make_valeur(sensible.code, "831", petit, "30")]},
        }
        [plie] = fold_anciennes(valeurs, {"041": [load_caf()["831"]]}, load_dictionnaire(), 5).values()
        assert len(plie[MAI]) == vus, (
            "the successor knows its own twenty: the other two would be a difference"
        )
