"""Access and rectification: everything that is held of one person, and their contact corrected wherever they are."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from destruction_exemples import JUILLET, JUIN, LOUTRE, PUTOIS, ZIBELINE, Maison, search_files
from lots_exemples import CLE, make_reglages
from test_opposition import oppose, run_command

from aller_vers.destruction.echeances import find_terme
from aller_vers.destruction.personne import load_acces
from aller_vers.destruction.purge import load_lots
from aller_vers.socle.sql import read_sql
from aller_vers.suivi.evenements import record_evenement

NEUF = ("canari.neuve@example.org", "01 99 00 71 99", "83200")


@pytest.fixture
def source(base_vide: str) -> str:
    """Give a source that knows Zibeline by her corrected contact, and her application of June."""
    with psycopg.connect(base_vide) as connexion:
        connexion.execute(read_sql("socle/source/contrat.sql").encode())
        connexion.execute(
            "INSERT INTO dossier (id_dossier, code_caf, code_postal) VALUES (1, '831', '83200')"
        )
        connexion.execute(
            "INSERT INTO personne (id_personne, id_dossier, courriel, telephone, opposition_contact)"
            " VALUES (%s, 1, %s, '01.99.00.71.99', false)",
            (int(ZIBELINE[0]), f" {NEUF[0].upper()}"),
        )
        connexion.execute(
            "INSERT INTO demande (id_demande, id_personne, code_caf, code_caf_gestionnaire, prestation, nature,"
            " date_depot, etat) VALUES (1, %s, '831', '831', 'AJPA', 'initiale', '2025-06-10', 'deposee')",
            (int(ZIBELINE[0]),),
        )
    return base_vide


@pytest.fixture
def personne(
    maison: Maison, dsn_role: Callable[[str], str], source: str, tmp_path: Path
) -> Callable[..., str]:
    """Give the command, on Zibeline unless it is said otherwise; nothing of hers is ever in its errors."""
    maison.drop_juin()

    def run(*arguments: str, entree: str = f"{ZIBELINE[0]}\n", code: int = 0) -> str:
        fini = run_command(
            dsn_role("av_pilotage"), entree, "personne", *arguments, AIRFLOW_CONN_AV_ENTREPOT=dsn_role("av_etl"),
            AIRFLOW_CONN_AV_SOURCE=source, AV_CLE_IDENTITE=CLE,
            AIRFLOW_CONN_AV_PARTAGE=json.dumps({"conn_type": "generic", "extra": {"url": maison.racine.as_uri()}}),
        )  # fmt: skip
        assert fini.returncode == code, fini.stderr
        assert not any(trace in fini.stderr for trace in ("zibeline", *ZIBELINE))
        return fini.stdout if code == 0 else fini.stderr

    return run


def test_access_says_what_is_held_where_since_when_given_to_whom_and_until_when(
    maison: Maison, personne: Callable[..., str], dsn_role: Callable[[str], str], tmp_path: Path
) -> None:
    with maison.open() as entrepot:
        record_evenement(
            entrepot, mois=JUIN, code_caf="831", version=1, etat="transmis", acteur="essai", code_cpam="831",
            preuve={"date_transmission": "2025-07-03", "portail": "peps", "lignes": 2},
        )  # fmt: skip
    rendu = personne("--acces")
    for attendu in (
        "staging.demandeur_brut", "staging.demandeur", "core.demandeur", ZIBELINE[1], ZIBELINE[2], ZIBELINE[3],
        "fichier du lot 831/2025-06, version 1", "Depuis le : ", "Jusqu'au : ", "du Var, version 1, le 03/07/2025",
        "destruction pas encore attestée", "Opposition : aucune",
    ):  # fmt: skip
        assert attendu in rendu, rendu
    assert LOUTRE[1] not in rendu, "rien d'une autre"
    with psycopg.connect(maison.dsn_proprietaire) as base:
        lectures = base.execute("SELECT quoi, objet FROM suivi.lecture").fetchall()
    assert lectures == [("acces", None)], "qui a lu, jamais de qui"
    sortie = tmp_path / "acces.txt"
    assert personne("--acces", "--sortie", str(sortie)) == ""
    assert stat.S_IMODE(sortie.stat().st_mode) == 0o600
    assert ZIBELINE[1] in sortie.read_text()
    oppose(maison, dsn_role, ZIBELINE[0])
    maison.treat_oppositions()
    apres = personne("--acces")
    assert "rien d'elle en clair" in apres
    assert "Opposition : reçue le" in apres
    assert ZIBELINE[1] not in apres


def test_who_received_her_is_said_for_certain_of_one_recipient_and_perhaps_of_several(maison: Maison) -> None:
    maison.drop_juin()
    cpam = maison.list_cpam("591")
    assert len(cpam) > 1
    for code_caf, codes in (("591", cpam), ("831", ["831"])):
        for code_cpam in codes:
            with maison.open() as entrepot:
                record_evenement(
                    entrepot, mois=JUIN, code_caf=code_caf, version=1, etat="transmis", acteur="essai", code_cpam=code_cpam,
                    preuve={"date_transmission": "2025-07-03", "portail": "peps", "lignes": 1},
                )  # fmt: skip
    with maison.open() as entrepot:
        dits = {p[0]: load_acces(entrepot, make_reglages(), p[0]).mois for p in (PUTOIS, ZIBELINE)}
        lot = next(lot for lot in load_lots(entrepot) if lot.code_caf == "591")
    [(putois,), (zibeline,)] = dits.values()
    assert [e.certain for e in putois.envois] == [False] * len(cpam)
    assert [e.certain for e in zibeline.envois] == [True]
    assert (putois.terme, putois.dossier, putois.version) == (
        find_terme(lot, make_reglages()),
        "591/2025-06",
        1,
    )


def test_one_person_at_a_time_is_served(personne: Callable[..., str]) -> None:
    assert "une demande concerne une personne" in personne(
        "--acces", entree=f"{ZIBELINE[0]}\n{LOUTRE[0]}\n", code=1
    )
    assert "La ligne 1 n'est pas un identifiant" in personne(
        "--rectification", entree="zib@example.org", code=1
    )


def test_rectification_corrects_every_table_and_lot_from_the_source_and_nobody_else(
    maison: Maison, personne: Callable[..., str]
) -> None:
    maison.fill(JUILLET, {"831": [ZIBELINE]})
    maison.drop(JUILLET, "831")
    avant = maison.snapshot()
    rendu = personne("--rectification")
    assert "Mois qui la tiennent : 2 ; corrigés : 1 ; lots refaits : 1." in rendu
    assert "1 mois que la source ne redonne plus" in rendu, (
        "elle n'a rien demandé en juillet d'après la source"
    )
    assert maison.run(
        "SELECT courriel, telephone, code_postal FROM core.demandeur WHERE mois = '2025-06' AND id_personne = :i",
        i=ZIBELINE[0],
    ) == [NEUF]
    assert maison.run(
        "SELECT motifs, courriel_net FROM staging.demandeur WHERE mois = '2025-06' AND id_personne = :i",
        i=ZIBELINE[0],
    ) == [([], NEUF[0])]
    assert not [lieu for lieu in maison.search(ZIBELINE[1]) if "2025_07" not in lieu and "2025-07" not in lieu
                and not lieu.endswith(("demandeur.courriel", "demandeur.courriel_net", "brut.courriel"))]  # fmt: skip
    assert not [nom for nom in search_files(maison.dsn_proprietaire, ZIBELINE[1]) if "2025_07" not in nom]
    lot = maison.read_lot("831")
    assert lot is not None
    assert (lot["version"], lot["lignes"], lot["motif"]) == (2, 2, "rectification des données d'une personne")
    apres = maison.snapshot()
    assert {c.split("/")[:2][1] for c in avant.keys() ^ apres.keys()} == {"2025-06"}
    assert {c.split("/")[0] for c in avant.keys() ^ apres.keys()} == {"831"}
    [(corps,)] = maison.run("SELECT corps FROM suivi.avis WHERE cle = 'rectification/2025-06/831/v2'")
    assert "transmettez aussitôt la version 2" in corps
    assert "corrigés : 0 ; lots refaits : 0." in personne("--rectification"), (
        "une seconde fois ne change rien"
    )
    assert maison.snapshot() == apres


def test_a_rectification_that_the_share_stopped_is_completed_by_the_next(
    maison: Maison, personne: Callable[..., str]
) -> None:
    dossier = maison.racine / "831" / "2025-06"
    dossier.rename(maison.racine / "ailleurs")
    dossier.write_text("")
    assert "1 lot à refaire (2025-06/831)" in personne("--rectification", code=1)
    dossier.unlink()
    (maison.racine / "ailleurs").rename(dossier)
    assert "corrigés : 0 ; lots refaits : 1." in personne("--rectification")
    lot = maison.read_lot("831")
    assert lot is not None
    assert lot["version"] == 2
