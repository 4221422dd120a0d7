"""Dropping again: for a Caf that is named, after a correction at the source, never once a month is destroyed."""

from __future__ import annotations

import io
from typing import Any

import pytest
import pyzipper
from lots_exemples import CLAIRE, JUIN, PAUL, ZOE, Depot, make_reglages, read_rows
from pydantic import SecretStr
from sqlalchemy.exc import IntegrityError

from aller_vers.lots.a_deposer import choose_caf
from aller_vers.lots.avis import queue_digest
from aller_vers.lots.presentation import decrypt
from aller_vers.lots.relecture import check_lots
from aller_vers.partage.partage import FichierOccupeError, Partage
from aller_vers.socle.donnees_personnelles import check_motif
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.suivi.trace import strike_motif, verify_trace

SECRET = "un secret d'essai"


def choose(depot: Depot, *demandees: str) -> list[str]:
    with depot.connect() as entrepot:
        return choose_caf(entrepot, JUIN, demandees)


def expire(depot: Depot, caf: str = "831") -> None:
    depot.run("SELECT suivi.inscrire('2025-06', :caf, 1, 'expire', 'purge')", caf=caf)


def test_every_caf_drops_unless_some_are_named(depot: Depot) -> None:
    with pytest.raises(ErreurAllerVers, match="n'est pas publié"):
        choose(depot)
    depot.publish({"831": [CLAIRE]})
    assert len(choose(depot)) == 101
    assert choose(depot, "831", "061", "831") == ["061", "831"]
    with pytest.raises(ErreurAllerVers, match=r"Code de Caf inconnu : 999\."):
        choose(depot, "831", "999")


def test_a_month_without_lots_has_none_to_drop_again(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]}, depot=False)
    assert choose(depot) == []
    with pytest.raises(ErreurAllerVers, match="publié sans dépôt"):
        choose(depot, "831")


def test_a_destroyed_month_is_never_written_again(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE], "061": [PAUL]})
    depot.write("831")
    depot.write("061")
    expire(depot)
    for fichier in depot.lot().iterdir():
        fichier.unlink()
    depot.lot().rmdir()
    avant = depot.snapshot()
    with pytest.raises(
        ErreurAllerVers, match=r"2025-06 de la Caf 831 a été détruit le \d\d/\d\d/\d{4} : il n'est"
    ):
        depot.write("831")
    assert depot.snapshot() == avant
    assert not depot.lot().exists()
    assert "831" not in choose(depot)
    assert len(choose(depot)) == 100
    with pytest.raises(ErreurAllerVers, match="a été détruit pour la Caf 831"):
        choose(depot, "831", "061")
    depot.run("DELETE FROM marts.caf WHERE code_caf NOT IN ('831', '061')")
    with depot.connect() as entrepot:
        assert check_lots(entrepot, Partage(str(depot.racine)), JUIN).manquements == ()
    depot.run("DELETE FROM marts.caf WHERE code_caf <> '831'")
    with pytest.raises(ErreurAllerVers, match="n'est plus jamais déposé"):
        choose(depot)


def test_one_objection_changes_exactly_one_lot(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE, PAUL], "061": [ZOE], "751": []})
    for caf in ("831", "061", "751"):
        depot.write(caf)
    avant = depot.snapshot()
    depot.publish({"831": [PAUL], "061": [ZOE], "751": []}, run_id="r2")
    assert [depot.write(caf).etat for caf in ("061", "751", "831")] == ["inchange", "inchange", "depose"]
    change = {n.split("/")[0] for n in set(depot.snapshot().items()) ^ set(avant.items()) for n in [n[0]]}
    assert change == {"831"}
    assert "claire" not in str(read_rows((depot.lot(2) / "PA_831_202506_v2.xlsx").read_bytes()))
    assert depot.journal("061") == [(1, "prepare"), (1, "depose")]


def test_a_person_whose_caf_was_wrong_changes_both_caf_and_no_other(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE, PAUL], "061": [ZOE], "751": [("x@example.org", None, None)]})
    for caf in ("831", "061", "751"):
        depot.write(caf)
    depot.publish({"831": [PAUL], "061": [ZOE, CLAIRE], "751": [("x@example.org", None, None)]}, run_id="r2")
    lots = {caf: depot.write(caf) for caf in ("831", "061", "751")}
    assert {c: (lot.etat, lot.version, lot.lignes) for c, lot in lots.items()} == {
        "831": ("depose", 2, 1), "061": ("depose", 2, 2), "751": ("inchange", 1, 1),
    }  # fmt: skip


