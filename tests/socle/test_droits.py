"""Every role of the warehouse and every act: what the catalogue allows is this table, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from aller_vers.qualite.verdicts import Jugement, Manquement, save_jugement
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.mois import Mois
from aller_vers.suivi.acteurs import DAGS

REFERENCE = {"region", "caf", "cpam", "code_postal", "perimetre", "convention", "groupe"}
# What each role that is not av_etl does: by act, the tables, views, functions or schemas.
ACTES: dict[str, dict[str, set[str]]] = {
    "av_qualite": {
        "SELECT": {*(f"dq.profil_{gate}" for gate in ("requete", "depots", "retours", "marts")),
                   "dq.historique_requete", "dq.quarantaine", "dq.verdict",
                   "dq.verdict_remplace"},
        "EXECUTE": {"dq.rendre", "suivi.maintenant"},
    },
    "av_pilotage": {
        "SELECT": {
            *(f"marts.{nom}" for nom in REFERENCE),
            "marts.mesure", "marts.calcul", "marts.indicateur", "marts.indicateur_cumule", "marts.homogeneite",
            "marts.score", "marts.indicateur_compare", "marts.terme", "marts.lieu", "dq.verdict", "dq.historique_requete",
            "diffusion.indicateur", "diffusion.homogeneite",
            "public.aller_vers_version",
            "suivi.evenement", "suivi.chaine", "suivi.sceau", "suivi.avis", "suivi.alerte", "suivi.destruction",
            "suivi.jeton", "suivi.lecture", "suivi.manifeste", "suivi.lot_retenu", "suivi.destinataire", "suivi.lot_vide", "suivi.fichier_recu",
            "suivi.retour_recu", "suivi.retour_attendu", "suivi.certificat_attendu", "suivi.parole", "suivi.copie",
            "suivi.mois_incomplet", "suivi.mois_a_certifier", "suivi.mois_ouvert", "suivi.mois_retenu", "suivi.prise_reference",
            "suivi.perimetre_de_caf",
        },
        # Five acts of the page, which set the state and the proof themselves, and the note of what was read; the
        # rest reads and computes.
        "EXECUTE": {
            "suivi.decider", "suivi.transmettre", "suivi.opposer", "suivi.renvoyer", "suivi.confirmer_perimetre", "suivi.noter_lecture",
            "suivi.couvre", "suivi.sceller", "suivi.texte_scelle", "suivi.texte_engage", "suivi.texte_motif", "suivi.maintenant",
            "marts.rapport", "marts.arreter", "marts.caf_du", "marts.caf_actuelle",
        },
    },
    "av_diffusion": {
        "SELECT": {"diffusion.indicateur", "diffusion.homogeneite"},
    },
}  # fmt: skip
# What av_etl, which carries the persons and counts, may not touch but through a function: the trace and its proof.
FERMES_A_ETL = {
    "INSERT": {"suivi.evenement", "suivi.perimetre_confirme", "suivi.chaine", "suivi.avis", "suivi.opposition", "suivi.horloge", "suivi.lecture",
               "dq.verdict", "dq.verdict_remplace"},
    "UPDATE": {"suivi.evenement", "suivi.perimetre_confirme", "suivi.chaine", "suivi.sceau", "suivi.destruction", "suivi.horloge", "suivi.lecture", "dq.verdict",
               "dq.verdict_remplace"},
    "DELETE": {"suivi.evenement", "suivi.perimetre_confirme", "suivi.chaine", "suivi.sceau", "suivi.avis", "suivi.destruction", "suivi.horloge",
               "suivi.lecture", "dq.verdict", "dq.verdict_remplace"},
}  # fmt: skip
_RELATIONS = """
SELECT p.acte, n.nspname || '.' || c.relname AS nom
FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('TRIGGER'), ('REFERENCES')) AS p (acte)
WHERE n.nspname !~ '^pg_|^information_schema$' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND has_schema_privilege(:role, n.oid, 'USAGE')
    AND CASE WHEN p.acte IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
        THEN has_any_column_privilege(:role, c.oid, p.acte) ELSE has_table_privilege(:role, c.oid, p.acte) END
