"""The outbox: read as it was sent; what left is sent again once, word for word, and says who asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, text

from aller_vers.pilotage.envois import Envoi, load_envois, resend
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.suivi.avis import queue_avis

CLE = "depot/2025-08/831/v1"


@pytest.fixture
def pilotage(entrepot: Connection, dsn_role: Callable[[str], str]) -> Iterator[Connection]:
    """The page's own role, two notices in the outbox, one of which left."""
    queue_avis(
        entrepot, cle=CLE, destinataire="caf:831", objet="Lot déposé", corps="Le lot est sur le partage."
    )
    queue_avis(
        entrepot, cle="relance/1", destinataire="equipe_nationale", objet="Rappel", corps="Toujours rien."
    )
    entrepot.execute(text("UPDATE suivi.avis SET envoye_le = now() WHERE cle = :c"), {"c": CLE})
    entrepot.commit()
    moteur = create_moteur(dsn_role("av_pilotage"))
    with moteur.connect() as connexion:
        yield connexion
    moteur.dispose()


def list_renvois(pilotage: Connection) -> list[Envoi]:
    return [e for e in load_envois(pilotage) if "/renvoi/" in e.cle]


def test_what_left_is_sent_again_once_in_the_name_of_who_asks(
    pilotage: Connection, entrepot: Connection
) -> None:
    assert resend(pilotage, CLE, "camille")
    # Twice at once is once: the copy has not left yet.
    assert not resend(pilotage, CLE, "dominique")
    pilotage.commit()
    [renvoi] = list_renvois(pilotage)
    assert (renvoi.qui, renvoi.objet, renvoi.corps) == (
        "831 · Var",
        "Lot déposé",
        "Le lot est sur le partage.",
    )
    assert (renvoi.demande_par, renvoi.etat.libelle) == ("camille", "En attente")
    entrepot.execute(text("UPDATE suivi.avis SET envoye_le = now()"))
    entrepot.commit()
    # Of the copy as of the first: the same notice, another number.
    assert resend(pilotage, renvoi.cle, "dominique")
    assert sorted(e.demande_par or "" for e in list_renvois(pilotage)) == ["camille", "dominique"]


@pytest.mark.parametrize("cle", ["relance/1", "inconnu", ""])
def test_what_never_left_is_not_sent_again(pilotage: Connection, cle: str) -> None:
    with pytest.raises(ErreurAllerVers, match="n'est pas parti"):
        resend(pilotage, cle, "camille")
    assert list_renvois(pilotage) == []


def test_the_outbox_is_read_of_everybody_of_a_caf_and_of_reminders_alone(pilotage: Connection) -> None:
    def see(code_caf: str | None = None, *, rappels: bool = False) -> list[str]:
        return sorted(f"{e.qui} : {e.etat.libelle}" for e in load_envois(pilotage, code_caf, rappels=rappels))

    assert see() == ["831 · Var : Parti", "Équipe nationale : En attente"]
    assert see("831") == ["831 · Var : Parti"]
    assert see(rappels=True) == ["Équipe nationale : En attente"]