def test_the_reason_stands_in_the_manifest_the_ledger_the_text_and_the_notice(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE, PAUL]})
    depot.write()
    depot.publish({"831": [PAUL]}, run_id="r2")
    depot.write(motif="  opposition reçue\n après le dépôt ")
    motif = "opposition reçue après le dépôt"
    manifeste = depot.read_lot()
    assert manifeste is not None
    assert (manifeste["version"], manifeste["remplace"], manifeste["motif"]) == (2, 1, motif)
    lisez = (depot.lot(2) / "LISEZMOI.txt").read_text("utf-8-sig")
    assert f"Pourquoi : {motif}." in lisez
    assert "Si la version 1 est déjà transmise, prévenez la Cpam" in lisez
    etats = depot.run("SELECT etat FROM suivi.evenement WHERE motif = :m ORDER BY id", m=motif)
    assert [e.etat for e in etats] == ["depose", "remplace"]
    (avis,) = depot.run("SELECT objet, corps FROM suivi.avis WHERE cle LIKE 'depot/%/v2'")
    assert avis.objet == "Proches aidants : lot de juin 2025, version 2"
    assert f"Il remplace la version 1 ({motif}), à ne plus utiliser." in avis.corps


def test_asked_for_again_the_same_content_is_not_written(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.write()
    avant = depot.snapshot()
    assert depot.write(motif="la Caf dit ne pas l'avoir vu").etat == "inchange"
    assert depot.snapshot() == avant
    assert depot.count_avis() == 1


@pytest.mark.parametrize(
    "motif",
    [
        "voir paul@example.org",
        "appeler le 01 99 00 12 34",
        "NIR 2 85 05 2A 006 084",
        "dossier 123456789",
        "x" * 501,
    ],
)
def test_a_reason_that_looks_like_somebody_is_refused_before_anything_is_written(
    depot: Depot, motif: str
) -> None:
    depot.publish({"831": [CLAIRE]})
    with pytest.raises(ErreurAllerVers, match="Le motif"):
        depot.write(motif=motif)
    assert depot.snapshot() == {}
    if len(motif) <= 500:
        with pytest.raises(IntegrityError):  # the ledger has the last word, and says the same
            depot.run("SELECT suivi.inscrire('2025-06', '831', 1, 'depose', 'x', :m)", m=motif)


@pytest.mark.parametrize(
    "motif",
    [
        "correction du 12/06/2025, lot 2025-06 v1",
        "erreur de Caf",
        "17 personnes",
        "lot 831/2025-06, 2025-07-01",
    ],
)
def test_an_ordinary_reason_passes(depot: Depot, motif: str) -> None:
    assert check_motif(motif) == motif
    depot.run("SELECT suivi.inscrire('2025-06', '831', 1, 'depose', 'x', :m)", m=motif)


def reglages(**options: Any) -> Any:
    return make_reglages(options_caf={"831": options})


def test_csv_is_what_french_tools_read_and_evaluates_nothing(depot: Depot) -> None:
    piege = ("=cmd@example.org", "00 32 2 000 00 00", "01000")
    depot.publish({"831": [piege, ZOE], "061": [PAUL]})
    depot.write("831", reglages(format="csv"))
    depot.write("061", reglages(format="csv"))
    assert (depot.lot() / "PA_831_202506_v1.csv").read_bytes() == (
        b"\xef\xbb\xbfcourriel;telephone;code_postal\r\n;01 99 00 56 78;\r\n"
        b"'=cmd@example.org;00 32 2 000 00 00;01000\r\n"
    )
    assert (depot.lot(caf="061") / "PA_061_202506_v1.xlsx").exists(), "an option is that of its Caf alone"
    assert "trois colonnes" in (depot.lot() / "LISEZMOI.txt").read_text("utf-8-sig")
    depot.run("DELETE FROM marts.caf WHERE code_caf NOT IN ('831', '061')")
    with depot.connect() as entrepot:
        assert check_lots(entrepot, Partage(str(depot.racine)), JUIN).manquements == ()


def test_a_short_reason_struck_out_leaves_the_notices_that_gave_it_and_no_other_word(depot: Depot) -> None:
    """« Var » was the reason: neither the Caf's own name nor another Caf's reason is struck out with it."""
    depot.run(
        "WITH p AS (DELETE FROM marts.caf WHERE code_caf = '831' RETURNING *) INSERT INTO marts.caf"
        " SELECT (jsonb_populate_record(NULL::marts.caf, to_jsonb(p) || jsonb_build_object('nom', 'Caf (Var)'))).* FROM p"
    )
    depot.publish({"831": [CLAIRE], "061": [CLAIRE]})
    depot.write()
    depot.publish({"831": [CLAIRE, PAUL], "061": [CLAIRE]})
    depot.write(motif="Var")
    for caf in ("061", "831"):
        depot.run(
            "SELECT suivi.inscrire('2025-06', :c, 3, 'retenu', 'marie', 'Var', '{\"decision\": \"garde\"}')",
            c=caf,
        )
    with depot.connect() as entrepot:
        queue_digest(entrepot, JUIN)
        entrepot.commit()
    depot.run(  # the same words, once the suspension of the version ends
        "SELECT suivi.aviser('reprise/2025-06/831/v2/9', a.destinataire, a.canal, a.objet, a.corps)"
        " FROM suivi.avis AS a WHERE a.cle = 'depot/2025-06/831/v2'"
    )
    avant = {a.cle: a.corps for a in depot.run("SELECT cle, corps FROM suivi.avis")}
    dits = ("la version 1 (Var), à ne plus", "831 · Var (Var)")
    assert [sum(dit in corps for corps in avant.values()) for dit in dits] == [2, 1]
    for (numero,) in depot.run(
        "SELECT id FROM suivi.evenement WHERE motif = 'Var' AND code_caf = '831' ORDER BY id"
    ):
        with depot.connect() as entrepot:
            assert strike_motif(entrepot, numero, "dpd")
            entrepot.commit()
    for dit in dits:
        raye = dit.replace("(Var)", "([raison rayée])")
        avant = {cle: corps.replace(dit, raye) for cle, corps in avant.items()}
    assert {a.cle: a.corps for a in depot.run("SELECT cle, corps FROM suivi.avis")} == avant
    assert sum("(Var)" in corps for corps in avant.values()) == len(avant)


@pytest.mark.parametrize("format_", ["xlsx", "csv"])
def test_encrypted_files_open_with_the_secret_alone_and_hold_it_nowhere(depot: Depot, format_: str) -> None:
    depot.publish({"831": [CLAIRE]})
    chiffre = reglages(format=format_, chiffre=True)
    depot.write("831", chiffre, trouver_secret={"831": SECRET}.get)
    archive = (depot.lot() / "PA_831_202506_v1.zip").read_bytes()
    clair = decrypt(archive, SECRET, 2)
    assert clair is not None
    assert b"claire@example.org" in clair or len(read_rows(clair)) == 2
    assert decrypt(archive, SECRET + "x", 2) is None
    bombe = io.BytesIO()
    with pyzipper.AESZipFile(bombe, "w", compression=8, encryption=pyzipper.WZ_AES) as zip_chiffre:
        zip_chiffre.setpassword(SECRET.encode())
        zip_chiffre.writestr("PA.csv", b"0" * 300_000)
    assert decrypt(bombe.getvalue(), SECRET, 2) is None
    assert decrypt(bombe.getvalue(), SECRET, 200) is not None
    (entree,) = pyzipper.AESZipFile(io.BytesIO(archive)).infolist()
    assert (entree.filename, entree.wz_aes_strength) == (f"PA_831_202506_v1.{format_}", 3), "3: AES-256"
    assert sorted(f.name for f in depot.lot().iterdir()) == [
        "ACCUSE_831_202506.csv", "INFORMATION_PERSONNES.txt", "LISEZMOI.txt", "PA_831_202506_v1.zip", "manifeste.json",
    ]  # fmt: skip
    tout = b"".join(f.read_bytes() for f in depot.racine.rglob("*") if f.is_file())
    assert SECRET.encode() not in tout
    assert b"example.org" not in tout
    depot.run("DELETE FROM marts.caf WHERE code_caf <> '831'")
    with depot.connect() as entrepot:
        for secrets, defauts in (({}, 1), ({"831": SECRET}, 0), ({"831": SECRET + "x"}, 1)):
            jugement = check_lots(entrepot, Partage(str(depot.racine)), JUIN, secrets.get)
            assert len(jugement.manquements) == defauts
    assert "7-Zip" in (depot.lot() / "LISEZMOI.txt").read_text("utf-8-sig")


def test_zips_are_salted_so_the_same_content_is_its_keyed_identity(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    chiffre = reglages(chiffre=True)
    depot.write("831", chiffre, trouver_secret={"831": SECRET}.get)
    avant = depot.snapshot()
    assert depot.write("831", chiffre, trouver_secret={"831": SECRET}.get).etat == "inchange"
    assert depot.snapshot() == avant
    (depot.lot() / "PA_831_202506_v1.zip").unlink()
    assert depot.write("831", chiffre, trouver_secret={"831": SECRET}.get).etat == "repare"
    refait = depot.snapshot()["831/2025-06/v1/PA_831_202506_v1.zip"][0]
    assert refait != avant["831/2025-06/v1/PA_831_202506_v1.zip"][0]
    assert decrypt(refait, SECRET, 2)
    assert depot.journal() == [(1, "prepare"), (1, "depose")]


@pytest.mark.parametrize("secret", [None, "", "trop court"])
def test_without_its_secret_nothing_of_an_encrypted_lot_is_written(depot: Depot, secret: str | None) -> None:
    depot.publish({"831": [CLAIRE]})
    with pytest.raises(ErreurAllerVers, match="son secret manque ou compte moins de 12") as refus:
        depot.write("831", reglages(chiffre=True), trouver_secret=lambda code: secret)
    assert "av_lot_831" in str(refus.value)
    assert not secret or secret not in str(refus.value)
    assert depot.snapshot() == {}


def test_an_option_changes_no_lot_until_somebody_asks_for_it_again(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.write()
    assert depot.write("831", reglages(format="csv")).etat == "inchange"
    (depot.lot() / "PA_831_202506_v1.xlsx").unlink()
    assert depot.write("831", reglages(format="csv")).etat == "repare"
    assert (depot.lot() / "PA_831_202506_v1.xlsx").exists(), "mended as it was dropped"
    lot = depot.write("831", reglages(format="csv"), motif="la Caf préfère le csv")
    assert (lot.etat, lot.version, lot.motif) == ("depose", 2, "la Caf préfère le csv")
    assert (depot.lot(2) / "PA_831_202506_v2.csv").exists()
    assert not (depot.lot() / "PA_831_202506_v1.xlsx").exists()
    assert depot.write("831", reglages(format="csv"), motif="la Caf préfère le csv").etat == "inchange"
    with depot.connect() as entrepot:
        assert verify_trace(entrepot) == []


def test_a_former_file_that_its_caf_holds_open_does_not_hold_the_new_lot(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.write()
    depot.publish({"831": [PAUL]}, run_id="r2")
    remove = Partage.remove

    def refuse(partage: Partage, chemin: str) -> None:
        if chemin.endswith(".xlsx"):
            raise FichierOccupeError("occupé", "fermer")
        remove(partage, chemin)

    with monkeypatch.context() as patch:
        patch.setattr(Partage, "remove", refuse)
        assert depot.write().version == 2
    assert (depot.lot() / "PA_831_202506_v1.xlsx").exists()
    assert depot.journal()[-2:] == [(2, "depose"), (1, "remplace")]
    assert depot.write().etat == "inchange"
    assert not (depot.lot() / "PA_831_202506_v1.xlsx").exists(), "gone as soon as it is let go"


def test_a_suspension_ends_with_the_version_that_replaces_it(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE]})
    depot.write()
    depot.judge("831", "retenu", ("volume", "retenu"))
    depot.write()
    assert (depot.racine / "831/2025-06/SUSPENDU.txt").exists()
    (dernier,) = depot.run("SELECT motif, preuve FROM suivi.evenement WHERE etat = 'retenu'")
    assert dernier.preuve["suspend"] == 1
    depot.publish({"831": [PAUL]}, run_id="r2")
    assert depot.write().version == 2
    assert not (depot.racine / "831/2025-06/SUSPENDU.txt").exists()
    cles = [a.cle.split("/")[0] for a in depot.run("SELECT cle FROM suivi.avis ORDER BY cree_le")]
    assert cles == ["depot", "suspension", "depot"]


def test_an_empty_lot_has_nothing_to_suspend(depot: Depot) -> None:
    depot.publish({"831": []})
    depot.write()
    depot.judge("831", "retenu", ("volume", "retenu"))
    depot.write()
    assert not (depot.racine / "831/2025-06/SUSPENDU.txt").exists()
    assert depot.count_avis() == 1


def test_a_caf_reads_the_share_under_the_name_that_it_knows(depot: Depot) -> None:
    depot.publish({"051": [CLAIRE], "831": []})
    for caf in ("051", "831"):
        depot.write(caf, make_reglages(nom_partage=r"\\serveur\aller-vers"))
    corps = {a.destinataire: a.corps for a in depot.run("SELECT destinataire, corps FROM suivi.avis")}
    assert "\\\\serveur\\aller-vers\\051\\2025-06\\v1\n" in corps["caf:051"]
    assert "\\\\serveur\\aller-vers\\051\\retours" in corps["caf:051"]
    assert "remettre le fichier au service Maladie de votre caisse" in corps["caf:051"]
    assert "BlueFiles" not in corps["caf:051"]
    assert "il n'y a rien à faire" in corps["caf:831"]
    assert "au plus tard le 08/07" not in corps["caf:831"]
    assert str(depot.racine) not in "".join(corps.values())


def test_settings_of_options_are_read_strictly() -> None:
    assert make_reglages(options_caf={"061": {"format": "csv"}}).options_caf["061"].format == "csv"
    for options in ({"61": {}}, {"061": {"format": "ods"}}, {"061": {"mot_de_passe": SecretStr("x")}}):
        with pytest.raises(ValueError, match="options_caf"):
            make_reglages(options_caf=options)
