"""The digest of a gate: one notice a run, what is new, what lasts and since when, what has ended."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from serveur_http import running_http
from serveur_smtp import Ouvrir, ServeurSmtp
from sqlalchemy import Connection, text

from aller_vers.qualite.bulletin import announce_porte
from aller_vers.qualite.verdicts import Manquement, conclude
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.suivi.envoi import send_avis
from aller_vers.suivi.messagerie import Messagerie, Serveur
from aller_vers.suivi.salons import Salons

JUIN = Mois(2025, 6)
LIEN = "http://airflow.example.org/dags/requete_nationale/runs/essai"
MATIN = datetime(2025, 7, 1, 4, 5, tzinfo=UTC)
HEURE, JOUR = timedelta(hours=1), timedelta(days=1)
DOUBLE = Manquement("831", "identite_dupliquee", "critical", 2)
CONTACT = Manquement("591", "sans_contact", "warning", 40)
NATION = Manquement(None, "extrait_vide", "critical", 0)
TOUTES = [f"{n:03}" for n in range(1, 102)]


def tell(
    entrepot: Connection, maintenant: datetime, *manquements: Manquement, porte: str = "requete"
) -> tuple[str, str] | None:
    """Judge and announce; return the notice that this added, if any."""
    jugement = conclude(["831", "591", *TOUTES], manquements)
    avant = {cle for (cle,) in entrepot.execute(text("SELECT cle FROM suivi.avis"))}
    dit = announce_porte(entrepot, porte, JUIN, jugement, LIEN, maintenant)
    lignes = entrepot.execute(text("SELECT cle, destinataire, objet, corps FROM suivi.avis")).all()
    entrepot.commit()
    nouveaux = [ligne for ligne in lignes if ligne.cle not in avant]
    assert len(nouveaux) == int(dit)
    assert {ligne.destinataire for ligne in nouveaux} <= {"equipe_nationale"}
    return (nouveaux[0].objet, nouveaux[0].corps) if nouveaux else None


def test_a_clean_gate_says_nothing(entrepot: Connection) -> None:
    assert tell(entrepot, MATIN) is None
    assert tell(entrepot, MATIN, Manquement("831", "code_postal_inconnu", "info", 3)) is None


def test_a_digest_says_what_failed_which_caf_how_severe_and_where(entrepot: Connection) -> None:
    avis = tell(entrepot, MATIN, CONTACT, DOUBLE, Manquement("974", "identite_dupliquee", "critical", 1))
    assert avis == (
        "Proches aidants : porte de la requête, juin 2025 : 2 Caf retenues, 1 Caf en avertissement",
        "Nouveau :\n"
        "- retenu : La même personne figure plusieurs fois dans le mois (identite_dupliquee) : "
        "831 · Var (2), 974 · La Réunion (1)\n"
        "- avertissement : Ni courriel ni téléphone utilisable (sans_contact) : 591 · Nord (40)\n\n"
        f"Voir l'exécution : {LIEN}",
    )


def test_a_hundred_and_one_caf_are_one_notice_and_a_line(entrepot: Connection) -> None:
    avis = tell(entrepot, MATIN, *(Manquement(c, "depot_hors_mois", "critical", 1) for c in TOUTES))
    assert avis is not None
    assert "101 Caf retenues" in avis[0]
    assert "et 81 autres" in avis[1]
    assert avis[1].count("\n- ") == 1


def test_a_month_held_for_the_nation_is_said_first_and_an_unknown_caf_by_its_code(
    entrepot: Connection,
) -> None:
    inconnue = Manquement("999", "caf_inconnue", "critical", 3)
    avis = tell(entrepot, MATIN, NATION, inconnue, DOUBLE)
    assert avis is not None
    assert avis[0].endswith(": le mois est retenu, 2 Caf retenues")
    assert "(extrait_vide) : la nation (0)" in avis[1]
    assert "(caf_inconnue) : 999 (3)" in avis[1]


def test_what_could_not_be_evaluated_is_told_without_a_number(entrepot: Connection) -> None:
    avis = tell(entrepot, MATIN, Manquement("831", "sans_contact", "warning", None, evaluee=False))
    assert avis is not None
    assert "- retenu : Ni courriel ni téléphone utilisable (sans_contact) : 831 · Var\n" in avis[1]


def test_the_same_failures_again_are_no_new_notice_but_once_a_day_with_since_when(
    entrepot: Connection,
) -> None:
    assert tell(entrepot, MATIN, DOUBLE) is not None
    assert tell(entrepot, MATIN + HEURE, DOUBLE) is None
    plus = Manquement("831", "identite_dupliquee", "critical", 5)
    assert tell(entrepot, MATIN + 2 * HEURE, plus) is None
    avis = tell(entrepot, MATIN + JOUR, plus)
    assert avis is not None
    assert avis[1].startswith("Toujours là :\n- retenu, depuis le 01/07/2025 à 06:05 : La même personne")
    assert "Nouveau" not in avis[1]
    assert "831 · Var (5)" in avis[1]


def test_something_new_is_told_beside_what_lasts(entrepot: Connection) -> None:
    tell(entrepot, MATIN, DOUBLE)
    avis = tell(entrepot, MATIN + HEURE, DOUBLE, CONTACT)
    assert avis is not None
    assert avis[1].index("Nouveau :\n- avertissement") < avis[1].index(
        "Toujours là :\n- retenu, depuis le 01/07/2025 à 06:05"
    )


def test_a_warning_that_becomes_a_hold_is_new(entrepot: Connection) -> None:
    tell(entrepot, MATIN, CONTACT)
    avis = tell(entrepot, MATIN + HEURE, Manquement("591", "sans_contact", "critical", 40))
    assert avis is not None
    assert avis[1].startswith("Nouveau :\n- retenu")


def test_a_recovery_is_announced_once_and_names_what_had_failed(entrepot: Connection) -> None:
    tell(entrepot, MATIN, DOUBLE, CONTACT)
    avis = tell(entrepot, MATIN + HEURE, CONTACT)
    assert avis is not None
    assert "Rétabli :\n- retenu, depuis le 01/07/2025 à 06:05 : La même personne" in avis[1]
    fini = tell(entrepot, MATIN + 2 * HEURE)
    assert fini is not None
    assert fini[0].endswith(": tout est rétabli")
    assert tell(entrepot, MATIN + 3 * HEURE) is None
    assert tell(entrepot, MATIN + 4 * HEURE, DOUBLE) is not None


def test_each_gate_has_its_own_story(entrepot: Connection) -> None:
    tell(entrepot, MATIN, DOUBLE)
    avis = tell(entrepot, MATIN, Manquement("831", "fichier_altere", "critical", None), porte="depots")
    assert avis is not None
    assert avis[0] == "Proches aidants : relecture des lots, juin 2025 : 1 Caf retenue"
    assert "Fichier altéré ou absent (fichier_altere) : 831 · Var" in avis[1]
    assert tell(entrepot, MATIN + HEURE, DOUBLE) is None


def test_a_replay_in_a_transaction_that_is_lost_tells_it_all_the_same(entrepot: Connection) -> None:
    announce_porte(entrepot, "requete", JUIN, conclude(["831"], [DOUBLE]), LIEN, MATIN)
    entrepot.rollback()
    assert tell(entrepot, MATIN, DOUBLE) is not None


def test_the_digest_is_refused_once_by_both_ways_then_read_in_the_mailbox_and_in_the_room(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    avis = tell(entrepot, MATIN, DOUBLE, CONTACT)
    assert avis is not None
    debut = datetime.now(UTC) + JOUR
    serveur = Serveur("127.0.0.1", smtp.port, "aller-vers@cnaf.example.org", "aucun")
    adresses = {"equipe_nationale": ("equipe@cnaf.example.org",), "salon:tchap": ("tchap",)}
    with running_http() as http:
        smtp.refus["MESSAGE"], http.refus = ["451 4.3.0 plus tard"], [503]
        salons = Salons({"tchap": http.salon("secret0123456789")})
        for maintenant in (debut, debut + HEURE):
            with Messagerie(serveur, maintenant) as messagerie:
                canaux = {"courriel": messagerie, "apprise": salons}
                bilan = send_avis(ouvrir, canaux, adresses, maintenant, ("tchap",))
            if maintenant == debut:
                with pytest.raises(ErreurAllerVers) as refus:
                    bilan.require_sent()
                assert str(refus.value).startswith("2 avis attendent"), "a mail and a room"
                assert "code message_refuse 451" in str(refus.value)
                assert "code salon_refuse" in str(refus.value)
                assert (smtp.recus, http.recus) == ([], [])
            else:
                bilan.require_sent()
        [texte] = http.textes("secret0123456789")
    [recu] = smtp.recus
    assert recu.message["Subject"] == avis[0]
    for lu in (recu.message.get_content(), texte):
        assert avis[1] in lu.replace("\r\n", "\n")
        assert (
            "- retenu : La même personne figure plusieurs fois dans le mois (identite_dupliquee) : 831 · Var (2)"
            in lu
        )
        assert "- avertissement : Ni courriel ni téléphone utilisable (sans_contact) : 591 · Nord (40)" in lu
        assert LIEN in lu


@pytest.mark.parametrize("trace", ["canari", "example.org/", "99 00"])
def test_no_person_can_come_into_a_digest_a_count_is_all_it_has(entrepot: Connection, trace: str) -> None:
    avis = tell(entrepot, MATIN, DOUBLE, CONTACT, NATION)
    assert trace not in json.dumps(avis, ensure_ascii=False).replace(LIEN, "")
