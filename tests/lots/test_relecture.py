"""Lots read back: every defect is found, for the right Caf and no other."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable

import pytest
import xlsxwriter
from lots_exemples import CLAIRE, JUIN, PAUL, Depot

from aller_vers.erreurs import ErreurAllerVers
from aller_vers.lots.choix import drops_lots
from aller_vers.lots.partage import Partage
from aller_vers.lots.relecture import check_lots, check_mois

ENTETE = ["courriel", "telephone", "code_postal"]


@pytest.fixture
def mois_depose(depot: Depot) -> Depot:
    """Give a month of three Caf, each with its lot."""
    depot.run("DELETE FROM marts.caf WHERE code_caf NOT IN ('061', '831', '051')")
    depot.publish({"061": [("zoe@example.org", None, "06000")], "831": [CLAIRE, PAUL], "051": []})
    for caf in ("061", "831", "051"):
        depot.write(caf)
    return depot


def read_defects(depot: Depot) -> dict[str | None, set[str]]:
    with depot.connect() as entrepot:
        jugement = check_lots(entrepot, Partage(str(depot.racine)), JUIN)
    defauts: dict[str | None, set[str]] = {}
    for m in jugement.manquements:
        if m.code_caf:
            defauts.setdefault(m.code_caf, set()).add(m.regle)
    assert jugement.par_caf == {
        caf: "retenu" if caf in defauts else "conforme" for caf in ("051", "061", "831")
    }
    return defauts


def change_manifeste(depot: Depot, **valeurs: object) -> None:
    chemin = depot.lot() / "manifeste.json"
    chemin.write_text(json.dumps({**json.loads(chemin.read_bytes()), **valeurs}))


def forge_classeur(octets: bytes) -> Callable[[Depot], None]:
    """Put another workbook into the lot, and its sum into the manifest: only its content tells."""

    def forge(depot: Depot) -> None:
        (depot.lot() / "PA_831_202506_v1.xlsx").write_bytes(octets)
        fichiers = json.loads((depot.lot() / "manifeste.json").read_bytes())["fichiers"]
        fichiers[0].update(octets=len(octets), sha256=hashlib.sha256(octets).hexdigest())
        change_manifeste(depot, fichiers=fichiers)

    return forge


def make_classeur(*rangees: list[object], feuilles: int = 1) -> bytes:
    tampon = io.BytesIO()
    with xlsxwriter.Workbook(tampon) as classeur:
        for _ in range(feuilles):
            feuille = classeur.add_worksheet()
            for numero, rangee in enumerate(rangees):
                feuille.write_row(numero, 0, rangee)
    return tampon.getvalue()


def test_lots_that_stand_as_dropped_have_no_defect(mois_depose: Depot) -> None:
    assert read_defects(mois_depose) == {}


def drop_lot(depot: Depot) -> None:
    shutil.rmtree(depot.lot())


def drop_manifeste(depot: Depot) -> None:
    (depot.lot() / "manifeste.json").unlink()


def break_manifeste(depot: Depot) -> None:
    (depot.lot() / "manifeste.json").write_bytes(b"{")


def forget_entry(depot: Depot) -> None:
    depot.run("UPDATE core.publication SET run_id = 'r2'")
    depot.judge("831", "conforme", run_id="r2")
    shutil.copytree(depot.lot(1), depot.lot(2))
    manifeste = depot.lot(2) / "manifeste.json"
    manifeste.write_text(json.dumps({**json.loads(manifeste.read_bytes()), "version": 2}))


def take_lot_of_another(depot: Depot) -> None:
    shutil.rmtree(depot.lot())
    shutil.copytree(depot.lot(caf="061"), depot.lot())


def swap_identity(depot: Depot) -> None:
    change_manifeste(depot, identite="0" * 64)


def alter_file(depot: Depot) -> None:
    with (depot.lot() / "LISEZMOI.txt").open("ab") as flux:
        flux.write(b" ")


def drop_file(depot: Depot) -> None:
    (depot.lot() / "PA_831_202506_v1.xlsx").unlink()


def lose_a_person(depot: Depot) -> None:
    depot.run("DELETE FROM core.demandeur WHERE code_caf = '831' AND courriel = 'paul@example.org'")


def announce_other_count(depot: Depot) -> None:
    change_manifeste(depot, lignes=3)


A, B = ["claire@example.org", "01 99 00 12 34", "83000"], ["paul@example.org", "", "83100"]


def end_convention(depot: Depot) -> None:
    depot.run("DELETE FROM marts.convention WHERE code_caf = '831'")
    depot.run("INSERT INTO marts.convention VALUES ('831', '831', '2025-01-01', '2025-06-30')")


def share_a_person(depot: Depot) -> None:
    depot.run("ALTER TABLE core.demandeur DROP CONSTRAINT demandeur_pkey")
    depot.run(
        "INSERT INTO core.demandeur SELECT mois, id_personne, '831', courriel, telephone, code_postal"
        " FROM core.demandeur WHERE code_caf = '061'"
    )


def hold_without_reason(depot: Depot) -> None:
    depot.run("SELECT suivi.inscrire('2025-06', '831', 2, 'retenu', 'essai')")


@pytest.mark.parametrize(
    ("dommage", "defaut"),
    [
        (drop_lot, "lot_absent"),
        (drop_manifeste, "lot_absent"),
        (break_manifeste, "manifeste_illisible"),
        (forget_entry, "registre_different"),
        (take_lot_of_another, "registre_different"),
        (swap_identity, "registre_different"),
        (alter_file, "fichier_altere"),
        (drop_file, "fichier_altere"),
        (lose_a_person, "lignes_differentes lignes_inconnues"),
        (announce_other_count, "lignes_differentes"),
        (forge_classeur(make_classeur(ENTETE, A)), "lignes_differentes lignes_manquantes"),
        (
            forge_classeur(make_classeur(ENTETE, A, ["=1+1", "", ""])),
            "cellules_evaluables lignes_manquantes lignes_inconnues",
        ),
        (
            forge_classeur(make_classeur(ENTETE, A, ["b@example.org", 199001234, ""])),
            "cellules_evaluables lignes_manquantes lignes_inconnues",
        ),
        (forge_classeur(make_classeur([*ENTETE, "nom"], A, B)), "colonnes_inexactes"),
        (forge_classeur(make_classeur(ENTETE, A, [*B, "Paul"])), "colonnes_inexactes"),
        (forge_classeur(make_classeur(ENTETE[::-1], A, B)), "colonnes_inexactes"),
        (
            forge_classeur(make_classeur(ENTETE, A, ["", "", "83000"])),
            "ligne_sans_contact lignes_manquantes lignes_inconnues",
        ),
        (forge_classeur(make_classeur(ENTETE, A, B, feuilles=2)), "colonnes_inexactes"),
        (forge_classeur(make_classeur()), "colonnes_inexactes"),
        (forge_classeur(b"pas un classeur"), "fichier_illisible"),
        (
            forge_classeur(make_classeur(ENTETE, A, ["zoe@example.org", "", "06000"])),
            "lignes_manquantes lignes_inconnues lignes_autre_caf",
        ),
        (end_convention, "sans_convention"),
        (share_a_person, "personnes_partagees lignes_differentes lignes_manquantes"),
        (hold_without_reason, "lot_sans_raison"),
    ],
    ids=[
        "no_folder", "no_manifest", "cut_manifest", "version_without_entry", "lot_of_another_caf", "identity",
        "one_byte_more", "no_file", "person_gone_from_core", "count_of_manifest", "row_missing", "formula",
        "number", "fourth_column", "fourth_cell", "columns_swapped", "nobody_in_a_row", "second_sheet",
        "empty_sheet", "no_workbook", "row_of_another_caf", "convention_over", "person_in_two_caf",
        "held_without_reason",
    ],
)  # fmt: skip
def test_each_defect_is_found_for_its_caf_alone(
    mois_depose: Depot, dommage: Callable[[Depot], None], defaut: str
) -> None:
    dommage(mois_depose)
    trouves = read_defects(mois_depose)
    if defaut == "personnes_partagees lignes_differentes lignes_manquantes":
        assert trouves.pop("061") == {"personnes_partagees"}, "a person in two lots is in each of them"
    assert trouves == ({} if defaut == "lot_sans_raison" else {"831": set(defaut.split())})
    with mois_depose.connect() as entrepot:
        jugement = check_lots(entrepot, Partage(str(mois_depose.racine)), JUIN)
    nation = {m.regle for m in jugement.manquements if m.code_caf is None}
    assert nation == ({"lot_sans_raison"} if defaut in ("lot_absent", "lot_sans_raison") else set())
    with pytest.raises(
        ErreurAllerVers, match="lot_sans_raison" if defaut == "lot_sans_raison" else "831"
    ) as erreur:
        jugement.require_caf()
    assert "example.org" not in str(erreur.value) + str(jugement)


def test_a_lot_that_was_forged_well_is_a_lot(mois_depose: Depot) -> None:
    forge_classeur(make_classeur(ENTETE, A, B))(mois_depose)
    assert read_defects(mois_depose) == {}, "or the forged cases above would prove nothing"


def test_a_held_lot_may_be_absent_and_an_unheld_one_may_not(mois_depose: Depot) -> None:
    mois_depose.publish({"061": [PAUL], "831": [CLAIRE], "051": []}, run_id="r2")
    mois_depose.judge("061", "retenu", run_id="r2")
    mois_depose.write("061")
    assert read_defects(mois_depose) == {
        "831": {"lignes_differentes", "lignes_inconnues", "lignes_autre_caf"}
    }


def test_the_verdicts_of_the_gate_are_kept_and_refuse_by_name(mois_depose: Depot) -> None:
    drop_file(mois_depose)
    with mois_depose.connect() as entrepot:
        jugement = check_mois(entrepot, Partage(str(mois_depose.racine)), JUIN, "r1")
        entrepot.commit()
    with pytest.raises(ErreurAllerVers, match=r"831 \(fichier_altere\)"):
        jugement.require_caf()
    verdicts = mois_depose.run(
        "SELECT code_caf, regle, verdict FROM dq.verdict WHERE gate = 'depots' AND code_caf IS NOT NULL"
    )
    assert sorted(tuple(v) for v in verdicts) == [
        ("051", "ensemble", "conforme"),
        ("061", "ensemble", "conforme"),
        ("831", "ensemble", "retenu"),
        ("831", "fichier_altere", "retenu"),
    ]


def test_a_share_that_is_not_there_is_one_message_not_a_hundred_absent_lots(mois_depose: Depot) -> None:
    shutil.rmtree(mois_depose.racine)
    with (
        mois_depose.connect() as entrepot,
        pytest.raises(ErreurAllerVers, match="est introuvable"),
    ):
        check_lots(entrepot, Partage(str(mois_depose.racine)), JUIN)


def test_a_month_that_drops_nothing_expects_no_lot_and_one_unpublished_is_told(depot: Depot) -> None:
    with depot.connect() as entrepot, pytest.raises(ErreurAllerVers, match="n'est pas publié"):
        drops_lots(entrepot, JUIN)
    depot.publish({"831": [CLAIRE]}, depot=False)
    with depot.connect() as entrepot:
        assert not drops_lots(entrepot, JUIN)
        assert check_mois(entrepot, Partage(str(depot.racine)), JUIN, "r1").manquements == ()
    depot.publish({"831": [CLAIRE]})
    with depot.connect() as entrepot:
        assert drops_lots(entrepot, JUIN)
