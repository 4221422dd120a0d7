"""Messages as a real server receives them, and each refusal told by its code."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from serveur_smtp import ServeurSmtp, make_certificat
from serveurs import find_free_port

from aller_vers.suivi.messagerie import EchecEnvoiError, Message, Messagerie, Serveur, build_identifiant

MAINTENANT = datetime(2025, 7, 1, 6, 0, tzinfo=UTC)
LOT = Message(
    "depot/2025-06/831/v1",
    ("referent@caf831.example.org", "secours@caf831.example.org"),
    "Proches aidants : lot 2025-06 déposé, version 1",
    "Le lot du mois 2025-06 est dans 831/2025-06/v1 : 12 personnes.\n.une ligne qui commence par un point\n",
)


def describe(smtp: ServeurSmtp) -> Serveur:
    return Serveur("127.0.0.1", smtp.port, "aller-vers@cnaf.example.org", "aucun", delai=5)


def send(serveur: Serveur, *messages: Message) -> list[str | None]:
    with Messagerie(serveur, MAINTENANT) as messagerie:
        return [messagerie.send(message) for message in messages]


def test_a_message_arrives_as_it_was_written(smtp: ServeurSmtp) -> None:
    assert send(describe(smtp), LOT) == [None]
    [recu] = smtp.recus
    assert (recu.expediteur, tuple(recu.destinataires)) == ("aller-vers@cnaf.example.org", LOT.adresses)
    entetes = dict(recu.message.items())
    assert entetes["Subject"] == LOT.objet
    assert entetes["From"] == "aller-vers@cnaf.example.org"
    assert entetes["To"] == "referent@caf831.example.org, secours@caf831.example.org"
    assert entetes["Message-ID"] == build_identifiant(LOT.cle, "aller-vers@cnaf.example.org")
    assert entetes["Message-ID"].endswith("@cnaf.example.org>")
    assert LOT.cle not in entetes["Message-ID"]
    assert entetes["Date"] == "Tue, 01 Jul 2025 06:00:00 +0000"
    assert entetes["Auto-Submitted"] == "auto-generated"
    assert recu.message.get_content().replace("\r\n", "\n") == LOT.corps


def test_the_name_of_a_message_is_its_key_s_alone() -> None:
    noms = [build_identifiant(cle, "a@cnaf.example.org") for cle in ("depot/1", "depot/1", "depot/2")]
    assert noms[0] == noms[1] != noms[2]


def test_a_subject_cannot_add_a_header(smtp: ServeurSmtp) -> None:
    send(describe(smtp), replace(LOT, objet="Lot\r\nBcc: autre@example.org"))
    assert smtp.recus[0].message["Bcc"] is None
    assert smtp.recus[0].message["Subject"] == "Lot Bcc: autre@example.org"


def test_a_hundred_messages_take_one_session_and_a_server_that_ends_it_is_called_again(
    smtp: ServeurSmtp,
) -> None:
    messages = [replace(LOT, cle=f"depot/{n}") for n in range(25)]
    assert send(describe(smtp), *messages) == [None] * 25
    assert smtp.sessions == 1
    smtp.par_session = 10
    assert send(describe(smtp), *messages) == [None] * 25
    assert (smtp.sessions, len(smtp.recus)) == (1 + 3, 50)


@pytest.mark.parametrize(
    ("commande", "reponse", "code", "arret"),
    [
        ("ACCUEIL", "421 4.3.2 referent@caf831.example.org plus tard", "injoignable 421", True),
        ("MAIL", "550 5.7.1 expéditeur aller-vers@cnaf.example.org inconnu", "expediteur_refuse 550", True),
        ("MAIL", "451 4.3.0 plus tard", "expediteur_refuse 451", True),
        ("MAIL", "421 4.3.0 trop de messages", "interrompu 421", True),
        ("MESSAGE", "554 5.6.0 contenu refusé", "message_refuse 554", False),
        ("MESSAGE", "452 4.3.1 disque plein", "message_refuse 452", False),
        ("DATA", "COUPER", "interrompu", True),
    ],
)
def test_a_refusal_is_a_code_and_never_the_server_s_own_text(
    smtp: ServeurSmtp, commande: str, reponse: str, code: str, arret: bool
) -> None:
    smtp.refus[commande] = [reponse]
    with pytest.raises(EchecEnvoiError) as echec:
        send(describe(smtp), LOT)
    assert (echec.value.code, echec.value.arret) == (code, arret)
    assert str(echec.value) == code
    assert echec.value.__cause__ is None
    assert echec.value.__suppress_context__
    assert smtp.recus == []
    assert send(describe(smtp), LOT) == [None], "refused once, then accepted"


def test_addresses_refused_all_are_a_failure_and_some_of_them_a_code(smtp: ServeurSmtp) -> None:
    smtp.refus["RCPT"] = ["550 5.1.1 referent@caf831.example.org inconnu", "450 4.2.1 plus tard"]
    with Messagerie(describe(smtp), MAINTENANT) as messagerie:
        with pytest.raises(EchecEnvoiError) as echec:
            messagerie.send(LOT)
        assert (echec.value.code, echec.value.arret) == ("destinataire_refuse 450", False)
        assert messagerie.send(replace(LOT, cle="autre")) is None, "the session still serves the others"
        smtp.refus["RCPT"] = ["550 5.1.1 inconnu"]
        assert messagerie.send(LOT) == "destinataire_refuse 550"
    assert smtp.recus[-1].destinataires == ["secours@caf831.example.org"]


@pytest.mark.parametrize("chiffrement", ["aucun", "starttls", "ssl"])
def test_a_server_that_is_not_there_is_unreachable(chiffrement: str) -> None:
    serveur = Serveur("127.0.0.1", find_free_port(), "a@cnaf.example.org", chiffrement)  # type: ignore[arg-type]
    with pytest.raises(EchecEnvoiError) as echec:
        send(serveur, LOT)
    assert (echec.value.code, echec.value.arret) == ("injoignable", True)


def test_a_server_that_never_answers_is_left_after_its_delay(smtp: ServeurSmtp) -> None:
    debut = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as muet:
        serveur = replace(describe(smtp), port=muet.getsockname()[1], delai=0.3)
        with pytest.raises(EchecEnvoiError, match="injoignable"):
            send(serveur, LOT)
    assert time.monotonic() - debut < 10


@pytest.mark.parametrize("chiffrement", ["starttls", "ssl"])
def test_the_password_goes_through_a_checked_and_encrypted_session_alone(
    smtp: ServeurSmtp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chiffrement: str
) -> None:
    certificat, smtp.contexte = make_certificat(tmp_path)
    smtp.d_emblee, smtp.comptes = chiffrement == "ssl", {"relais": "s3cret"}
    serveur = replace(
        describe(smtp), chiffrement=chiffrement, utilisateur="relais", mot_de_passe="s3cret"  # type: ignore[arg-type]
    )  # fmt: skip
    assert "s3cret" not in repr(serveur)
    with pytest.raises(EchecEnvoiError) as echec:
        send(serveur, LOT)
    assert (echec.value.code, echec.value.arret) == ("chiffrement", True), (
        "nobody vouches for this certificate"
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(certificat))
    assert send(serveur, LOT) == [None]
    assert (smtp.recus[0].chiffre, smtp.recus[0].utilisateur) == (True, "relais")
    with pytest.raises(EchecEnvoiError) as echec:
        send(replace(serveur, mot_de_passe="autre"), LOT)
    assert (echec.value.code, echec.value.arret) == ("identification 535", True)


def test_a_server_that_no_longer_encrypts_gets_nothing(smtp: ServeurSmtp) -> None:
    with pytest.raises(EchecEnvoiError, match="chiffrement"):
        send(replace(describe(smtp), chiffrement="starttls"), LOT)
    assert smtp.recus == []