UNION ALL
SELECT 'EXECUTE', n.nspname || '.' || f.proname
FROM pg_proc AS f INNER JOIN pg_namespace AS n ON f.pronamespace = n.oid
WHERE n.nspname !~ '^pg_|^information_schema$' AND has_function_privilege(:role, f.oid, 'EXECUTE')
UNION ALL
SELECT 'CREATE', n.nspname FROM pg_namespace AS n
WHERE n.nspname !~ '^pg_|^information_schema$' AND has_schema_privilege(:role, n.oid, 'CREATE')
UNION ALL
SELECT 'CONNECT', d.datname FROM pg_database AS d
WHERE d.datname IN ('postgres', 'template1') AND has_database_privilege(:role, d.oid, 'CONNECT')
"""


def list_actes(entrepot: Connection, role: str) -> dict[str, set[str]]:
    actes: dict[str, set[str]] = {}
    for acte, nom in entrepot.execute(text(_RELATIONS), {"role": role}):
        actes.setdefault(acte, set()).add(nom)
    return actes


@pytest.mark.parametrize("role", ACTES)
def test_a_role_does_what_its_line_says_and_nothing_else(entrepot: Connection, role: str) -> None:
    assert list_actes(entrepot, role) == ACTES[role]


def test_av_etl_writes_no_proof_by_hand(entrepot: Connection) -> None:
    permis = list_actes(entrepot, "av_etl")
    assert len(permis["SELECT"]) > 30
    assert permis["CREATE"] == {"core", "staging"}
    assert "CONNECT" not in permis
    for acte, fermes in FERMES_A_ETL.items():
        assert permis[acte] & fermes == set(), acte


@pytest.mark.parametrize(
    "ordre",
    [
        "SELECT suivi.inscrire('2025-06', '831', 1, 'expire', 'purge')",
        "SELECT suivi.inscrire('2025-06', '831', 1, 'prepare', 'marie.durand')",
        "SELECT suivi.aviser('x', 'caf:831', 'courriel', 'Objet', 'Corps')",
        "SELECT suivi.declarer('2025-06', '831', 1, '831', 'detruit', 'purge', '{}')",
    ],
)
def test_the_page_forges_neither_a_certificate_nor_a_decision_nor_a_mail(
    dsn_role: Callable[[str], str], ordre: str
) -> None:
    with (
        psycopg.connect(dsn_role("av_pilotage"), autocommit=True) as page,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        page.execute(ordre)


def test_an_event_says_which_account_wrote_it_whatever_author_it_names(
    entrepot: Connection, dsn_role: Callable[[str], str]
) -> None:
    with create_moteur(dsn_role("av_etl")).begin() as etl:
        etl.execute(
            text(
                "SELECT suivi.inscrire('2025-06', '831', 1, 'depose', 'depots_caf', NULL, CAST(:p AS jsonb))"
            ),
            {"p": json.dumps({"lignes": 3})},
        )
    preuve = {"date_transmission": "2025-07-02", "portail": "peps", "lignes": 3}
    with psycopg.connect(dsn_role("av_pilotage"), autocommit=True) as page:
        transmettre = "SELECT suivi.transmettre('2025-06', '831', 1, '831', %s, %s)"
        for traitement in (*DAGS, " Purge\u200b", "purge."):
            with pytest.raises(psycopg.Error, match="celui d'un traitement"):
                page.execute(transmettre, (traitement, json.dumps(preuve)))
        page.execute(transmettre, ("purge.martin", json.dumps(preuve)))
    lus = entrepot.execute(text("SELECT etat, acteur, compte FROM suivi.evenement ORDER BY id")).all()
    assert [tuple(lu) for lu in lus] == [
        ("depose", "depots_caf", "av_etl"), ("transmis", "purge.martin", "av_pilotage"),
    ]  # fmt: skip


def test_a_verdict_that_a_run_says_again_in_another_way_is_kept(
    entrepot: Connection, dsn_role: Callable[[str], str]
) -> None:
    moteur = create_moteur(dsn_role("av_qualite"))
    retenu = Jugement("retenu", {"831": "retenu"}, (Manquement("831", "sans_contact", "critical", 4),))
    for jugement in (retenu, retenu, Jugement("conforme", {"831": "conforme"}, ())):
        with moteur.begin() as qualite:
            save_jugement(qualite, Mois(2025, 6), "requete", "essai", jugement)
    with pytest.raises(DBAPIError, match="permission denied"), moteur.begin() as qualite:
        qualite.execute(text("DELETE FROM dq.verdict"))
    moteur.dispose()
    partis = entrepot.execute(
        text("SELECT code_caf, regle, verdict FROM dq.verdict_remplace ORDER BY regle")
    ).all()
    assert {tuple(p) for p in partis} == {
        ("831", "sans_contact", "retenu"), ("831", "ensemble", "retenu"), (None, "ensemble", "retenu"),
    }  # fmt: skip
    assert len(partis) == 3
    assert set(entrepot.scalars(text("SELECT verdict FROM dq.verdict"))) == {"conforme"}


def test_who_counts_gives_no_verdict_but_on_the_marts(dsn_role: Callable[[str], str]) -> None:
    rendre = "SELECT dq.rendre('2025-06', %s, 'essai', '[]')"
    with psycopg.connect(dsn_role("av_etl"), autocommit=True) as etl:
        etl.execute(rendre, ("marts",))
        for porte in ("requete", "depots", "retours"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                etl.execute(rendre, (porte,))


@pytest.mark.parametrize("role", ["av_etl", "av_qualite", "av_pilotage", "av_diffusion"])
def test_no_role_holds_a_lock_without_an_end(dsn_role: Callable[[str], str], role: str) -> None:
    with psycopg.connect(dsn_role(role)) as connexion:
        for nom in ("idle_in_transaction_session_timeout", "lock_timeout"):
            assert connexion.execute("SELECT current_setting(%s)", (nom,)).fetchone() != ("0",), nom
        assert connexion.execute("SHOW tcp_keepalives_idle").fetchone() == ("60",)
