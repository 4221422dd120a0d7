"""The national team's rooms: a real HTTP receiver, a delivery that fails is seen and tried again, no secret told."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from serveur_http import ServeurHttp, running_http
from serveur_smtp import Ouvrir, ServeurSmtp
from serveurs import find_free_port
from sqlalchemy import Connection, text

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.reglages import load_reglages
from aller_vers.suivi.avis import queue_avis
from aller_vers.suivi.envoi import BilanEnvoi, send_avis
from aller_vers.suivi.messagerie import EchecEnvoiError, Message, Messagerie, Serveur
from aller_vers.suivi.salons import Salons
from aller_vers_airflow.connexions import find_salons
from aller_vers_airflow.etapes import envoi_avis

SECRET, AUTRE = "j3tonsecretdutchap", "j3tonsecretdelautre"
MAINTENANT = datetime.now(UTC) + timedelta(hours=1)
QUART = timedelta(minutes=15)
AVIS = Message("depots/1", ("tchap",), "Proches aidants : lots de juin 2025", "3 lots retenus, à décider.\n")


@pytest.fixture
def http() -> Iterator[ServeurHttp]:
    with running_http() as serveur:
        yield serveur


def queue(entrepot: Connection, cle: str, destinataire: str = "equipe_nationale") -> None:
    queue_avis(entrepot, cle=cle, destinataire=destinataire, objet=f"Objet {cle}", corps=f"Corps {cle}.")
    entrepot.commit()


def send(
    ouvrir: Ouvrir, smtp_port: int, salons: dict[str, str], maintenant: datetime = MAINTENANT
) -> BilanEnvoi:
    adresses = {
        "equipe_nationale": ("equipe@cnaf.example.org",),
        "caf:831": ("referent@caf831.example.org",),
        **{f"salon:{nom}": (nom,) for nom in salons},
    }
    serveur = Serveur("127.0.0.1", smtp_port, "aller-vers@cnaf.example.org", "aucun", delai=10)
    with Messagerie(serveur, maintenant) as messagerie:
        return send_avis(
            ouvrir, {"courriel": messagerie, "apprise": Salons(salons)}, adresses, maintenant, tuple(salons)
        )


def refuse(bilan: BilanEnvoi) -> str:
    with pytest.raises(ErreurAllerVers) as refus:
        bilan.require_sent()
    return str(refus.value)


def test_a_room_gets_the_subject_and_the_text_as_they_were_written(http: ServeurHttp) -> None:
    Salons({"tchap": http.salon(SECRET)}).send(AVIS)
    [texte] = http.textes(SECRET)
    assert texte.splitlines()[-1] == "3 lots retenus, à décider."
    assert "Proches aidants : lots de juin 2025" in texte


def test_a_long_digest_leaves_whole_in_several_messages(http: ServeurHttp) -> None:
    lignes = [f"ligne {n} du bilan" for n in range(1000)]
    Salons({"tchap": http.salon(SECRET)}).send(Message("x", ("tchap",), "Bilan", "\n".join(lignes)))
    textes = http.textes(SECRET)
    assert len(textes) > 1
    assert all(ligne in "\n".join(textes) for ligne in lignes[::50])


@pytest.mark.parametrize("code", [403, 404, 500, 307])
def test_a_room_that_refuses_is_a_failure_and_its_address_is_told_nowhere(
    http: ServeurHttp, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    caplog.set_level(logging.DEBUG)
    http.refus, http.renvoi = [code], f"http://127.0.0.1:{http.port}/ailleurs"
    with pytest.raises(EchecEnvoiError) as echec:
        Salons({"tchap": http.salon(SECRET)}).send(AVIS)
    assert (echec.value.code, echec.value.arret) == ("salon_refuse", True)
    assert http.recus == [], "a redirection is not followed"
    assert SECRET not in caplog.text + str(echec.value)


@pytest.mark.parametrize(
    ("adresse", "code"), [("mmost://127.0.0.1:{libre}/" + SECRET, "salon_refuse"), ("rien://" + SECRET, "salon_invalide"),
                          (SECRET, "salon_invalide")],
)  # fmt: skip
def test_a_room_that_is_not_there_or_no_address_is_a_failure(
    caplog: pytest.LogCaptureFixture, adresse: str, code: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(EchecEnvoiError) as echec:
        Salons({"tchap": adresse.format(libre=find_free_port())}).send(AVIS)
    assert echec.value.code == code
    assert SECRET not in caplog.text


def test_the_team_gets_its_notices_by_mail_and_in_each_room_and_a_caf_by_mail_alone(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp, http: ServeurHttp
) -> None:
    for cle in ("echec/1", "porte/2"):
        queue(entrepot, cle)
    queue(entrepot, "depot/831", "caf:831")
    salons = {"tchap": http.salon(SECRET), "mattermost": http.salon(AUTRE)}
    bilan = send(ouvrir, smtp.port, salons)
    bilan.require_sent()
    assert (bilan.messages, bilan.avis) == (4, 7)
    assert sorted(r.message["To"] for r in smtp.recus) == [
        "equipe@cnaf.example.org", "referent@caf831.example.org",
    ]  # fmt: skip
    for secret in (SECRET, AUTRE):
        [texte] = http.textes(secret)
        assert "Corps echec/1." in texte
        assert "Corps porte/2." in texte
        assert "831" not in texte
    send(ouvrir, smtp.port, salons, MAINTENANT + QUART).require_sent()
    assert (len(smtp.recus), len(http.recus)) == (2, 2), "once each"


def test_each_way_out_fails_alone_once_and_is_tried_again(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp, http: ServeurHttp
) -> None:
    queue(entrepot, "echec/1")
    salons = {"tchap": http.salon(SECRET), "mattermost": http.salon(AUTRE)}
    smtp.refus["MESSAGE"], http.refus = ["554 5.7.1 equipe@cnaf.example.org refusée"], [500]
    phrase = refuse(send(ouvrir, smtp.port, salons))
    assert "2 avis attendent dans la boîte d'envoi" in phrase
    assert "message pour l'équipe nationale (code message_refuse 554)" in phrase
    assert "ne prend pas le message (code salon_refuse)" in phrase
    assert "le salon" in phrase
    assert not {SECRET, AUTRE, "cnaf.example.org", "mmost"} & set(phrase.replace("/", " ").split())
    assert len(http.recus) == 1, "the other room was told all the same"
    assert smtp.recus == []
    send(ouvrir, smtp.port, salons, MAINTENANT + QUART).require_sent()
    assert len(smtp.recus) == 1
    assert (len(http.textes(SECRET)), len(http.textes(AUTRE))) == (1, 1), "what had left is not sent again"


def test_a_mail_server_that_is_down_delays_no_room_and_a_room_no_mail(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp, http: ServeurHttp
) -> None:
    queue(entrepot, "echec/1")
    assert "code injoignable" in refuse(send(ouvrir, find_free_port(), {"tchap": http.salon(SECRET)}))
    assert len(http.textes(SECRET)) == 1
    queue(entrepot, "echec/2")
    mort = {"tchap": f"mmost://127.0.0.1:{find_free_port()}/{SECRET}"}
    assert "code salon_refuse" in refuse(send(ouvrir, smtp.port, mort, MAINTENANT + QUART))
    assert len(smtp.recus) == 2


def test_a_room_that_left_the_connection_is_named_until_what_it_waited_for_is_settled(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp, http: ServeurHttp
) -> None:
    queue(entrepot, "echec/1")
    http.refus = [500]
    refuse(send(ouvrir, smtp.port, {"tchap": http.salon(SECRET)}))
    phrase = refuse(send(ouvrir, smtp.port, {}, MAINTENANT + QUART))
    assert "le salon tchap n'est plus dans la connexion Airflow av_apprise (code salon_inconnu)" in phrase


@pytest.fixture
def poste(
    monkeypatch: pytest.MonkeyPatch, entrepot: Connection, dsn_role: Callable[[str], str], http: ServeurHttp
) -> ServeurHttp:
    """Give a laptop whose Airflow has a room and no mail server, and one notice for the team."""
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", dsn_role("av_etl"))
    monkeypatch.delenv("AIRFLOW_CONN_AV_SMTP", raising=False)
    monkeypatch.setenv("AV_PLANIFICATION", "false")
    monkeypatch.setenv("AV_ADRESSES_EQUIPE_NATIONALE", '["equipe@cnaf.example.org"]')
    extra = {"salons": {"tchap": http.salon(SECRET)}}
    monkeypatch.setenv("AIRFLOW_CONN_AV_APPRISE", json.dumps({"conn_type": "apprise", "extra": extra}))
    load_reglages.cache_clear()
    queue(entrepot, "echec/1")
    return http


def test_the_step_tells_the_room_and_says_what_still_waits_for_a_mail_server(
    poste: ServeurHttp, entrepot: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    assert envoi_avis.send_avis.function() == {"messages": 1, "avis": 1, "sans_voie": 1}
    assert "1 avis reste dans la boîte d'envoi" in caplog.text
    assert "av_smtp" in caplog.text
    assert len(poste.textes(SECRET)) == 1
    envoyes = entrepot.scalar(text("SELECT count(*) FROM suivi.avis WHERE envoye_le IS NOT NULL"))
    assert envoyes == 1


def test_a_room_s_notice_whose_connection_is_gone_reddens_even_a_laptop_and_names_it(
    poste: ServeurHttp, monkeypatch: pytest.MonkeyPatch, smtp: ServeurSmtp, entrepot: Connection
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    entrepot.execute(text("SELECT suivi.aviser('salon/1', 'salon:tchap', 'apprise', 'Objet', 'Corps')"))
    entrepot.commit()
    monkeypatch.delenv("AIRFLOW_CONN_AV_APPRISE")
    with pytest.raises(
        AirflowFailException, match=r"2 avis restent .* dont 1 pour un salon\. .* remettre av_apprise"
    ):
        envoi_avis.send_avis.function()
    extra = {"from": "a@cnaf.example.org", "starttls": False}
    connexion = {"conn_type": "smtp", "host": "127.0.0.1", "port": smtp.port, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_AV_SMTP", json.dumps(connexion))
    with pytest.raises(
        AirflowFailException, match="n'est plus dans la connexion Airflow av_apprise"
    ) as echec:
        envoi_avis.send_avis.function()
    assert "créer la connexion Airflow av_smtp" not in str(echec.value)
    assert len(smtp.recus) == 1, "the mail left"


def test_a_room_that_refuses_reddens_the_step_that_has_no_mail_server_and_it_alone_is_named(
    poste: ServeurHttp,
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    poste.refus = [500]
    with pytest.raises(AirflowFailException, match=r"^1 avis attend .* le salon tchap ne prend pas") as echec:
        envoi_avis.send_avis.function()
    assert "av_smtp" not in str(echec.value)


def test_the_step_is_done_when_both_ways_are_there(
    poste: ServeurHttp, smtp: ServeurSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = {"from": "a@cnaf.example.org", "starttls": False}
    connexion = {"conn_type": "smtp", "host": "127.0.0.1", "port": smtp.port, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_AV_SMTP", json.dumps(connexion))
    assert envoi_avis.send_avis.function() == {"messages": 2, "avis": 2, "sans_voie": 0}
    assert (len(smtp.recus), len(poste.recus)) == (1, 1)


@pytest.mark.parametrize(
    "extra",
    [{}, {"salons": {}}, {"salons": SECRET}, {"salons": {"Tchap !": SECRET}}, {"salons": {"tchap": ""}},
     {"salons": {"tchap": [SECRET]}}],
)  # fmt: skip
def test_a_connection_that_names_no_room_is_refused_and_its_addresses_not_repeated(
    monkeypatch: pytest.MonkeyPatch, extra: dict[str, object]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AV_APPRISE", json.dumps({"conn_type": "apprise", "extra": extra}))
    with pytest.raises(ErreurAllerVers, match="La connexion av_apprise ne dit pas") as refus:
        find_salons()
    assert SECRET not in str(refus.value)


def test_apprise_is_loaded_where_it_sends_and_nowhere_else() -> None:
    import subprocess
    import sys

    code = "import sys, aller_vers.suivi.envoi, aller_vers.suivi.salons; assert 'apprise' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
