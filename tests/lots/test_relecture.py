"""Lots read back: every defect is found, for the right Caf and no other."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import xlsxwriter
from lots_exemples import CLAIRE, JUIN, PAUL, Depot
from sqlalchemy import text

from aller_vers.lots.a_deposer import drops_lots
from aller_vers.lots.presentation import FichierLu, read_personnes
from aller_vers.lots.relecture import check_lots, list_non_lues, profile_lots
from aller_vers.partage.partage import Partage
from aller_vers.qualite.bulletin import announce_porte
from aller_vers.qualite.libelles import find_libelle
from aller_vers.qualite.suites import load_suite
from aller_vers.qualite.verdicts import Jugement, Manquement
from aller_vers.socle.erreurs import ErreurAllerVers

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
    depot.run("INSERT INTO marts.convention VALUES ('831', '831', '2025-01-01', '2025-06-30', '2025-01-01')")


def share_a_person(depot: Depot) -> None:
    depot.run("ALTER TABLE core.demandeur DROP CONSTRAINT demandeur_pkey")
    depot.run(
        "INSERT INTO core.demandeur SELECT mois, id_personne, '831', courriel, telephone, code_postal"
        " FROM core.demandeur WHERE code_caf = '061'"
    )


def hold_without_reason(depot: Depot) -> None:
    depot.run("SELECT suivi.inscrire('2025-06', '831', 2, 'retenu', 'essai')")


def add_file(depot: Depot) -> None:
    (depot.lot() / "~$PA_831_202506_v1.xlsx").write_bytes(b"Marie")


def cut_sheet(depot: Depot) -> None:
    tampon = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(make_classeur(ENTETE, A, B))) as avant,
        zipfile.ZipFile(tampon, "w") as apres,
    ):
        for nom in avant.namelist():
            octets = avant.read(nom)
            apres.writestr(nom, octets[:-40] if nom.endswith("sheet1.xml") else octets)
    forge_classeur(tampon.getvalue())(depot)


def forge_csv(*lignes: str) -> Callable[[Depot], None]:
    def forge(depot: Depot) -> None:
        texte = "".join(f"{ligne}\r\n" for ligne in (";".join(ENTETE), ";".join(A), *lignes))
        forge_classeur(texte.encode("utf-8-sig"))(depot)
        change_manifeste(depot, format="csv")

    return forge


def put_far_cell(depot: Depot) -> None:
    """A lone cell at the end of the sheet: 5 kB that would cost sixteen thousand million cells."""
    tampon = io.BytesIO()
    with xlsxwriter.Workbook(tampon) as classeur:
        feuille = classeur.add_worksheet()
        for numero, rangee in enumerate((ENTETE, A, B)):
            feuille.write_row(numero, 0, rangee)
        feuille.write_string(1_048_575, 16_383, "x")
    forge_classeur(tampon.getvalue())(depot)


def put_bomb(depot: Depot) -> None:
    tampon = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(make_classeur(ENTETE, A, B))) as avant,
        zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as apres,
    ):
        for nom in avant.namelist():
            fin = b"<!--" + b"0" * 3_000_000 + b"-->" if nom.endswith("sheet1.xml") else b""
            apres.writestr(nom, avant.read(nom) + fin)
    forge_classeur(tampon.getvalue())(depot)


def put_many_parts(depot: Depot) -> None:
    tampon = io.BytesIO(make_classeur(ENTETE, A, B))
    with zipfile.ZipFile(tampon, "a") as archive:
        for rang in range(60):
            archive.writestr(f"xl/media/{rang}.png", b"")
    forge_classeur(tampon.getvalue())(depot)


DOMMAGES: dict[str, tuple[Callable[[Depot], None], str]] = {
    "no_folder": (drop_lot, "lot_absent"),
    "no_manifest": (drop_manifeste, "lot_absent"),
    "cut_manifest": (break_manifeste, "manifeste_illisible"),
    "version_without_entry": (forget_entry, "registre_different"),
    "lot_of_another_caf": (take_lot_of_another, "registre_different"),
    "identity": (swap_identity, "registre_different"),
    "one_byte_more": (alter_file, "fichier_altere"),
    "no_file": (drop_file, "fichier_altere"),
    "person_gone_from_core": (lose_a_person, "lignes_differentes lignes_inconnues"),
    "count_of_manifest": (announce_other_count, "lignes_differentes"),
    "row_missing": (forge_classeur(make_classeur(ENTETE, A)), "lignes_differentes lignes_manquantes"),
    "formula": (
        forge_classeur(make_classeur(ENTETE, A, ["=1+1", "", ""])),
        "cellules_evaluables lignes_manquantes lignes_inconnues",
    ),
    "number": (
        forge_classeur(make_classeur(ENTETE, A, ["b@example.org", 199001234, ""])),
        "cellules_evaluables lignes_manquantes lignes_inconnues",
    ),
    "fourth_column": (forge_classeur(make_classeur([*ENTETE, "nom"], A, B)), "colonnes_inexactes"),
    "fourth_cell": (forge_classeur(make_classeur(ENTETE, A, [*B, "Paul"])), "colonnes_inexactes"),
    "columns_swapped": (forge_classeur(make_classeur(ENTETE[::-1], A, B)), "colonnes_inexactes"),
    "nobody_in_a_row": (
        forge_classeur(make_classeur(ENTETE, A, ["", "", "83000"])),
        "ligne_sans_contact lignes_manquantes lignes_inconnues",
    ),
    "second_sheet": (forge_classeur(make_classeur(ENTETE, A, B, feuilles=2)), "colonnes_inexactes"),
    "empty_sheet": (forge_classeur(make_classeur()), "colonnes_inexactes"),
    "no_workbook": (forge_classeur(b"pas un classeur"), "fichier_illisible"),
    "row_of_another_caf": (
        forge_classeur(make_classeur(ENTETE, A, ["zoe@example.org", "", "06000"])),
        "lignes_manquantes lignes_inconnues lignes_autre_caf",
    ),
    "convention_over": (end_convention, "sans_convention"),
    "person_in_two_caf": (share_a_person, "personnes_partagees lignes_differentes lignes_manquantes"),
    "held_without_reason": (hold_without_reason, "retenu_sans_raison"),
    "file_unknown": (add_file, "fichier_inconnu"),
    "far_cell": (put_far_cell, "colonnes_inexactes"),
    "bomb": (put_bomb, "fichier_illisible"),
    "many_parts": (put_many_parts, "fichier_illisible"),
    "endless_csv": (forge_csv(";".join(B), *[";;"] * 80_000), "fichier_altere"),
    "cut_sheet": (cut_sheet, "fichier_illisible"),
    "formula_of_csv": (forge_csv("=1+1;;"), "cellules_evaluables lignes_manquantes lignes_inconnues"),
    "command_of_csv": (
        forge_csv('"@SUM(1)|cmd";;83100'),
        "cellules_evaluables lignes_manquantes lignes_inconnues",
    ),
}


def test_reading_a_file_costs_what_the_warehouse_says_that_it_holds() -> None:
    large, haut = (make_classeur(ENTETE, A, *reste) for reste in ([[*B, *[""] * 30, 1]], [*[[]] * 5_000, B]))
    assert read_personnes(large, "xlsx", 2) == FichierLu(None, 1), "nothing is read beyond column Z"
    assert read_personnes(haut, "xlsx", 2) == FichierLu(None, 0), (
        "nor beyond a thousand rows more than people"
    )
    lu = read_personnes(haut, "xlsx", 4_010)
    assert lu is not None
    assert lu.lignes is not None
    assert len(lu.lignes) == 5_002


CELLULE = b'<c r="A2" t="s"><v>3</v></c>'


@pytest.mark.parametrize(
    ("cellule", "lue"),
    [
        (CELLULE, 0),
        (b'<c r="A2" t="s"><f>1+1</f><v>3</v></c>', 1),
        (b"<c t='str' r='A2'><v>a</v><f>1+1</f></c>", 1),
        (b'<c r="A2" x="a>b" t="n"><v>3</v></c>', 1),
        (b'<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="A2"><x:v>3</x:v></x:c>', 1),
        (b'<c r="A2" t="b"><f>TRUE()</f><v>1</v></c>', 1),
        (b'<c r="A2" t="inlineStr"><is><t>claire@example.org</t></is></c>', 0),
        (b'<c r="E2" t="s"><v>3</v></c>', None),
        (b'<c t="s"><v>3</v></c>', None),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_compute_is_seen_however_it_is_written(
    cellule: bytes, lue: int | None
) -> None:
    """``lue``: the cells that it would, None where the sheet is not read at all."""
    tampon = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(make_classeur(ENTETE, A))) as avant,
        zipfile.ZipFile(tampon, "w") as apres,
    ):
        for nom in avant.namelist():
            octets = avant.read(nom)
            assert not nom.endswith("sheet1.xml") or CELLULE in octets
            apres.writestr(nom, octets.replace(CELLULE, cellule))
    lu = read_personnes(tampon.getvalue(), "xlsx", 1)
    assert lu is not None
    assert (lu.cellules_evaluables, lu.lignes is None) == (lue or 0, lue is None)


def test_a_workbook_that_declares_something_is_read_by_nobody() -> None:
    tampon = io.BytesIO(make_classeur(ENTETE, A))
    with zipfile.ZipFile(tampon, "a") as archive:
        archive.writestr("xl/comments1.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>')
    assert read_personnes(tampon.getvalue(), "xlsx", 1) is None


LIEN, MATIN = "http://airflow.example.org/runs/essai", datetime(2025, 7, 1, 6, 0, tzinfo=UTC)


def read_alerte(depot: Depot, jugement: Jugement) -> tuple[str, set[str]]:
    """Announce; return the subject, and the lines of the digest."""
    with depot.connect() as entrepot:
        assert announce_porte(entrepot, "depots", JUIN, jugement, LIEN, MATIN)
        [avis] = entrepot.execute(text("SELECT objet, corps FROM suivi.avis WHERE cle LIKE 'porte/%'")).all()
    return avis.objet, {ligne for ligne in avis.corps.splitlines() if ligne.startswith("- ")}


@pytest.mark.parametrize("nom", DOMMAGES)
def test_each_defect_is_found_for_its_caf_alone_and_the_alert_names_it(mois_depose: Depot, nom: str) -> None:
    dommage, defauts = DOMMAGES[nom]
    attendus = {"831": set(defauts.split())}
    if nom == "person_in_two_caf":
        attendus["061"] = {"personnes_partagees"}  # a person in two lots is in each of them
    nation = {"lot_sans_raison"} if {"lot_absent", "retenu_sans_raison"} & set(defauts.split()) else set()
    dommage(mois_depose)
    with mois_depose.connect() as entrepot:
        jugement = check_lots(entrepot, Partage(str(mois_depose.racine)), JUIN)
    trouves: dict[str | None, set[str]] = {}
    for m in jugement.manquements:
        trouves.setdefault(m.code_caf, set()).add(m.regle)
    assert trouves == {caf: regles for caf, regles in {**attendus, None: nation}.items() if regles}
    decision = "avertissement" if nom == "file_unknown" else "retenu"
    assert jugement.par_caf == {
        caf: decision if attendus.get(caf) else "conforme" for caf in ("051", "061", "831")
    }
    assert jugement.nation == ("retenu" if nation else "conforme")
    objet, lignes = read_alerte(mois_depose, jugement)
    assert objet.startswith("Proches aidants : relecture des lots, juin 2025 : ")
    noms = {"061": "061 · Alpes-Maritimes", "831": "831 · Var", None: "la nation"}
    dites = {
        f"- {m.decision} : {find_libelle(m.regle)} ({m.regle}) : "
        + ", ".join(f"{noms[a.code_caf]} ({a.nombre})" for a in jugement.manquements if a.regle == m.regle)
        for m in jugement.manquements
    }
    assert lignes == dites
    if decision == "avertissement":
        jugement.require_caf()
        return
    with pytest.raises(ErreurAllerVers, match=r"831 \(") as erreur:
        jugement.require_caf()
    assert "example.org" not in str(erreur.value) + str(jugement)


def test_a_reading_that_read_nothing_acquits_nobody(mois_depose: Depot) -> None:
    jugement = mois_depose.judge_lots("autre")
    assert jugement.nation == "retenu"
    assert Manquement(None, "aucune_caf", "critical", 0) in jugement.manquements
    with pytest.raises(ErreurAllerVers, match="aucune_caf"):
        jugement.require_caf()
    objet, lignes = read_alerte(mois_depose, jugement)
    assert objet.endswith(" : le mois est retenu")
    assert "- retenu : Aucun lot relu (aucune_caf) : la nation (0)" in lignes


def test_every_line_of_the_suite_has_its_seeded_defect() -> None:
    suite = load_suite("depots_caf")
    semes = {regle for _, defauts in DOMMAGES.values() for regle in defauts.split()} | {
        "aucune_caf",
        "lot_sans_raison",
    }
    assert semes == {a.regle for a in (*suite.caf, *suite.nation)}


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
        assert profile_lots(entrepot, Partage(str(mois_depose.racine)), JUIN, "r1") == 3
        entrepot.commit()
    jugement = mois_depose.judge_lots("r1")
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


def test_what_a_run_reads_of_some_lots_leaves_what_it_read_of_others(mois_depose: Depot) -> None:
    partage = Partage(str(mois_depose.racine))
    with mois_depose.connect() as entrepot:
        for codes in (["061"], ["831", "051"]):
            profile_lots(entrepot, partage, JUIN, "r1", codes=codes)
            assert ("831" in list_non_lues(entrepot, JUIN, "r1")) == (codes == ["061"])
        assert list_non_lues(entrepot, JUIN, "r1") == []
        assert list_non_lues(entrepot, JUIN, "autre") == ["051", "061", "831"]
        drop_file(mois_depose)
        shutil.rmtree(mois_depose.lot(caf="061"))
        assert profile_lots(entrepot, partage, JUIN, "r1", codes=["831"]) == 1
        entrepot.commit()
    assert mois_depose.judge_lots("r1").par_caf == {"051": "conforme", "061": "conforme", "831": "retenu"}


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
        assert profile_lots(entrepot, Partage(str(depot.racine)), JUIN, "r1") == 0
    depot.publish({"831": [CLAIRE]})
    with depot.connect() as entrepot:
        assert drops_lots(entrepot, JUIN)
