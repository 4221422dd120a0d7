"""Who confirms that a Caf's postcodes are shared out as the file says, and what it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, text

from aller_vers.lots.contenu import load_contenu
from aller_vers.lots.perimetres import PerimetreDeCaf, confirm_perimetre, list_parts, list_perimetres
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois

MOTIF = "liste reçue des deux Cpam"
JUIN = Mois(2025, 6)


@pytest.fixture
def page(base_entrepot: str, dsn_role: Callable[[str], str]) -> Iterator[Connection]:
    with create_moteur(dsn_role("av_pilotage")).connect() as connexion:
        yield connexion


@pytest.fixture
def entrepot(base_entrepot: str) -> Iterator[Connection]:
    with create_moteur(base_entrepot).connect().execution_options(isolation_level="AUTOCOMMIT") as connexion:
        connexion.execute(text("CREATE TABLE core.demandeurs_essai PARTITION OF core.demandeur DEFAULT"))
        yield connexion


def find_dernier_jour(mois: Mois) -> date:
    return mois.shift(1).debut - timedelta(days=1)


def read_pas_de_calais(connexion: Connection) -> PerimetreDeCaf:
    [lu] = list_perimetres(connexion, "621")
    return lu


def confirm(page: Connection, confirme: bool = True, **change: str) -> bool:
    donne = {"empreinte": read_pas_de_calais(page).empreinte, "acteur": "marie", "motif": MOTIF} | change
    fait = confirm_perimetre(page, "621", confirme=confirme, **donne)
    page.commit()
    return fait


def split(entrepot: Connection, mois: Mois = JUIN) -> dict[str | None, int]:
    parts = list_parts(entrepot, "621", find_dernier_jour(mois))
    entrepot.execute(text("DELETE FROM core.demandeur"))
    for rang, part in enumerate(parts):
        entrepot.execute(
            text(
                "INSERT INTO core.demandeur (mois, code_caf, id_personne, courriel, code_postal) "
                "VALUES (:mois, '621', :id, 'a@example.org', :code)"
            ),
            {"mois": mois, "id": f"p{rang}", "code": part.codes_postaux[0]},
        )
    contenu = load_contenu(entrepot, mois, "621").par_destinataire
    return {destinataire: len(lignes) for destinataire, lignes in contenu.items()}


def test_the_caf_of_several_cpam_are_those_that_the_reference_cannot_confirm(page: Connection) -> None:
    lus = list_perimetres(page)
    assert [p.code_caf for p in lus] == ["401", "591", "621", "641", "761"]
    assert not any(p.confirme for p in lus)
    assert list_perimetres(page, "831") == ()
    parts = {p.code_cpam: len(p.codes_postaux) for p in list_parts(page, "621", find_dernier_jour(JUIN))}
    assert parts == {"623": 53, "624": 94, None: 3}


def test_a_confirmation_cuts_the_lot_by_cpam_and_its_withdrawal_makes_it_one_again(
    entrepot: Connection, page: Connection
) -> None:
    assert split(entrepot) == {None: 3}
    assert confirm(page)
    assert not confirm(page, acteur="paul"), "said already"
    lu = read_pas_de_calais(page)
    assert (lu.confirme, lu.acteur, lu.motif) == (True, "marie", MOTIF)
    assert lu.cree_le is not None
    assert split(entrepot) == {"623": 1, "624": 1, "a_repartir": 1}
    assert [p.code_caf for p in list_perimetres(page) if p.confirme] == ["621"]
    assert confirm(page, confirme=False, acteur="paul", motif="la liste était celle de 2019")
    assert split(entrepot) == {None: 3}
    actes = entrepot.execute(
        text("SELECT confirme, acteur, compte FROM suivi.perimetre_confirme ORDER BY id")
    )
    assert [tuple(a) for a in actes] == [(True, "marie", "av_pilotage"), (False, "paul", "av_pilotage")]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE marts.perimetre SET code_cpam = '624' WHERE code_postal = (SELECT min(code_postal) FROM marts.perimetre "
        "WHERE code_cpam = '623')",
        "UPDATE marts.perimetre SET valable_au = '2026-12-31' WHERE code_cpam = '623'",
        "INSERT INTO marts.convention VALUES ('621', '595', '2025-05-16', NULL, '2025-05-16')",
    ],
)
def test_what_was_confirmed_is_what_was_read(entrepot: Connection, page: Connection, change: str) -> None:
    lue = read_pas_de_calais(page).empreinte
    confirm(page)
    entrepot.execute(text(change))
    lu = read_pas_de_calais(page)
    assert (lu.confirme, lu.change_depuis) == (False, True)
    assert list(split(entrepot)) == [None]
    with pytest.raises(ErreurAllerVers, match="ont changé depuis leur lecture"):
        confirm(page, empreinte=lue)
    assert confirm(page), "read again"


@pytest.mark.parametrize(
    ("code_caf", "motif", "dit"),
    [
        ("621", "  oui  ", "ne change pas sans motif"),
        ("621", "vu avec Mme Zibeline", "donnée personnelle"),
        ("621", "vu avec marie@example.org", "donnée personnelle"),
        ("831", MOTIF, "n'a pas plusieurs Cpam"),
    ],
)
def test_what_is_refused_says_why_and_adds_nothing(
    entrepot: Connection, page: Connection, code_caf: str, motif: str, dit: str
) -> None:
    with pytest.raises(ErreurAllerVers, match=dit):
        confirm_perimetre(page, code_caf, confirme=True, empreinte="0" * 64, acteur="marie", motif=motif)
    assert entrepot.execute(text("SELECT count(*) FROM suivi.perimetre_confirme")).scalar_one() == 0


def test_a_month_follows_the_perimeters_of_its_last_day(entrepot: Connection, page: Connection) -> None:
    entrepot.execute(
        text(
            "UPDATE marts.perimetre SET valable_au = '2025-06-30' WHERE code_cpam = '624'; "
            "INSERT INTO marts.perimetre SELECT '623', p.code_postal, p.fiabilite, '2025-07-01' FROM marts.perimetre AS p "
            "WHERE p.code_cpam = '624' AND p.code_postal NOT IN "
            "(SELECT q.code_postal FROM marts.perimetre AS q WHERE q.code_cpam = '623')"
        )
    )
    confirm(page)
    assert split(entrepot) == {"623": 1, "624": 1, "a_repartir": 1}
    assert split(entrepot, Mois(2025, 7)) == {"623": 1}
