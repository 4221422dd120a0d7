"""A Caf's and a Cpam's report: what to do before when, counts over twelve months, sheets that a screen reader reads."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from rapports_exemples import JUIN, make_case
from sqlalchemy import Connection, text

from aller_vers.diffusion.modele import Case
from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.entonnoir import Place
from aller_vers.rapports.caisse import DouzeMois, RapportCaisse, add_up, build_lignes
from aller_vers.rapports.classeur_caisse import build_classeur_caisse
from aller_vers.rapports.contenu import Figure
from aller_vers.rapports.echanges import Acte, Echanges, read_echanges
from aller_vers.rapports.feuilles import Nombre, find_hauteur
from aller_vers.rapports.page import build_page_caisse
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from aller_vers.suivi.evenements import record_evenement

DICTIONNAIRE = load_dictionnaire()
COURRIEL, DEMANDEURS = ("taux_courriel_valide", 1), ("demandeurs", 1)


def make_mois(code: str, nombre: int, statut: str = "definitif") -> list[Case]:
    """Give twelve months, the n-th of n over ``nombre``."""
    return [
        make_case(
            code, JUIN.shift(n - 11), str(Decimal(n + 1) / nombre), statut, numerateur=str(n + 1), denominateur=str(nombre)
        )
        for n in range(12)
    ]  # fmt: skip


def make_rapport(actes: tuple[Acte, ...] = ()) -> RapportCaisse:
    cases = {
        COURRIEL: make_mois(COURRIEL[0], 15),
        DEMANDEURS: [make_case("demandeurs", JUIN.shift(-n), "15", numerateur="15") for n in range(12)],
        ("taux_lots_deposes", 1): [make_case("taux_lots_deposes", JUIN, None, "non_fourni")],
        ("taux_droits_ouverts_ajpa", 1): [
            make_case(
                "taux_droits_ouverts_ajpa", JUIN, "0.5", "provisoire", numerateur="2", denominateur="4",
                definitif_le=date(2025, 11, 3),
            )
        ],
    }  # fmt: skip
    nation = {COURRIEL: DouzeMois(Decimal(700), Decimal(1000), Decimal("0.7"), 12)}
    lignes = build_lignes(JUIN, DICTIONNAIRE, cases, nation, {COURRIEL: Place("au_dessous", "99,8 %")}, {})
    return RapportCaisse("Caf du Var", "Var", JUIN, date(2025, 7, 22), "Note.", actes, (), lignes)


def test_a_month_is_counts_twelve_are_a_rate_beside_the_published_nation_and_what_chance_explains() -> None:
    page = build_page_caisse(make_rapport(), "Cpam").decode()
    [ligne] = re.findall(r"Demandeurs avec un courriel valide</th>(.*?)</tr>", page, flags=re.DOTALL)
    # 1 + 2 + … + 12 of 12 × 15.
    textes = [t.strip() for t in re.findall(r">([^<>]+)<", ligne) if t.strip()]
    assert textes == ["12 sur 15", "78 sur 180", "43,3\u202f%", "70,0\u202f%", "nettement au-dessous"]
    assert page.count("80,0\u202f%") == 0  # 12 of 15, a month's percentage
    assert "Non fourni : Lots déposés." in page
    assert "provisoire jusqu&#39;au 03/11/2025" in page
    assert ">15 par mois<" in page  # people whom two months may both count are no sum
    assert "Rien à faire" in page


def test_only_what_can_no_longer_move_is_added_up_and_a_quantile_never() -> None:
    definitions = {(i.code, i.version): i for i in DICTIONNAIRE}
    cases = [*make_mois(COURRIEL[0], 15)[:3], *make_mois(COURRIEL[0], 15, "provisoire")[3:]]
    assert (
        add_up(definitions[COURRIEL], cases) == DouzeMois(Decimal(6), Decimal(45), Decimal(6) / 45, 3)
        or add_up(definitions[COURRIEL], cases).mois == 3
    )  # type: ignore[union-attr]
    trois = add_up(definitions[COURRIEL], cases)
    assert trois is not None
    assert (trois.numerateur, trois.denominateur, trois.mois) == (6, 45, 3)
    assert add_up(definitions["delai_decision_median_ajpa", 1], cases) is None
    peu = add_up(definitions[COURRIEL], cases, 50)
    assert peu is not None
    assert peu.valeur is None


def test_every_sheet_is_one_named_table_under_its_title_no_cell_is_merged_and_the_cover_leads_to_each() -> (
    None
):
    acte = Acte("Transmettre le lot.", date(2025, 7, 8), True)
    classeur = openpyxl.load_workbook(io.BytesIO(build_classeur_caisse(make_rapport((acte,)), "Cpam")))
    assert classeur.sheetnames == ["Lisez-moi", "À faire", "Chiffres", "Définitions"]
    assert [classeur["Lisez-moi"].cell(r, 1).value for r in (7, 8, 9)] == classeur.sheetnames[1:]
    noms = set()
    for feuille in classeur:
        assert feuille["A1"].value
        assert not feuille.merged_cells.ranges
        [tableau] = feuille.tables.values()
        noms.add(tableau.displayName)
        assert feuille.print_area
        rangees = list(feuille[tableau.ref])
        assert rangees[-1][0].row == feuille.max_row
        assert all(any(c.value is not None for c in rangee) for rangee in rangees)
        if feuille.title != "Lisez-moi":
            assert feuille.freeze_panes == "B4"
    assert len(noms) == 4
    lignes = {ligne[0]: ligne for ligne in classeur["Chiffres"].iter_rows(min_row=4, values_only=True)}
    courriel = lignes["Demandeurs avec un courriel valide"]
    assert courriel[2:6] == (12, 15, 78, 180)
    assert courriel[6] == pytest.approx(78 / 180)
    assert courriel[8:10] == (0.7, "nettement au-dessous")
    assert lignes["Lots déposés"][2] == "non fourni"
    assert next(classeur["À faire"].iter_rows(min_row=4, values_only=True)) == (
        "Transmettre le lot.", "08/07/2025", "en retard",
    )  # fmt: skip


def record(
    entrepot: Connection, mois: str, etat: Any, le: str, cpam: str | None = None, **preuve: object
) -> None:
    record_evenement(
        entrepot, mois=Mois.parse(mois), code_caf="831", version=1, etat=etat, acteur="essai", preuve=preuve,
        code_cpam=cpam,
    )  # fmt: skip
    entrepot.execute(
        text(
            "UPDATE suivi.evenement SET cree_le = CAST(:le AS timestamptz) WHERE id = (SELECT max(id) FROM suivi.evenement)"
        ),
        {"le": f"{le} 06:05 Europe/Paris"},
    )


@pytest.fixture
def echanges(entrepot: Connection) -> Echanges:
    """Give the Var: July not sent, June sent without a return, May returned and not certified, April empty."""
    record(entrepot, "2025-07", "depose", "2025-08-01", lignes=14)
    for mois, depose, transmis in (
        ("2025-06", "2025-07-01", "2025-07-04"),
        ("2025-05", "2025-06-02", "2025-06-06"),
    ):
        record(entrepot, mois, "depose", depose, lignes=15)
        record(entrepot, mois, "transmis", transmis, "831", date_transmission=transmis, lignes=15)
    record(entrepot, "2025-05", "traite", "2025-07-18", "831", date_fin_traitement="2025-07-10")
    record(entrepot, "2025-04", "depose", "2025-05-19", lignes=0)
    entrepot.execute(
        text(
            "INSERT INTO staging.retour (forme, cle, periode, depot, mois, code_caf, code_cpam, contenu, verdict, recu_le)"
            " VALUES ('mensuel', 'x', '2025-05', '831', '2025-05', '831', '831', '{}', 'conforme',"
            " '2025-07-18 08:00 Europe/Paris')"
        )
    )
    return read_echanges(entrepot, Mois(2025, 1), Mois(2025, 7), Reglages())


def test_what_is_to_be_done_is_told_with_its_day_the_late_first_and_each_side_has_its_own(
    echanges: Echanges,
) -> None:
    caf = echanges.of_caf("831")
    assert [(a.quoi, a.avant) for a in caf.list_actes_caf()] == [
        (
            "Transmettre le lot de juillet 2025 (14 personnes) : Cpam du Var, et déposer l'accusé.",
            date(2025, 8, 8),
        ),
        ("Obtenir le certificat de destruction du lot de mai 2025 : Cpam du Var.", date(2025, 8, 10)),
        ("Obtenir le retour de juin 2025 : Cpam du Var.", date(2025, 8, 18)),
    ]
    assert [(a.quoi, a.avant) for a in echanges.of_cpam("831").list_actes_cpam()] == [
        ("Détruire le fichier de mai 2025 et rendre le certificat à la Caf 831 · Var.", date(2025, 8, 10)),
        ("Rendre le retour de juin 2025 (15 personnes) à la Caf 831 · Var.", date(2025, 8, 18)),
        ("Détruire le fichier de juin 2025 et rendre le certificat à la Caf 831 · Var.", date(2025, 9, 18)),
    ]
    assert all(a.is_en_retard == (a.avant < echanges.jour) for a in caf.list_actes_caf())
    etapes = {str(e.mois): e.list_etapes(date(2025, 8, 12)) for e in caf.lignes}
    assert etapes == {
        "2025-07": ("en retard, dû le 08/08/2025", "–", "–"),
        "2025-06": ("le 04/07/2025", "avant le 18/08/2025", "avant le 18/09/2025"),
        "2025-05": ("le 06/06/2025", "le 18/07/2025", "en retard, dû le 10/08/2025"),
        "2025-04": ("rien à transmettre", "–", "–"),
    }
    assert [str(e.mois) for e in echanges.of_cpam("831").lignes] == ["2025-06", "2025-05"]
    assert echanges.of_caf("061").lignes == ()


def test_a_row_is_as_high_as_the_word_that_stands_for_a_number_needs() -> None:
    attendu = Nombre(Figure(None, "pas_encore_du", date(2026, 12, 22)))
    sans, avec = Nombre(Figure(None, "")), Nombre(Figure(Decimal(30), "pas_encore_du", date(2026, 12, 22)))
    assert [find_hauteur(("Lots", n), (50, 17)) for n in (sans, avec, attendu)] == [16, 16, 29]
