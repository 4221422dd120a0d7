"""The templates of the declared measures: what they offer is what is accepted."""

from __future__ import annotations

from pathlib import Path

from aller_vers.__main__ import main
from aller_vers.mesures.declarees import load_mesures_declarees
from aller_vers.mesures.modeles import COLONNES, build_modeles
from aller_vers.retours.fichiers.tableau import read_tableau
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.reglages_reception import Limites

LIMITES = Limites.of(Reglages())


def test_chaque_mesure_declaree_a_ses_lignes_dans_le_modele_csv_comme_dans_le_classeur() -> None:
    declarees = load_mesures_declarees()
    attendues = [(m.code, modalite) for m in declarees.values() for modalite in m.modalites or ("",)]
    modeles = build_modeles(declarees.values())
    for nom in ("modele_mesures.csv", "modele_mesures.xlsx"):
        tableau = read_tableau(modeles[nom], nom, LIMITES)
        assert tableau.colonnes == COLONNES
        assert [(c["mesure"], c["modalite"]) for _, c in tableau.rows()] == attendues
        assert {c["valeur"] + c["code_caf"] + c["periode"] for _, c in tableau.rows()} == {""}


def test_la_notice_dit_de_chaque_mesure_qui_la_donne_et_comment_ecrire_sa_periode() -> None:
    notice = build_modeles(load_mesures_declarees().values())["LISEZMOI.txt"].decode("utf-8-sig")
    notice = " ".join(notice.split())
    assert (
        "population_eligible : Personnes éligibles à l'AJPA ou à l'AJPP dans l'année, par prestation."
        in notice
    )
    assert (
        "code_caf rempli, code_cpam vide ; période : annee, écrite 2025 ; modalités : ajpa, ajpp." in notice
    )
    for code in load_mesures_declarees():
        assert f"{code} : " in notice


def test_les_memes_mesures_donnent_les_memes_octets() -> None:
    declarees = list(load_mesures_declarees().values())
    assert build_modeles(declarees) == build_modeles(declarees)
    assert build_modeles(declarees[1:]) != build_modeles(declarees)


def test_la_commande_ecrit_les_modeles_dans_un_dossier(tmp_path: Path) -> None:
    assert main(["modeles-mesures", "--sortie", str(tmp_path)]) == 0
    assert {f.name for f in tmp_path.iterdir()} == {
        "modele_mesures.csv",
        "modele_mesures.xlsx",
        "LISEZMOI.txt",
    }
    assert main(["modeles-mesures", "--sortie", str(tmp_path / "absent")]) == 1
