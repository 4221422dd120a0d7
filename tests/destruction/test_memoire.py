"""No pestering: who was transmitted is left out for the months of the setting, by a keyed hash, then forgotten."""

from __future__ import annotations

from datetime import date

import pytest
from destruction_exemples import JUILLET, JUIN, LOUTRE, PUTOIS, ZIBELINE, Maison
from lots_exemples import CLE, make_reglages

from aller_vers.destruction.memoire import forget_transmis, leave_out_deja_transmis, remember_transmis
from aller_vers.requete.nettoyage.passe import clean_demandeurs
from aller_vers.requete.publication import publish_mois
from aller_vers.socle.identite import compute_empreinte
from aller_vers.socle.mois import Mois
from aller_vers.suivi.evenements import record_evenement

JOUR = date(2025, 7, 10)
TROIS = make_reglages(mois_sans_repetition=3)


def send(maison: Maison, code_caf: str, code_cpam: str, etat: str = "transmis") -> None:
    with maison.open() as entrepot:
        record_evenement(
            entrepot, mois=str(JUIN), code_caf=code_caf, version=1, code_cpam=code_cpam, etat=etat,  # type: ignore[arg-type]
            acteur="essai", preuve={"date_transmission": "2025-07-04", "lignes": 1},
        )  # fmt: skip


def remember(maison: Maison, reglages: object = TROIS) -> int:
    with maison.open() as entrepot:
        return remember_transmis(entrepot, reglages, JOUR)  # type: ignore[arg-type]


def publish(maison: Maison, mois: Mois, reglages: object = TROIS) -> tuple[int, set[str], dict[str, int]]:
    """Extract three people in this month; return the lines left out, who is in core, who is set aside."""
    maison.fill(mois, {"831": [ZIBELINE, LOUTRE, PUTOIS]}, publie=False)
    with maison.open() as entrepot:
        marquees = leave_out_deja_transmis(entrepot, reglages, mois)  # type: ignore[arg-type]
        clean_demandeurs(entrepot, str(mois))
        publish_mois(entrepot, mois, "r2", depot=True)
    presents = maison.run("SELECT id_personne FROM core.demandeur WHERE mois = :m", m=str(mois))
    ecartes = maison.run("SELECT motif, nombre FROM core.ecarte WHERE mois = :m", m=str(mois))
    return marquees, {p for (p,) in presents}, dict(map(tuple, ecartes))


def read_memoire(maison: Maison) -> set[str]:
    return {e for (e,) in maison.run("SELECT empreinte FROM suivi.memoire_transmission")}


def hash_of(*personnes: tuple[str, ...]) -> set[str]:
    return {compute_empreinte(CLE.encode(), p[0]) for p in personnes}


def test_who_was_transmitted_is_left_out_and_counted_until_the_delay_is_over(maison: Maison) -> None:
    maison.drop_juin()
    send(maison, "831", "831")
    assert remember(maison) == 2
    lus = maison.run("SELECT mois, code_caf, version FROM suivi.lot_memorise")
    assert lus == [(str(JUIN), "831", 1)], "and not read again"
    assert remember(maison) == 0, "remembered once"
    assert read_memoire(maison) == hash_of(ZIBELINE, LOUTRE)
    dehors = (2, {PUTOIS[0]}, {"deja_transmis": 2})
    assert publish(maison, JUILLET) == dehors
    assert publish(maison, JUILLET) == dehors, "the same again"
    assert publish(maison, JUIN.shift(3)) == dehors
    tous = {p[0] for p in (ZIBELINE, LOUTRE, PUTOIS)}
    assert publish(maison, JUIN.shift(4)) == (0, tous, {}), "the delay is over"
    assert publish(maison, JUIN) == (0, tous, {}), "its own month is no repetition"


def test_a_lot_of_which_a_recipient_is_awaited_or_that_was_not_sent_is_not_remembered(maison: Maison) -> None:
    maison.drop_juin()
    for cpam in maison.list_cpam("591")[1:]:
        send(maison, "591", cpam)
    assert remember(maison) == 0
    send(maison, "591", maison.list_cpam("591")[0], "rien_a_transmettre")
    assert remember(maison) == 1
    assert read_memoire(maison) == hash_of(PUTOIS)


def test_at_zero_nothing_is_remembered_nobody_is_left_out_and_what_was_is_forgotten(maison: Maison) -> None:
    maison.drop_juin()
    send(maison, "831", "831")
    jamais = make_reglages(None)
    assert remember(maison, jamais) == 0
    assert read_memoire(maison) == set()
    assert remember(maison) == 2
    assert publish(maison, JUILLET, jamais)[0] == 0
    with maison.open() as entrepot:
        assert forget_transmis(entrepot, jamais, JOUR) == 2
    assert read_memoire(maison) == set()


@pytest.mark.parametrize(("jour", "reste"), [(date(2025, 10, 31), 2), (date(2025, 11, 1), 0)])
def test_the_memory_goes_with_its_delay(maison: Maison, jour: date, reste: int) -> None:
    maison.drop_juin()
    send(maison, "831", "831")
    remember(maison)
    with maison.open() as entrepot:
        assert forget_transmis(entrepot, TROIS, jour) == 2 - reste
    assert len(read_memoire(maison)) == reste


def test_who_objects_is_forgotten(maison: Maison) -> None:
    maison.drop_juin()
    send(maison, "831", "831")
    remember(maison)
    [objecte] = hash_of(ZIBELINE)
    maison.run("SELECT suivi.opposer(:e)", e=objecte)
    maison.treat_oppositions().require_complete()
    assert read_memoire(maison) == hash_of(LOUTRE)
