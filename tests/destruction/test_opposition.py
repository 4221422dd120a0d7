"""Objections: a person is destroyed everywhere, their lot alone is made again, and their identifier goes nowhere."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from destruction_exemples import (
    DANS_TROIS_MOIS,
    JUILLET,
    JUIN,
    LOUTRE,
    PUTOIS,
    ZIBELINE,
    Maison,
    search_files,
)
from lots_exemples import CLE, make_reglages

from aller_vers.destruction.oppositions import leave_out_opposants, read_identifiants, record_oppositions
from aller_vers.partage.partage import FichierOccupeError, Partage
from aller_vers.requete.nettoyage.passe import clean_demandeurs
from aller_vers.requete.publication import publish_mois
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.identite import compute_empreinte
from aller_vers.socle.partitions import replace_partition
from aller_vers.suivi.trace import purge_trace, verify_trace
from commande import Fini, run_commande

EMPREINTE = compute_empreinte(CLE.encode(), ZIBELINE[0])


def oppose(maison: Maison, dsn_role: Callable[[str], str], *identifiants: str) -> int:
    with open_transaction(dsn_role("av_pilotage"), "av_pilotage") as pilotage:
        return record_oppositions(pilotage, make_reglages(), identifiants)


def list_avis(maison: Maison, prefixe: str = "opposition/") -> list[tuple[str, str, str]]:
    ordre = "SELECT cle, destinataire, corps FROM suivi.avis WHERE cle LIKE :p ORDER BY cle"
    return [tuple(ligne) for ligne in maison.run(ordre, p=f"{prefixe}%")]


def test_one_objection_destroys_the_person_everywhere_and_changes_exactly_one_lot(
    maison: Maison, dsn_role: Callable[[str], str]
) -> None:
    maison.drop_juin()
    avant = maison.snapshot()
    assert len(search_files(maison.dsn_proprietaire, "canari.zibeline", ZIBELINE[0])) >= 4, "tables et index"
    assert oppose(maison, dsn_role, f" {ZIBELINE[0]}\n", PUTOIS[0] + "9") == 2
    assert maison.search(EMPREINTE) == ["suivi.opposition.empreinte"]
    assert maison.search(ZIBELINE[0]), "enregistrer n'est pas encore détruire"
    bilan = maison.treat_oppositions()
    bilan.require_complete()
    assert (bilan.traitees, bilan.lots) == (2, 1)
    assert maison.search("zibeline", "71 23", "9900712 3", ZIBELINE[0]) == []
    assert search_files(maison.dsn_proprietaire, "canari.zibeline", ZIBELINE[0]) == []
    assert maison.search("loutre"), "les autres restent"
    apres = maison.snapshot()
    assert {chemin.split("/")[0] for chemin in avant.keys() ^ apres.keys()} == {"831"}
    assert all(apres[chemin] == avant[chemin] for chemin in avant if not chemin.startswith("831/"))
    lot = maison.read_lot("831")
    assert lot is not None
    assert (lot["version"], lot["remplace"], lot["lignes"]) == (2, 1, 1)
    assert lot["motif"] == "opposition d'une personne"
    assert [(v, e) for v, e in maison.journal("831")] == [
        (1, "prepare"), (1, "depose"), (2, "prepare"), (2, "depose"), (1, "remplace")
    ]  # fmt: skip
    [(cle, destinataire, corps)] = list_avis(maison)
    assert (cle, destinataire) == ("opposition/2025-06/831/v2", "caf:831")
    assert "transmettez aussitôt la version 2 à chaque Cpam" in corps
    assert "demandez-lui de détruire la version 1" in corps
    [(a_traiter, lots)] = maison.run(
        "SELECT traitee_le IS NULL, lots FROM suivi.opposition WHERE empreinte = :e", e=EMPREINTE
    )
    assert (a_traiter, lots) == (False, []), "il n'en reste que l'empreinte et les dates"
    with maison.open() as entrepot:
        assert verify_trace(entrepot) == []


def test_treating_again_changes_nothing(maison: Maison, dsn_role: Callable[[str], str]) -> None:
    maison.drop_juin()
    oppose(maison, dsn_role, ZIBELINE[0])
    maison.treat_oppositions()
    avant = maison.snapshot()
    assert (maison.treat_oppositions().traitees, maison.snapshot()) == (0, avant)
    assert oppose(maison, dsn_role, ZIBELINE[0]) == 0
    bilan = maison.treat_oppositions()
    assert (bilan.traitees, bilan.lots, maison.snapshot()) == (1, 0, avant)
    assert len(list_avis(maison)) == 1


def test_every_month_that_holds_the_person_is_made_again(
    maison: Maison, dsn_role: Callable[[str], str]
) -> None:
    maison.drop_juin()
    maison.fill(JUILLET, {"591": [ZIBELINE, PUTOIS]})
    maison.drop(JUILLET, "591")
    oppose(maison, dsn_role, ZIBELINE[0])
    assert maison.treat_oppositions().lots == 2
    assert maison.search("zibeline") == []
    assert [cle for cle, *_ in list_avis(maison)] == [
        "opposition/2025-06/831/v2",
        "opposition/2025-07/591/v2",
    ]


def test_a_share_that_is_gone_delays_the_lot_and_not_the_tables(
    maison: Maison, dsn_role: Callable[[str], str]
) -> None:
    maison.drop_juin()
    oppose(maison, dsn_role, ZIBELINE[0])
    ailleurs = maison.racine.rename(maison.racine.with_name("ailleurs"))
    bilan = maison.treat_oppositions()
    with pytest.raises(ErreurAllerVers, match=r"1 lot.*2025-06/831.*introuvable"):
        bilan.require_complete()
    assert maison.search("zibeline") == []
    assert maison.run("SELECT traitee_le IS NULL FROM suivi.opposition") == [(True,)]
    ailleurs.rename(maison.racine)
    assert maison.search("zibeline") == ["831/2025-06/v1/PA_831_202506_v1.xlsx"]
    bilan = maison.treat_oppositions()
    assert (bilan.traitees, bilan.lots, maison.search("zibeline")) == (1, 1, [])


def test_a_former_file_that_its_caf_holds_open_keeps_the_objection_waiting(
    maison: Maison, dsn_role: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    maison.drop_juin()
    oppose(maison, dsn_role, ZIBELINE[0])

    def refuse(self: Partage, chemin: str) -> None:
        if "v1/PA_831" in chemin:
            raise FichierOccupeError("Fichier ouvert.", "le fermer.")
        vrai(self, chemin)

    vrai = Partage.remove
    monkeypatch.setattr(Partage, "remove", refuse)
    bilan = maison.treat_oppositions()
    assert (bilan.traitees, bilan.lots) == (0, 1)
    assert (
        "v1/PA_831_202506_v1.xlsx du lot 2025-06 de la Caf 831 ne se supprime pas"
        in bilan.echecs["2025-06/831"]
    )
    monkeypatch.setattr(Partage, "remove", vrai)
    bilan = maison.treat_oppositions()
    assert (bilan.traitees, bilan.lots, maison.search("zibeline")) == (1, 0, [])
    assert len(list_avis(maison)) == 1


def test_a_held_lot_is_withdrawn_from_the_share(maison: Maison, dsn_role: Callable[[str], str]) -> None:
    maison.drop_juin()
    maison.judge("831", "retenu")
    maison.run("UPDATE core.publication SET run_id = 'r1'")
    oppose(maison, dsn_role, ZIBELINE[0])
    assert maison.treat_oppositions().lots == 1
    assert maison.search("zibeline") == []
    assert not (maison.racine / "831/2025-06").exists()
    [(cle, _, corps)] = list_avis(maison)
    assert cle == "opposition/2025-06/831/v1-retire"
    assert "est retiré du partage" in corps


def test_a_destroyed_month_asks_for_nothing(maison: Maison, dsn_role: Callable[[str], str]) -> None:
    maison.drop_juin()
    maison.purge(DANS_TROIS_MOIS)
    oppose(maison, dsn_role, ZIBELINE[0])
    bilan = maison.treat_oppositions()
    assert (bilan.traitees, bilan.lots, bilan.echecs) == (1, 0, {})


def test_the_next_extract_leaves_the_person_out_and_counts_them(
    maison: Maison, dsn_role: Callable[[str], str]
) -> None:
    oppose(maison, dsn_role, ZIBELINE[0])
    maison.treat_oppositions()
    maison.fill(JUIN, {"831": [ZIBELINE, LOUTRE]}, publie=False)
    with maison.open() as entrepot:
        assert leave_out_opposants(entrepot, make_reglages(), JUIN) == 1
        clean_demandeurs(entrepot, "2025-06")
        assert publish_mois(entrepot, JUIN, "r2", depot=True) == {"demandeurs": 2, "transmissibles": 1}
    assert maison.search("zibeline", "71 23") == []
    assert maison.run("SELECT motif, nombre FROM core.ecarte") == [("opposition", 1)]


def test_nobody_objecting_costs_no_pass_and_needs_no_key(maison: Maison) -> None:
    with maison.open() as entrepot:
        assert leave_out_opposants(entrepot, make_reglages(None), JUIN) == 0


@pytest.mark.parametrize("etape", ["extraction", "nettoyage"])
def test_what_fills_a_month_ends_before_an_objection_is_looked_for(
    maison: Maison, dsn_role: Callable[[str], str], etape: str
) -> None:
    maison.fill(JUIN, {"831": [ZIBELINE]}, publie=False)
    maison.run("DROP TABLE staging.demandeur_2025_06")
    fini = threading.Event()

    def treat() -> None:
        maison.treat_oppositions()
        fini.set()

    with maison.open() as entrepot:  # a copy of the person that nobody else sees yet
        if etape == "nettoyage":
            clean_demandeurs(entrepot, "2025-06")
        else:
            replace_partition(entrepot, "staging.demandeur_brut", "2025-07")
            entrepot.exec_driver_sql(
                "INSERT INTO staging.demandeur_brut SELECT '2025-07', ligne, id_personne FROM staging.demandeur_brut"
            )
            leave_out_opposants(entrepot, make_reglages(), JUILLET)
        oppose(maison, dsn_role, ZIBELINE[0])
        fil = threading.Thread(target=treat)
        fil.start()
        assert not fini.wait(1)
    fil.join(30)
    assert fini.is_set()
    assert maison.search("zibeline", ZIBELINE[0]) == []


def test_the_record_of_an_objection_goes_after_its_legal_time(
    maison: Maison, dsn_role: Callable[[str], str]
) -> None:
    oppose(maison, dsn_role, ZIBELINE[0], PUTOIS[0])
    maison.treat_oppositions()
    oppose(maison, dsn_role, PUTOIS[0])  # waits again: kept whatever its age
    for mois, oubliees in ((23, 0), (25, 1)):
        maison.run("UPDATE suivi.opposition SET recue_le = now() - make_interval(months => :m)", m=mois)
        with maison.open() as entrepot:
            bilan = purge_trace(entrepot, make_reglages(), datetime.now(UTC))
        assert (bilan["evenements"], bilan["oppositions"]) == (0, oubliees)
    assert maison.run("SELECT count(*) FROM suivi.opposition") == [(1,)]


@pytest.mark.parametrize(
    "texte", ["", "\n \n", "7100001;2", "zibeline@example.org", "0 199", "x" * 65, "abc", "0123", "1" * 19]
)
def test_what_is_no_identifier_is_refused_and_not_repeated(texte: str) -> None:
    with pytest.raises(ErreurAllerVers) as refus:
        read_identifiants([texte])
    assert not texte.strip() or texte not in str(refus.value)


def run_command(base: str, entree: str, *arguments: str, **connexions: str) -> Fini:
    env = {"AIRFLOW_CONN_AV_PILOTAGE": base, "AV_CLE_IDENTITE": CLE, **connexions}
    return run_commande(*arguments, entree=entree, env=env)


def test_the_command_reads_its_standard_input_and_says_no_identifier(
    maison: Maison, dsn_role: Callable[[str], str], tmp_path: Path
) -> None:
    dsn = dsn_role("av_pilotage")
    fini = run_command(dsn, f"{ZIBELINE[0]}\n\n{PUTOIS[0]}\n", "opposition")
    assert fini.returncode == 0, fini.stderr
    assert "2 oppositions enregistrées ; aucune déjà connue" in fini.stdout
    refuse = run_command(dsn, f"{ZIBELINE[0]}\nzibeline@example.org\n", "opposition")
    assert refuse.returncode == 1
    assert "La ligne 2 n'est pas un identifiant" in refuse.stderr
    argument = run_command(dsn, "", "opposition", ZIBELINE[0])
    assert argument.returncode == 2, "un argument se lirait dans la liste des processus"
    for sortie in (fini, refuse):
        assert ZIBELINE[0] not in sortie.stdout + sortie.stderr
        assert "zibeline" not in sortie.stdout + sortie.stderr
    assert maison.run("SELECT count(*) FROM suivi.opposition") == [(2,)]
    assert maison.search(ZIBELINE[0], "zibeline") == []


def test_the_command_says_how_many_are_known_and_keeps_the_unknown(
    maison: Maison, dsn_role: Callable[[str], str], base_vide: str
) -> None:
    maison.drop_juin()
    with psycopg.connect(base_vide) as source:
        source.execute("CREATE TABLE personne (id_personne bigint)")
        source.execute("INSERT INTO personne VALUES (%s), (%s)", (int(ZIBELINE[0]), 12))
    fini = run_command(
        dsn_role("av_pilotage"), f"{ZIBELINE[0]}\n12\n999999999999\n", "opposition",
        AIRFLOW_CONN_AV_ENTREPOT=dsn_role("av_etl"), AIRFLOW_CONN_AV_SOURCE=base_vide,
    )  # fmt: skip
    assert "Trouvées dans les tables : 1 sur 3." in fini.stdout, fini.stderr
    assert "Trouvées à la source : 2 sur 3. 1 identifiant inconnu" in fini.stdout
    assert maison.run("SELECT count(*) FROM suivi.opposition") == [(3,)]


@pytest.mark.parametrize("role", ["av_qualite", "av_diffusion", "av_pilotage"])
def test_only_who_treats_objections_reads_them(
    maison: Maison, dsn_role: Callable[[str], str], role: str
) -> None:
    with psycopg.connect(dsn_role(role), autocommit=True) as connexion:
        for ordre in ("SELECT 1 FROM suivi.opposition", "UPDATE suivi.opposition SET lots = '[]'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connexion.execute(ordre)


def test_a_hash_says_nothing_without_the_key_nor_of_a_content() -> None:
    assert compute_empreinte(b"x" * 32, "1") != compute_empreinte(b"y" * 32, "1")
    assert compute_empreinte(b"x" * 32, " 1\n") == compute_empreinte(b"x" * 32, "1")
    assert len(compute_empreinte(b"x" * 32, "1")) == 64
