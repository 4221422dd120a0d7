"""« À faire »: everything that waits, once each, with where to act on it; nothing when nothing waits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from jeu_pilotage import MOIS, RETENUE, TENUE, TRANSMISE
from serveur_page import Page
from sqlalchemy import Connection, text

from aller_vers.pilotage.a_faire import Tache, load_a_faire
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages
from aller_vers.suivi.evenements import record_evenement

JOUR = date(2025, 9, 10)
M = "2025-08"
SEMES: dict[str, tuple[str, str, str]] = {
    # kind: (the fact, what settles it, where its action is taken)
    "echec": (
        "INSERT INTO suivi.alerte VALUES ('dag:depots_caf/591', '2025-08', '', 'echec/write_lot', 'echec', NULL, now(), now())",
        "DELETE FROM suivi.alerte",
        "/dags/depots_caf",
    ),
    "lenteur": (
        "INSERT INTO suivi.alerte VALUES ('dag:purge', '2025-08', '', 'retard', 'retard', NULL, now(), now())",
        "DELETE FROM suivi.alerte",
        "/dags/purge",
    ),
    "porte": (
        "INSERT INTO dq.verdict VALUES ('2025-08', 'requete', NULL, 'ensemble', 'critical', 'non_evalue', NULL, 'r1', '2025-09-01')",
        "INSERT INTO dq.verdict VALUES ('2025-08', 'requete', NULL, 'ensemble', 'critical', 'avertissement', NULL, 'r2', '2025-09-02')",
        "/qualite?mois=2025-08",
    ),
    "decision": (
        "INSERT INTO core.publication (mois, run_id, depot, demandeurs, transmissibles) VALUES ('2025-08', 'r', true, 9, 9); "
        "INSERT INTO dq.verdict VALUES ('2025-08', 'requete', '591', 'ensemble', 'critical', 'retenu', NULL, 'r', '2025-09-01'), "
        "('2025-08', 'requete', '591', 'identite_dupliquee', 'critical', 'retenu', 2, 'r', '2025-09-01')",
        """SELECT suivi.decider('2025-08', '591', 'garde', 'quelqu''un', '', '{"identite_dupliquee": 2}')""",
        "/decisions?mois=2025-08#lot-2025-08-591",
    ),
    "suspendu": (
        "SELECT suivi.inscrire('2025-08', '591', 1, 'retenu', 'depots_caf', 'aucune convention en vigueur')",
        """SELECT suivi.inscrire('2025-08', '591', 1, 'depose', 'depots_caf', NULL, '{"lignes": 0}')""",
        "/caf/591?mois=2025-08",
    ),
    "avis": (
        "INSERT INTO suivi.avis (cle, destinataire, canal, objet, corps, tentatives, derniere_erreur) "
        "VALUES ('a', 'caf:591', 'courriel', 'o', 'c', 2, 'refus 550')",
        "UPDATE suivi.avis SET envoye_le = now()",
        "/envois",
    ),
    "quarantaine": (
        "INSERT INTO suivi.fichier_recu (cle, code_caf, nom, issue, detail, recu_le, sujets) VALUES ('k', '591', 'RETOUR.csv', 'ecarte', 'raison', '2025-09-10', '{%}')",
        "INSERT INTO suivi.fichier_recu (cle, code_caf, nom, issue, detail, recu_le, sujets) VALUES ('l', '591', 'RETOUR.csv', 'pris', 'mensuel', '2025-09-10', '{%}')",
        "/caf/591#retours",
    ),
    "fichier": (
        "INSERT INTO suivi.fichier_recu (cle, code_caf, nom, issue, detail, recu_le, sujets) VALUES ('k', '591', 'RETOUR.csv', 'refuse', 'raison', '2025-09-01', '{%}')",
        "INSERT INTO suivi.fichier_recu (cle, code_caf, nom, issue, detail, recu_le, sujets) VALUES ('l', '591', 'RETOUR.csv', 'pris', 'mensuel', '2025-09-10', '{%}')",
        "/caf/591#retours",
    ),
    "retour_retenu": (
        "INSERT INTO staging.retour (cle, forme, periode, mois, depot, code_cpam, contenu, recu_le, verdict) "
        "VALUES ('c', 'mensuel', '2025-08', '2025-08', '831', '831', '{}', '2025-09-01', 'retenu')",
        "UPDATE staging.retour SET verdict = 'conforme'",
        "/caf/831?mois=2025-08#retours",
    ),
    "convention": (
        "UPDATE marts.convention SET date_fin = '2025-10-01' WHERE code_caf = '831'",
        "INSERT INTO marts.convention SELECT code_caf, code_cpam, '2025-10-02', NULL, '2025-09-01' FROM marts.convention "
        "WHERE code_caf = '831'",
        "/registre?caf=831",
    ),
}  # fmt: skip


def test_what_is_to_sign_is_one_line_and_none_once_signed(
    entrepot: Connection, lire: Callable[..., list[Tache]]
) -> None:
    entrepot.execute(text("UPDATE marts.convention SET exemple = false WHERE code_caf IN ('591', '831')"))
    [tache] = lire()
    assert tache.quoi.startswith("2 Caf sur 101")
    entrepot.execute(text("UPDATE marts.convention SET date_signature = '2025-06-01'"))
    assert lire() == []


@pytest.fixture
def lire(entrepot: Connection, dsn_role: Callable[[str], str]) -> Iterator[Callable[..., list[Tache]]]:
    """Read what waits as the page's own role does, once the owner has committed."""
    moteur = create_moteur(dsn_role("av_pilotage"))

    def read(jour: date = JOUR) -> list[Tache]:
        entrepot.commit()
        with moteur.connect() as pilotage:
            groupes = load_a_faire(pilotage, jour, load_reglages())
        return [t for g in groupes for _, taches in g.genres for t in taches]

    yield read
    moteur.dispose()


