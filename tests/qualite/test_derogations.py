"""Derogations: what an entry softens, for whom, until when; and every entry that is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from aller_vers.qualite.derogations import DOSSIER, Derogation, apply_derogations, load_derogations
from aller_vers.qualite.suites import Severite
from aller_vers.qualite.verdicts import Jugement, Manquement, conclude, save_jugement
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois

JUIN, JOUR = Mois(2025, 6), date(2025, 7, 3)
ENTREE = Derogation(
    regle="depot_hors_mois", code_caf="831", mois="2025-06", motif="Reprise de deux dossiers de mai, vue avec la Caf.",
    par="Responsable national", date=date(2025, 7, 2), expire_le=date(2025, 7, 31),
)  # fmt: skip
LIGNES = """\
derogations:
  - regle: depot_hors_mois
    code_caf: "831"
    mois: "2025-06"
    limite: 4
    motif: Reprise de deux dossiers de mai, vue avec la Caf.
    par: Responsable national
    date: 2025-07-02
    expire_le: 2025-07-31
"""


def fault(
    code_caf: str | None = "831",
    regle: str = "depot_hors_mois",
    severite: Severite = "critical",
    nombre: int | None = 3,
) -> Manquement:
    return Manquement(code_caf, regle, severite, nombre)


def judge(*manquements: Manquement) -> Jugement:
    return conclude(["831", "061"], manquements)


def change(**autre: object) -> Derogation:
    return Derogation.model_validate({**ENTREE.model_dump(), **autre})


def test_a_hold_becomes_a_warning_for_that_caf_that_rule_and_that_month_alone() -> None:
    autres = (fault("061"), fault(regle="prestation_inconnue"), fault(None, "extrait_vide"))
    adouci = apply_derogations(judge(fault()), [ENTREE], JUIN, JOUR)
    assert adouci.par_caf == {"831": "avertissement", "061": "conforme"}
    [manquement] = adouci.manquements
    assert manquement.derogation == (
        "jusqu'au 31/07/2025 : Reprise de deux dossiers de mai, vue avec la Caf. (Responsable national, le 02/07/2025)"
    )
    for autre in autres:
        jugement = judge(fault(), autre)
        adouci = apply_derogations(jugement, [ENTREE], JUIN, JOUR)
        assert adouci.manquements[1] == autre
        assert adouci.nation == jugement.nation
    assert apply_derogations(judge(fault("061")), [ENTREE], JUIN, JOUR).par_caf["061"] == "retenu"
    assert apply_derogations(judge(fault()), [ENTREE], Mois(2025, 7), JOUR) == judge(fault())


def test_another_rule_still_holds_the_caf() -> None:
    adouci = apply_derogations(judge(fault(), fault(regle="prestation_inconnue")), [ENTREE], JUIN, JOUR)
    assert adouci.par_caf["831"] == "retenu"


def test_a_warning_becomes_nothing_but_stays_visible() -> None:
    adouci = apply_derogations(judge(fault(severite="warning")), [ENTREE], JUIN, JOUR)
    assert adouci.par_caf["831"] == "conforme"
    assert len(adouci.manquements) == 1


@pytest.mark.parametrize(("nombre", "tenu"), [(1, False), (4, False), (5, True), (None, True)])
def test_a_limit_is_the_number_up_to_which_the_entry_holds(nombre: int | None, tenu: bool) -> None:
    adouci = apply_derogations(judge(fault(nombre=nombre)), [change(limite=4)], JUIN, JOUR)
    assert adouci.par_caf["831"] == ("retenu" if tenu else "avertissement")
    assert (adouci.manquements[0].derogation or "").startswith("limite de 4 dépassée") == tenu


@pytest.mark.parametrize(("jour", "tenu"), [(date(2025, 7, 31), False), (date(2025, 8, 1), True)])
def test_an_entry_that_has_expired_softens_nothing_and_says_so(jour: date, tenu: bool) -> None:
    adouci = apply_derogations(judge(fault()), [ENTREE], JUIN, jour)
    assert adouci.par_caf["831"] == ("retenu" if tenu else "avertissement")
    assert (adouci.manquements[0].derogation or "").startswith("expirée le 31/07/2025") == tenu


def test_a_rule_that_could_not_be_evaluated_holds_whatever_the_entry() -> None:
    inconnu = Manquement("831", "depot_hors_mois", "warning", None, evaluee=False)
    adouci = apply_derogations(judge(inconnu), [ENTREE], JUIN, JOUR)
    assert adouci.par_caf["831"] == "retenu"
    assert (adouci.manquements[0].derogation or "").startswith("sans effet, règle non évaluée")


def test_a_caf_that_does_not_exist_gets_no_verdict_of_its_own_by_the_way() -> None:
    jugement = Jugement("retenu", {"831": "retenu"}, (fault(), fault("999", "caf_inconnue")))
    assert set(apply_derogations(jugement, [ENTREE], JUIN, JOUR).par_caf) == {"831"}


def test_what_became_of_an_entry_is_kept_with_the_verdict(
    entrepot: Connection, dsn_role: Callable[[str], str]
) -> None:
    with open_transaction(dsn_role("av_qualite"), "av_qualite") as qualite:
        save_jugement(
            qualite, Mois(2025, 6), "requete", "r1", apply_derogations(judge(fault()), [ENTREE], JUIN, JOUR)
        )
    lignes = entrepot.execute(
        text("SELECT verdict, derogation FROM dq.verdict WHERE code_caf = '831' ORDER BY regle")
    ).all()
    assert [ligne.verdict for ligne in lignes] == ["avertissement", "avertissement"]
    assert [bool(ligne.derogation) for ligne in lignes] == [True, False]


def load(dossier: Path, texte: str) -> tuple[Derogation, ...]:
    (dossier / "requete_nationale.yml").write_text(texte, encoding="utf-8")
    return load_derogations("requete_nationale", dossier)


def test_a_complete_entry_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, LIGNES) == (change(limite=4),)


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        ("    mois: ", "    note: x\n    mois: ", "note"),
        ('    mois: "2025-06"\n', "", "mois"),
        ('"2025-06"', '"2025-13"', "n'est pas un mois"),
        ("    par: Responsable national\n", "", "par"),
        ("Reprise de deux dossiers de mai, vue avec la Caf.", "bof", "motif"),
        ("vue avec la Caf", "vue avec zoe@example.org", "donnée personnelle"),
        ("vue avec la Caf", "vue au 01 99 00 12 34", "donnée personnelle"),
        ("    date: 2025-07-02\n", "", "date"),
        ("    expire_le: 2025-07-31\n", "", "expire_le"),
        ("expire_le: 2025-07-31", "expire_le: 2025-07-02", "92 jours"),
        ("expire_le: 2025-07-31", "expire_le: 2025-12-31", "92 jours"),
        ("expire_le: 2025-07-31", "expire_le: jamais", "expire_le"),
        ("depot_hors_mois", "depot_hors_moi", "règles inconnues : depot_hors_moi"),
        ("depot_hors_mois", "extrait_vide", "règles inconnues : extrait_vide"),
        ('"831"', '"999"', "Caf inconnues : 999"),
        ('"831"', "831", "code_caf"),
        ("limite: 4", "limite: 0", "limite"),
        ("limite: 4", "limite: 4\n    limite: 5", "clé en double"),
        ("derogations:\n", "derogations: [\n", "pas du YAML"),
        ("derogations:", "dispenses:", "dispenses"),
    ],
)
def test_an_entry_with_a_fault_is_refused_and_a_person_s_value_not_repeated(
    tmp_path: Path, avant: str, apres: str, dit: str
) -> None:
    assert avant in LIGNES
    with pytest.raises(ErreurAllerVers, match=r"derogations/requete_nationale\.yml est refusé") as refus:
        load(tmp_path, LIGNES.replace(avant, apres, 1))
    assert dit in refus.value.constat
    assert "example.org" not in refus.value.constat
    assert "99 00" not in refus.value.constat


def test_the_same_entry_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ErreurAllerVers, match="en double : depot_hors_mois/831/2025-06"):
        load(tmp_path, LIGNES + LIGNES.removeprefix("derogations:\n"))


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ErreurAllerVers, match="FileNotFoundError"):
        load_derogations("requete_nationale", tmp_path)


@pytest.mark.parametrize("fichier", sorted(DOSSIER.glob("*.yml")), ids=lambda f: f.stem)
def test_every_shipped_file_is_read(fichier: Path) -> None:
    load_derogations(fichier.stem)
    assert [f.stem for f in DOSSIER.glob("*.yml")] == ["requete_nationale"]
