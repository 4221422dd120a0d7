"""The drop of a lot: what a Caf finds on the share, and what the ledger says of it."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext
from typing import Any

import pytest
from lots_exemples import CLAIRE, JUIN, PAUL, ZOE, Depot, confirm_nord, make_reglages, read_rows
from serveurs import IDENTITE
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from aller_vers.lots import etat
from aller_vers.lots.avis import queue_digest
from aller_vers.lots.etat import remove_lot
from aller_vers.lots.relecture import check_lots
from aller_vers.partage.disque import Disque
from aller_vers.partage.partage import Partage
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.suivi.trace import verify_trace
from ensemble import run_together

PREMIER = [(1, "prepare"), (1, "depose")]
SECOND = [*PREMIER, (2, "prepare"), (2, "depose"), (1, "remplace")]


def verify(depot: Depot) -> None:
    with depot.connect() as entrepot:
        assert verify_trace(entrepot) == []


def defects(depot: Depot, caf: str = "831") -> list[str]:
    depot.run("DELETE FROM marts.caf WHERE code_caf <> :caf", caf=caf)
    with depot.connect() as entrepot:
        return [m.regle for m in check_lots(entrepot, Partage(str(depot.racine)), JUIN).manquements]


def count_bilan(depot: Depot) -> dict[str, int]:
    with depot.connect() as entrepot:
        return queue_digest(entrepot, JUIN)


def test_first_drop_is_complete_and_told_once(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE, PAUL, ZOE]})
    depot.run("INSERT INTO core.ecarte VALUES ('2025-06', '831', 'opposition', 2)")
    lot = depot.write()
    assert (lot.etat, lot.version, lot.lignes, lot.libelle) == ("depose", 1, 3, "831 · Var")
    assert sorted(f.name for f in depot.lot().iterdir()) == [
        "ACCUSE_831_202506.csv", "INFORMATION_PERSONNES.txt", "LISEZMOI.txt", "PA_831_202506_v1.xlsx", "manifeste.json",
    ]  # fmt: skip
    rangees = read_rows((depot.lot() / "PA_831_202506_v1.xlsx").read_bytes())
    assert [tuple(v or None for v in r) for r in rangees[1:]] == [ZOE, CLAIRE, PAUL]
    manifeste = depot.read_lot()
    assert manifeste is not None
    assert manifeste["schema_version"] == "aller-vers/manifeste/1"
    assert (manifeste["version"], manifeste["remplace"], manifeste["lignes"]) == (1, None, 3)
    assert manifeste["ecartes"] == {"opposition": 2}
    assert (manifeste["verdict"], manifeste["regles_en_avertissement"]) == ("conforme", [])
    assert manifeste["purge_le"] == "2025-10-01"
    textes = b"".join(f.read_bytes() for f in depot.lot().iterdir() if f.suffix != ".xlsx")
    assert b"example.org" not in textes
    assert b"99 00" not in textes
    assert depot.journal() == PREMIER
    assert depot.count_avis() == 1
    (avis,) = depot.run("SELECT destinataire, corps FROM suivi.avis")
    assert avis.destinataire == "caf:831"
    assert "831/2025-06/v1" in avis.corps
    assert "Nombre de personnes : 3." in avis.corps
    assert "À faire au plus tard le 08/07/2025 : l'envoyer par BlueFiles ou PEPS" in avis.corps
    assert "à : 831 Cpam du Var" in avis.corps
    assert f"{depot.racine}/831/retours" in avis.corps
    assert "example.org" not in avis.corps
    verify(depot)
    assert defects(depot) == []


def test_a_first_drop_lists_its_folder_and_reads_the_ledger_once(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lus = list[str]()
    lister, lire = Partage.list, etat.run_sql
    monkeypatch.setattr(Partage, "list", lambda ici, chemin: lus.append(chemin) or lister(ici, chemin))
    monkeypatch.setattr(etat, "run_sql", lambda base, nom, **p: lus.append(nom) or lire(base, nom, **p))
    depot.publish({"831": [CLAIRE]})
    assert depot.write().etat == "depose"
    assert lus == ["831/2025-06", "lots/select_paroles.sql"]


def test_same_content_again_writes_nothing_anywhere(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE, PAUL]})
    depot.write()
    avant, journal = depot.snapshot(), depot.run("SELECT * FROM suivi.evenement ORDER BY id")
    depot.publish({"831": [PAUL, CLAIRE]}, run_id="r2")
    lot = depot.write()
    assert (lot.etat, lot.version) == ("inchange", 1)
    assert depot.snapshot() == avant
    assert depot.run("SELECT * FROM suivi.evenement ORDER BY id") == journal
    assert depot.count_avis() == 1


def test_other_content_makes_version_2_of_that_caf_alone(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE, PAUL], "061": [ZOE]})
    depot.write("831")
    depot.write("061")
    avant = depot.snapshot()
    depot.publish({"831": [CLAIRE], "061": [ZOE]}, run_id="r2")
    assert depot.write("831").etat == "depose"
    assert depot.write("061").etat == "inchange"
    apres = depot.snapshot()
    partis = {nom for nom in avant if nom not in apres}
    assert partis == {"831/2025-06/v1/PA_831_202506_v1.xlsx"}
    ancien = "831/2025-06/v1/manifeste.json"
    gardes = {n: v for n, v in avant.items() if n not in partis | {ancien}}
    assert {n: v for n, v in apres.items() if "/v1/" in n and n != ancien} == gardes
    oublie = json.loads(apres[ancien][0])
    classeur, *autres = oublie["fichiers"]
    assert (classeur["sha256"], classeur["octets"]) == (None, None), (
        "an unkeyed hash may not outlive its file"
    )
    assert all(f["sha256"] for f in autres)
    manifeste = depot.read_lot()
    assert manifeste is not None
    assert (manifeste["version"], manifeste["remplace"]) == (2, 1)
    assert manifeste["motif"] == "contenu modifié à la source"
    assert "remplace la version 1" in (depot.lot(2) / "LISEZMOI.txt").read_text("utf-8-sig")
    assert depot.journal() == SECOND
    (remplace,) = depot.run("SELECT preuve FROM suivi.evenement WHERE etat = 'remplace'")
    assert remplace.preuve == {"par": 2}
    assert depot.journal("061") == PREMIER
    assert depot.count_avis() == 3
    verify(depot)


def test_a_caf_with_nobody_gets_a_header_and_nothing_to_transmit(depot: Depot) -> None:
    depot.publish({"831": []})
    assert depot.write().lignes == 0
    manifeste = depot.read_lot()
    assert manifeste is not None
    assert manifeste["lignes"] == 0
    assert read_rows((depot.lot() / "PA_831_202506_v1.xlsx").read_bytes()) == [
        ("courriel", "telephone", "code_postal")
    ]
    assert depot.journal() == [*PREMIER, (1, "rien_a_transmettre")]
    assert depot.write().etat == "inchange"
    assert len(depot.journal()) == 3
    assert defects(depot) == []


def test_a_held_verdict_drops_nothing_and_names_its_rules(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.judge(
        "831", "retenu", ("sans_contact", "retenu"), ("code_postal_inconnu", "avertissement"),
        ("volume", "non_evalue"), ("info", "conforme"),
    )  # fmt: skip
    lot = depot.write()
    assert (lot.etat, lot.version, lot.lignes) == ("retenu", 0, 0)
    assert lot.motif == "qualité : sans_contact, volume"
    assert depot.snapshot() == {}
    assert depot.journal() == [(1, "retenu")]
    assert depot.run("SELECT motif FROM suivi.evenement")[0].motif == lot.motif
    assert depot.count_avis() == 0
    depot.write()
    assert depot.journal() == [(1, "retenu")]
    assert defects(depot) == []


def test_a_warning_drops_and_stands_in_the_manifest_without_what_is_for_information(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.judge("831", "avertissement", ("sans_contact", "avertissement"), ("info", "conforme"))
    depot.write()
    manifeste = depot.read_lot()
    assert manifeste is not None
    assert manifeste["verdict"] == "avertissement"
    assert manifeste["regles_en_avertissement"] == ["sans_contact"]


def test_a_caf_that_has_signed_nothing_is_held_with_that_reason(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.run("DELETE FROM marts.convention WHERE code_caf = '831'")
    depot.run("INSERT INTO marts.convention VALUES ('831', '831', '9999-12-31')")
    assert depot.write().motif == "aucune convention signée"


@pytest.mark.parametrize("debut", ["2025-07-02", "2025-05-16"])
def test_no_convention_in_force_holds_the_lot(depot: Depot, debut: str) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.run("DELETE FROM marts.convention WHERE code_caf = '831'")
    fin = None if debut > "2025-07-01" else "2025-06-30"
    depot.run("INSERT INTO marts.convention VALUES ('831', '831', :d, :f, '2025-05-16')", d=debut, f=fin)
    assert depot.write().motif == "aucune convention en vigueur"
    assert depot.snapshot() == {}
    assert depot.journal() == [(1, "retenu")]


@pytest.mark.parametrize(("debut", "fin"), [("2025-07-01", None), ("2025-05-16", "2025-07-01")])
def test_a_convention_is_in_force_on_its_first_and_last_day(
    depot: Depot, debut: str, fin: str | None
) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.run("DELETE FROM marts.convention WHERE code_caf = '831'")
    depot.run("INSERT INTO marts.convention VALUES ('831', '831', :d, :f, '2025-05-16')", d=debut, f=fin)
    assert depot.write().etat == "depose"


def test_a_lot_that_was_not_judged_in_this_run_is_held(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]}, run_id="r1")
    depot.run("UPDATE core.publication SET run_id = 'r2'")
    assert (depot.write().etat, depot.write().motif) == ("retenu", "non jugé")
    assert depot.snapshot() == {}


@pytest.mark.parametrize(
    "nom", ["PA_831_202506_v1.xlsx", "LISEZMOI.txt", "INFORMATION_PERSONNES.txt", "ACCUSE_831_202506.csv"]
)
@pytest.mark.parametrize("dommage", ["altere", "absent"])
def test_a_damaged_lot_is_repaired_under_its_own_version(depot: Depot, nom: str, dommage: str) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.write()
    avant = {n: octets for n, (octets, _) in depot.snapshot().items()}
    if dommage == "absent":
        (depot.lot() / nom).unlink()
    else:
        (depot.lot() / nom).write_bytes(b"altere")
    lot = depot.write()
    assert (lot.etat, lot.version) == ("repare", 1)
    assert {n: octets for n, (octets, _) in depot.snapshot().items()} == avant
    assert depot.journal() == PREMIER
    assert depot.count_avis() == 1
    assert defects(depot) == []


def test_a_mount_point_without_its_mount_gets_no_lot(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.partage = Partage(depot.racine.as_uri(), identite=IDENTITE)
    with pytest.raises(ErreurAllerVers, match="ne porte pas sa marque"):
        depot.write()
    assert (list(depot.racine.iterdir()), depot.journal()) == ([], [])


def test_a_share_that_lost_everything_gets_the_same_version_back(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.write()
    depot.publish({"831": [PAUL]}, run_id="r2")
    depot.write()
    for fichier in sorted(depot.racine.rglob("*"), reverse=True):
        if fichier.is_file():
            fichier.unlink()
    lot = depot.write()
    assert (lot.etat, lot.version) == ("repare", 2)
    assert depot.read_lot() is not None
    assert depot.journal() == SECOND
    assert defects(depot) == []


def test_a_version_number_never_names_two_contents_even_if_the_share_was_lost(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.write()
    for fichier in depot.lot().iterdir():
        fichier.unlink()
    depot.publish({"831": [PAUL]}, run_id="r2")
    lot = depot.write()
    assert (lot.etat, lot.version) == ("depose", 2)
    assert depot.journal() == SECOND
    assert defects(depot) == []


def test_a_version_that_only_the_ledger_remembers_keeps_its_number(depot: Depot) -> None:
    for rang, personne in enumerate((CLAIRE, PAUL)):
        depot.publish({"831": [personne]}, run_id=f"r{rang}")
        depot.write()
    shutil.rmtree(depot.lot(2))
    depot.publish({"831": [ZOE]}, run_id="r3")
    assert depot.write().version == 3
    assert depot.journal()[-3:] == [(3, "prepare"), (3, "depose"), (2, "remplace")]
    assert defects(depot) == []


def test_what_an_interruption_left_goes_even_if_the_lot_is_then_held(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.write()
    for reste in (depot.lot(1) / ".partiel-LISEZMOI.txt", depot.lot(2) / "PA_831_202506_v2.xlsx"):
        reste.parent.mkdir(exist_ok=True)
        reste.write_bytes(b"reste")
    depot.judge("831", "retenu")
    depot.write()
    assert not [nom for nom in depot.snapshot() if "partiel" in nom or "/v2/" in nom]
    assert depot.read_lot() is not None


@pytest.mark.parametrize("cle", [None, "courte"])
def test_a_missing_or_short_key_is_told_and_nothing_is_written(depot: Depot, cle: str | None) -> None:
    depot.publish({"831": [CLAIRE]})
    with pytest.raises(ErreurAllerVers, match="AV_CLE_IDENTITE"):
        depot.write(reglages=make_reglages(cle))
    assert depot.snapshot() == {}
    assert depot.journal() == []


def test_a_month_that_is_not_published_or_an_unknown_caf_is_told(depot: Depot) -> None:
    with pytest.raises(ErreurAllerVers, match="le mois 2025-06 n'est pas publié"):
        depot.write()
    depot.publish({"831": []})
    with pytest.raises(ErreurAllerVers, match="la Caf 999"):
        depot.write("999")


def test_an_unreadable_manifest_is_told_by_its_path_and_put_aside_is_mended(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.write()
    (depot.lot() / "manifeste.json").write_bytes(b'{"version": 1')
    with pytest.raises(ErreurAllerVers, match=r"831/2025-06/v1/manifeste\.json est illisible"):
        depot.write()
    (depot.lot() / "manifeste.json").unlink()
    assert depot.write().etat == "repare"
    assert depot.journal() == PREMIER
    assert defects(depot) == []


def test_a_manifest_that_stands_without_its_ledger_entry_is_reconciled(depot: Depot) -> None:
    from lots_exemples import MAINTENANT

    from aller_vers.lots.depot import write_lot

    depot.publish({"831": [CLAIRE]})
    with depot.connect() as entrepot:
        write_lot(entrepot, Partage(str(depot.racine)), make_reglages(), JUIN, "831", MAINTENANT)
        entrepot.rollback()
    assert depot.journal() == []
    avant = depot.snapshot()
    assert depot.write().etat == "inchange"
    assert depot.snapshot() == avant
    assert depot.journal() == PREMIER
    assert depot.count_avis() == 1


@pytest.mark.parametrize("suite", ["contenu_modifie", "retenu"])
def test_a_lot_that_stood_without_an_entry_is_recorded_before_what_follows_it(
    depot: Depot, suite: str
) -> None:
    from lots_exemples import MAINTENANT

    from aller_vers.lots.depot import write_lot

    depot.publish({"831": [CLAIRE]})
    with depot.connect() as entrepot:
        write_lot(entrepot, Partage(str(depot.racine)), make_reglages(), JUIN, "831", MAINTENANT)
        entrepot.rollback()
    if suite == "retenu":
        depot.judge("831", "retenu")
        depot.write()
        assert depot.journal() == [*PREMIER, (2, "retenu")]
    else:
        depot.publish({"831": [PAUL]}, run_id="r2")
        depot.write()
        assert depot.journal() == SECOND
        assert defects(depot) == []
    verify(depot)


def test_held_after_a_drop_then_released_the_ledgers_last_word_is_what_stands(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.write()
    avant = depot.snapshot()
    for _ in range(2):  # in the same run, twice over: no word may be swallowed as already said
        depot.judge("831", "retenu", ("volume", "retenu"))
        assert depot.write().etat == "retenu"
        suspendu = depot.snapshot()
        assert depot.write().etat == "retenu"
        assert depot.snapshot() == suspendu
        assert set(suspendu) - set(avant) == {"831/2025-06/SUSPENDU.txt"}
        assert "La version 1" in suspendu["831/2025-06/SUSPENDU.txt"][0].decode("utf-8-sig")
        assert avant.items() <= suspendu.items()
        assert depot.journal()[-1] == (2, "retenu")
        assert count_bilan(depot)["retenus"] == 1
        depot.judge("831", "conforme")
        assert depot.write().etat == "inchange"
        assert depot.snapshot() == avant
        assert depot.write().etat == "inchange"
        assert depot.journal()[-1] == (1, "depose")
        assert count_bilan(depot) == {"deposes": 1, "vides": 0, "retenus": 0, "personnes": 1}
    assert depot.snapshot() == avant
    assert depot.journal() == [*PREMIER, *[(2, "retenu"), (1, "depose")] * 2]
    objets = [
        a.objet for a in depot.run("SELECT objet FROM suivi.avis WHERE cle LIKE '%/831/%' ORDER BY cree_le")
    ]
    assert objets == [
        "Proches aidants : lot de juin 2025",
        *[
            "Proches aidants : lot de juin 2025 suspendu",
            "Proches aidants : lot de juin 2025, suspension levée",
        ]
        * 2,
    ]
    verify(depot)
    assert defects(depot) == []


def test_held_then_released_with_other_content_is_version_2(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.write()
    depot.judge("831", "retenu")
    depot.write()
    depot.publish({"831": [PAUL]}, run_id="r2")
    assert depot.write().version == 2
    assert depot.journal() == [*PREMIER, (2, "retenu"), *SECOND[2:]]
    assert defects(depot) == []


def test_the_person_file_of_a_former_version_goes_even_if_the_lot_is_held_meanwhile(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.write()
    ancien = (depot.lot() / "PA_831_202506_v1.xlsx").read_bytes()
    depot.publish({"831": [PAUL]}, run_id="r2")
    depot.write()
    (depot.lot() / "PA_831_202506_v1.xlsx").write_bytes(ancien)  # killed right before it was removed
    depot.judge("831", "retenu", run_id="r2")
    depot.write()
    assert not (depot.lot() / "PA_831_202506_v1.xlsx").exists()


def test_two_runs_at_once_drop_one_lot(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE, PAUL]})
    etats = run_together(nullcontext, *[lambda _: depot.write().etat] * 4)
    assert sorted(etats) == ["depose", "inchange", "inchange", "inchange"]
    assert depot.journal() == PREMIER
    assert depot.count_avis() == 1
    assert depot.read_lot() is not None
    verify(depot)


@pytest.mark.parametrize("acte", ["write_aside", "move"])
@pytest.mark.parametrize("rang", [1, 3])
@pytest.mark.parametrize("suite", ["un autre", "la purge"])
def test_a_writer_that_wakes_without_its_lock_puts_nothing_beside_what_stands(
    depot: Depot, monkeypatch: pytest.MonkeyPatch, acte: str, rang: int, suite: str
) -> None:
    """Frozen before one of its acts on the share; meanwhile its connection ends, and the world goes on."""
    depot.publish({"831": [CLAIRE]})
    vrai, compte, vus = getattr(Disque, acte), 0, {}

    def freeze(disque: Disque, *arguments: Any, **options: Any) -> None:
        nonlocal compte
        compte += 1
        if compte == rang:
            monkeypatch.setattr(Disque, acte, vrai)
            depot.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
            )
            if suite == "un autre":
                depot.publish({"831": [PAUL]}, run_id="r2")
                depot.write()
            else:
                remove_lot(Partage(str(depot.racine)), "2025-06", "831")
            vus.update(depot.snapshot())
        vrai(disque, *arguments, **options)

    monkeypatch.setattr(Disque, acte, freeze)
    with pytest.raises((OperationalError, ErreurAllerVers)):
        depot.write()
    assert vus == depot.snapshot()
    if suite == "la purge":
        assert list(depot.racine.glob("831/*")) == []


NORD = [("a@example.org", None, "59140"), ("b@example.org", None, "59000"), ("c@example.org", None, None)]


def read_files(depot: Depot, version: int = 1) -> dict[str, list[str]]:
    return {
        f.name: [ligne[0] for ligne in read_rows(f.read_bytes())[1:]]
        for f in sorted(depot.lot(version, "591").glob("*.xlsx"))
    }


def test_confirmed_perimeters_give_a_file_to_each_recipient(depot: Depot) -> None:
    depot.publish({"591": NORD})
    depot.write("591")
    assert list(read_files(depot)) == ["PA_591_202506_v1.xlsx"]
    confirm_nord(depot)
    lot = depot.write("591")
    assert (lot.etat, lot.version) == ("depose", 2)
    assert read_files(depot, 2) == {
        "PA_591_202506_v2_a_repartir.xlsx": ["c@example.org"],
        "PA_591_202506_v2_cpam594.xlsx": ["a@example.org"],
        "PA_591_202506_v2_cpam595.xlsx": ["b@example.org"],
    }
    assert read_files(depot, 1) == {}
    assert defects(depot, "591") == []


def test_a_pair_without_a_convention_is_held_and_the_others_are_dropped(depot: Depot) -> None:
    confirm_nord(depot)
    depot.publish({"591": NORD})
    depot.run("DELETE FROM marts.convention WHERE code_cpam = '594'")
    depot.run("INSERT INTO marts.convention VALUES ('591', '594', '2025-05-16', '2025-06-30', '2025-05-16')")
    lot = depot.write("591")
    assert (lot.etat, lot.lignes) == ("depose", 2)
    assert read_files(depot) == {
        "PA_591_202506_v1_a_repartir.xlsx": ["c@example.org"],
        "PA_591_202506_v1_cpam595.xlsx": ["b@example.org"],
    }
    manifeste = depot.read_lot("591")
    assert manifeste is not None
    assert manifeste["ecartes"] == {"sans_convention": 1}
    texte = (depot.lot(1, "591") / "LISEZMOI.txt").read_text("utf-8-sig")
    assert "Cpam sans convention en vigueur (ces coordonnées sont retenues) : 1" in texte
    assert "n'envoyez rien à : 594 Cpam des Flandres" in texte
    paires = "SELECT version, motif FROM suivi.evenement WHERE etat = 'retenu' AND code_cpam = '594'"
    assert [tuple(e) for e in depot.run(paires)] == [(1, "aucune convention en vigueur")]
    assert depot.write("591").etat == "inchange"
    assert len(depot.run(paires)) == 1
    assert depot.journal("591") == PREMIER
    assert defects(depot, "591") == []


def test_the_digest_counts_what_stands_and_names_what_is_held(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE, PAUL], "061": [], "051": [ZOE]})
    depot.judge("051", "retenu")
    for caf in ("831", "061", "051"):
        depot.write(caf)
    with depot.connect() as entrepot:
        comptes = queue_digest(entrepot, JUIN)
        assert comptes == {"deposes": 2, "vides": 1, "retenus": 1, "personnes": 2}
        queue_digest(entrepot, JUIN)
        corps = entrepot.scalars(
            text("SELECT corps FROM suivi.avis WHERE destinataire = 'equipe_nationale'")
        ).all()
    assert len(corps) == 1
    assert "Retenus : 051 · Hautes-Alpes (Verdict retenu)." in corps[0]


def test_the_digest_is_told_again_when_another_caf_is_held(depot: Depot) -> None:
    depot.publish({"831": [], "061": []})
    for retenue, libre in (("831", "061"), ("061", "831")):
        depot.judge(retenue, "retenu")
        depot.judge(libre, "conforme")
        depot.write(retenue)
        depot.write(libre)
        with depot.connect() as entrepot:
            queue_digest(entrepot, JUIN)
            entrepot.commit()
    avis = depot.run("SELECT corps FROM suivi.avis WHERE destinataire = 'equipe_nationale' ORDER BY cree_le")
    assert ["831" in a.corps for a in avis] == [True, False]
    assert ["061" in a.corps for a in avis] == [False, True]