@pytest.mark.parametrize("genre", SEMES)
def test_each_thing_waits_once_with_its_action_and_no_more_once_it_is_settled(
    entrepot: Connection, lire: Callable[..., list[Tache]], genre: str
) -> None:
    assert lire() == []
    fait, suite, lien = SEMES[genre]
    entrepot.execute(text(fait))
    [tache] = lire()
    assert (tache.genre.code, tache.lien) == (genre, lien)
    assert tache.quoi
    entrepot.execute(text(suite))
    assert lire() == []


def test_a_lot_waits_for_its_sending_then_its_return_then_its_certificate_then_its_destruction(
    entrepot: Connection, lire: Callable[..., list[Tache]]
) -> None:
    def record(etat: str, preuve: dict[str, object], version: int = 1, code_cpam: str | None = "831") -> None:
        record_evenement(
            entrepot, mois=Mois(2025, 8), code_caf=TRANSMISE, version=version, etat=etat, acteur="essai", preuve=preuve,
            code_cpam=code_cpam,
        )  # fmt: skip

    def see(jours: int) -> list[str]:
        return [t.genre.code for t in lire(depot + timedelta(days=jours))]

    depot = entrepot.execute(
        text("SELECT (suivi.maintenant() AT TIME ZONE 'Europe/Paris')::date")
    ).scalar_one()
    record("depose", {"lignes": 5, "identite": "a"}, code_cpam=None)
    assert (see(1), see(20)) == ([], ["transmission"])
    record("transmis", {"date_transmission": str(depot), "portail": "peps", "lignes": 5})
    assert (see(20), see(60)) == ([], ["retour"])
    entrepot.execute(
        text(
            "INSERT INTO staging.retour (cle, forme, periode, mois, depot, code_caf, code_cpam, contenu, recu_le, verdict) "
            "VALUES ('c', 'mensuel', :m, :m, '831', '831', '831', '{}', now(), 'conforme')"
        ),
        {"m": M},
    )
    assert see(60) == []
    record("traite", {"date_fin_traitement": str(depot)})
    assert (see(20), see(60)) == ([], ["destruction", "certificat"])
    record("depose", {"lignes": 4, "identite": "b"}, version=2, code_cpam=None)
    assert see(1) == ["copie"]
    record("detruit", {"date_destruction": str(depot)})
    assert see(1) == []


def test_the_gravest_comes_first_and_the_page_counts_them(page: Page) -> None:
    with page.open("lectrice") as client:
        texte = client.get("/pilotage/").text
        ailleurs = client.get("/pilotage/sante").text
    titres = re.findall(r'id="g-(\w+)">.*?\((\d+)\)', texte)
    assert [t for t, _ in titres] == [
        t for t in ("bloque", "detruire", "retard", "prevoir") if t in dict(titres)
    ]
    assert {"bloque", "detruire", "retard"} <= set(dict(titres))
    nombre = sum(int(n) for _, n in titres)
    assert f'id="compte">{nombre}<' in texte
    assert f'id="compte">{nombre}<' in ailleurs
    assert "Rien à faire" not in texte
    for code in (RETENUE, TENUE):
        assert f"/decisions?mois={MOIS[-1]}#lot-{MOIS[-1]}-{code}" in texte


def test_nothing_to_do_is_said_only_when_nothing_waits(
    entrepot: Connection, lire: Callable[..., list[Tache]], dsn_role: Callable[[str], str]
) -> None:
    from fastapi import Request

    from aller_vers_airflow.pilotage import choix as choix_page
    from aller_vers_airflow.pilotage.acces import Lecteur
    from aller_vers_airflow.pilotage.ecran_a_faire import show_a_faire

    entrepot.execute(
        text("INSERT INTO marts.calcul (mois, calcule_le) VALUES ('2025-08', now())")
    )  # a month is known
    assert lire() == []
    demande = Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []})
    moteur = create_moteur(dsn_role("av_pilotage"))

    def show() -> str:
        with moteur.connect() as pilotage:
            lecteur = Lecteur("lectrice", peut_decider=False, peut_transmettre=False)
            return bytes(
                show_a_faire(demande, lecteur, pilotage, choix_page.ChoixMois(demande, pilotage)).body
            ).decode()

    en_route = "INSERT INTO suivi.avis (cle, destinataire, canal, objet, corps) VALUES ('b', 'caf:591', 'courriel', 'o', 'c')"
    entrepot.execute(text(en_route))  # a notice on its way is nobody's work
    entrepot.commit()
    try:
        calme = show()
        assert "Rien à faire" in calme
        assert 'id="compte"' not in calme
        entrepot.execute(text(SEMES["avis"][0]))
        entrepot.commit()
        texte = show()
        assert "Rien à faire" not in texte
        assert 'id="compte">1<' in texte
    finally:
        choix_page.forget_a_faire()
        moteur.dispose()
