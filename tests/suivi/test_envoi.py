"""The outbox and a real mail server: what leaves, what stays and why, and two senders that are one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from serveur_smtp import Ouvrir, ServeurSmtp
from serveurs import find_free_port
from sqlalchemy import Connection, text

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.suivi.avis import queue_avis
from aller_vers.suivi.envoi import BilanEnvoi, compute_prochain, send_avis
from aller_vers.suivi.messagerie import Messagerie, Serveur, build_identifiant
from aller_vers.suivi.salons import Salons
from ensemble import run_together

EXPEDITEUR = "aller-vers@cnaf.example.org"
ADRESSES = {
    "equipe_nationale": ("equipe@cnaf.example.org",),
    "caf:831": ("referent@caf831.example.org",),
    "caf:061": ("referent@caf061.example.org",),
}
# Always after what a test queues, so that everything is due.
MAINTENANT = datetime.now(UTC) + timedelta(hours=1)
QUART = timedelta(minutes=15)


def queue(entrepot: Connection, cle: str, destinataire: str = "equipe_nationale") -> None:
    queue_avis(
        entrepot, cle=cle, destinataire=destinataire, objet=f"Objet de {cle}", corps=f"Corps de {cle}."
    )
    entrepot.commit()


def send(
    ouvrir: Ouvrir, smtp: ServeurSmtp | None, maintenant: datetime = MAINTENANT, **adresses: tuple[str, ...]
) -> BilanEnvoi:
    port = smtp.port if smtp else find_free_port()
    serveur = Serveur("127.0.0.1", port, EXPEDITEUR, "aucun", delai=10)
    with Messagerie(serveur, maintenant) as messagerie:
        return send_avis(ouvrir, {"courriel": messagerie}, adresses or ADRESSES, maintenant)


def read(
    entrepot: Connection, colonnes: str = "envoye_le IS NOT NULL, tentatives, derniere_erreur"
) -> dict[str, Any]:
    lignes = entrepot.execute(text(f"SELECT cle, {colonnes} FROM suivi.avis")).all()
    entrepot.rollback()
    return {ligne[0]: tuple(ligne[1:]) for ligne in lignes}


def refuse(bilan: BilanEnvoi) -> str:
    with pytest.raises(ErreurAllerVers) as refus:
        bilan.require_sent()
    assert not refus.value.passagere, "Airflow is not to try at once what the outbox tries again by itself"
    return str(refus.value)


def test_what_waits_leaves_to_whom_it_is_for_and_once(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    queue(entrepot, "depots/2025-06")
    queue(entrepot, "depot/2025-06/831/v1", "caf:831")
    bilan = send(ouvrir, smtp)
    bilan.require_sent()
    assert (bilan.messages, bilan.avis, bilan.attente) == (2, 2, ())
    assert {r.message["To"]: (r.message["Subject"], r.message.get_content().strip()) for r in smtp.recus} == {
        "equipe@cnaf.example.org": ("Objet de depots/2025-06", "Corps de depots/2025-06."),
        "referent@caf831.example.org": ("Objet de depot/2025-06/831/v1", "Corps de depot/2025-06/831/v1."),
    }
    assert {r.message["From"] for r in smtp.recus} == {EXPEDITEUR}
    assert {r.message["Message-ID"] for r in smtp.recus} == {
        build_identifiant(c, EXPEDITEUR) for c in read(entrepot)
    }
    assert set(read(entrepot).values()) == {(True, 1, None)}
    send(ouvrir, smtp).require_sent()
    assert len(smtp.recus) == 2


def test_notices_of_one_recipient_leave_as_one_message(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    for cle in ("echec/1", "echec/2", "retour/1"):
        queue(entrepot, cle)
    queue(entrepot, "depot/831", "caf:831")
    bilan = send(ouvrir, smtp)
    assert (bilan.messages, bilan.avis) == (2, 4)
    equipe = next(r.message for r in smtp.recus if r.message["To"] == "equipe@cnaf.example.org")
    assert equipe["Subject"] == "Objet de echec/1 (et 2 autres)"
    assert equipe.get_content().splitlines() == [
        "1. Objet de echec/1", "Corps de echec/1.", "", "2. Objet de echec/2", "Corps de echec/2.", "",
        "3. Objet de retour/1", "Corps de retour/1.",
    ]  # fmt: skip


def test_an_empty_outbox_calls_nobody(entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp) -> None:
    send(ouvrir, smtp).require_sent()
    assert smtp.sessions == 0


@pytest.mark.parametrize(
    ("commande", "reponse", "code"),
    [
        ("RCPT", "450 4.2.1 réessayer", "destinataire_refuse 450"),
        ("RCPT", "550 5.1.1 equipe@cnaf.example.org inconnue", "destinataire_refuse 550"),
        ("MESSAGE", "554 5.7.1 refusé", "message_refuse 554"),
    ],
)
def test_refused_once_then_accepted(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp, commande: str, reponse: str, code: str
) -> None:
    queue(entrepot, "depots/2025-06")
    queue(entrepot, "depot/831", "caf:831")
    smtp.refus[commande] = [reponse]
    bilan = send(ouvrir, smtp)
    assert [r.message["To"] for r in smtp.recus] == ["referent@caf831.example.org"], (
        "the others leave all the same"
    )
    phrase = refuse(bilan)
    assert re.match(
        r"1 avis attend dans la boîte d'envoi depuis le \d\d/\d\d/\d{4} à \d\d:\d\d : le serveur de messagerie "
        rf"refuse .*l'équipe nationale \(code {code}\)\. Remède : .*; rien n'est perdu", phrase,
    )  # fmt: skip
    assert "example.org" not in phrase
    assert read(entrepot)["depots/2025-06"] == (False, 1, code)

    assert "code " + code in refuse(send(ouvrir, smtp, MAINTENANT + QUART / 2)), "red until it has left"
    assert read(entrepot)["depots/2025-06"] == (False, 1, code), "not yet: its time has not come"
    send(ouvrir, smtp, MAINTENANT + QUART).require_sent()
    assert [r.message["To"] for r in smtp.recus[1:]] == ["equipe@cnaf.example.org"]
    assert read(entrepot)["depots/2025-06"] == (True, 2, None)


def test_each_failure_waits_longer_up_to_four_hours() -> None:
    delais = [compute_prochain(n, MAINTENANT) - MAINTENANT for n in (1, 2, 3, 4, 5, 6, 5000)]
    assert delais == [QUART, 2 * QUART, 4 * QUART, 8 * QUART, 16 * QUART, 16 * QUART, 16 * QUART]


def test_the_delay_grows_in_the_outbox_itself(entrepot: Connection, ouvrir: Ouvrir) -> None:
    queue(entrepot, "depots/2025-06")
    instant = MAINTENANT
    for essais, attente in ((1, QUART), (2, 2 * QUART), (3, 4 * QUART)):
        send(ouvrir, None, instant)
        assert read(entrepot, "tentatives, prochain_essai_le") == {
            "depots/2025-06": (essais, instant + attente)
        }
        instant += attente


def test_an_unreachable_server_is_asked_once_and_everything_is_kept(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    for caf in ("831", "061"):
        queue(entrepot, f"depot/{caf}", f"caf:{caf}")
    bilan = send(ouvrir, None)
    assert (bilan.messages, bilan.arrets) == (0, {"courriel"})
    phrase = refuse(bilan)
    assert phrase.startswith("2 avis attendent dans la boîte d'envoi depuis le ")
    assert "le serveur de messagerie ne répond pas (code injoignable). Remède : vérifier l'hôte" in phrase
    assert sorted(t for _, t, _ in read(entrepot).values()) == [0, 1]
    send(ouvrir, smtp, MAINTENANT + QUART).require_sent()
    assert len(smtp.recus) == 2


def test_a_caf_without_an_address_is_kept_named_and_served_as_soon_as_it_has_one(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    queue(entrepot, "depot/481", "caf:481")
    queue(entrepot, "depot/831", "caf:831")
    phrase = refuse(send(ouvrir, smtp))
    assert "1 avis attend" in phrase
    assert "aucune adresse connue pour Caf 481 (code adresse_inconnue)" in phrase
    assert "adresses_caf dans les réglages" in phrase
    assert read(entrepot) == {"depot/481": (False, 0, "adresse_inconnue"), "depot/831": (True, 1, None)}
    send(ouvrir, smtp, **ADRESSES, **{"caf:481": ("a@caf481.example.org",)}).require_sent()
    assert smtp.recus[-1].destinataires == ["a@caf481.example.org"]


def test_many_caf_without_an_address_are_one_sentence(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    for n in range(100, 200):
        queue(entrepot, f"depot/{n}", f"caf:{n}")
    phrase = refuse(send(ouvrir, smtp))
    assert phrase.startswith("100 avis attendent")
    assert "Caf 100, Caf 101" in phrase
    assert "Caf 109 et 90 autres" in phrase


def test_a_message_that_some_addresses_refuse_has_left_and_is_told_once(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    queue(entrepot, "depot/831", "caf:831")
    smtp.refus["RCPT"] = ["550 5.1.1 inconnu"]
    deux = {"caf:831": ("parti@caf831.example.org", "referent@caf831.example.org")}
    phrase = refuse(send(ouvrir, smtp, **deux))
    assert phrase.startswith(
        "1 avis est parti en partie : le serveur de messagerie refuse une adresse de Caf 831 (code destinataire_refuse 550)"
    )
    assert read(entrepot) == {"depot/831": (True, 1, "destinataire_refuse 550")}
    send(ouvrir, smtp, **deux).require_sent()
    assert [r.destinataires for r in smtp.recus] == [["referent@caf831.example.org"]]


def test_a_notice_whose_way_out_is_not_set_up_is_kept_and_counted_and_no_failure(
    entrepot: Connection, ouvrir: Ouvrir
) -> None:
    queue(entrepot, "porte/1")
    bilan = send_avis(ouvrir, {"apprise": Salons({})}, ADRESSES, MAINTENANT)
    bilan.require_sent()
    assert (bilan.sans_voie, bilan.messages) == (1, 0)
    assert read(entrepot) == {"porte/1": (False, 0, "canal_absent")}


def test_two_senders_at_once_send_each_notice_once(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    codes = [f"{n:03d}" for n in range(30)]
    for n, code in enumerate(codes * 2):
        queue(entrepot, f"depot/{n:02d}/{code}", f"caf:{code}")
    adresses = {f"caf:{code}": (f"a@caf{code}.example.org",) for code in codes}
    bilans = run_together(nullcontext, *[lambda _: send(ouvrir, smtp, **adresses)] * 2)
    assert sum(bilan.avis for bilan in bilans) == 60
    assert min(bilan.messages for bilan in bilans) > 0, "both took their share"
    assert set(Counter(r.message["Message-ID"] for r in smtp.recus).values()) == {1}
    assert len(smtp.recus) == 30
    assert set(read(entrepot).values()) == {(True, 1, None)}


def test_a_message_that_another_sender_holds_is_left_to_it(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    queue(entrepot, "depots/2025-06")
    bilans: list[BilanEnvoi] = []
    smtp.avant_accord = lambda: bilans.append(
        send(ouvrir, smtp)
    )  # while the first one has not its answer yet
    send(ouvrir, smtp).require_sent()
    assert [(bilan.messages, len(bilan.attente)) for bilan in bilans] == [(0, 1)]
    assert len(smtp.recus) == 1


def test_killed_between_acceptance_and_commit_it_leaves_again_under_the_same_name(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    queue(entrepot, "depots/2025-05")
    queue(entrepot, "depots/2025-06")

    def kill() -> None:
        smtp.avant_accord = lambda: None
        entrepot.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                 " WHERE usename = 'av_etl' AND datname = current_database()")
        )  # fmt: skip
        queue(entrepot, "echec/1")  # comes in between: it must not change what is sent again

    smtp.avant_accord = kill
    with pytest.raises(ErreurAllerVers):
        send(ouvrir, smtp)
    assert set(read(entrepot).values()) == {(False, 0, None)}
    send(ouvrir, smtp).require_sent()
    premier, second, suivant = (r.message for r in smtp.recus)
    assert premier["Message-ID"] == second["Message-ID"] != suivant["Message-ID"]
    assert (premier["Subject"], premier.get_content()) == (second["Subject"], second.get_content())
    assert suivant["Subject"] == "Objet de echec/1"
    assert set(read(entrepot).values()) == {(True, 1, None)}


def test_a_transaction_that_cannot_commit_is_sent_again(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    queue(entrepot, "depots/2025-06")
    ouvertures = 0

    @contextmanager
    def open_fragile() -> Iterator[Connection]:
        nonlocal ouvertures
        ouvertures += 1
        with ouvrir() as connexion:
            yield connexion
            if ouvertures == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(open_fragile, smtp)
    send(ouvrir, smtp).require_sent()
    assert len({r.message["Message-ID"] for r in smtp.recus}) == 1
    assert len(smtp.recus) == 2


def test_the_outbox_keeps_codes_and_refuses_texts(entrepot: Connection) -> None:
    queue(entrepot, "depots/2025-06")
    for texte in ("550 marie@example.org inconnue", "Erreur", "destinataire_refuse 5501"):
        with pytest.raises(Exception, match="derniere_erreur"), entrepot.begin_nested():
            entrepot.execute(text("UPDATE suivi.avis SET derniere_erreur = :t"), {"t": texte})


def test_every_cause_has_its_sentence() -> None:
    import inspect

    from aller_vers.suivi import envoi, messagerie

    codes = set(
        re.findall(r'(?:_fail\(|cause = |else |EchecEnvoiError\()"([a-z_]+)"', inspect.getsource(messagerie))
    )
    assert {"injoignable", "interrompu", "message_impossible", "chiffrement"} <= codes
    assert codes <= set(envoi._CAUSES)
