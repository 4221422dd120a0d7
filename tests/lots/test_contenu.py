"""What a lot holds: identity of a content, and who may receive whom."""

from __future__ import annotations

import random

import pytest
from lots_exemples import CLAIRE, Depot, confirm_nord

from aller_vers.lots.contenu import Contenu, Ligne, load_contenu
from aller_vers.socle.mois import Mois

A = Ligne("a@example.org", "01 99 00 12 34", "83000")
B = Ligne("b@example.org", "", "83100")
CLE = b"k" * 32
NORD = [
    ("a@example.org", None, "59140"),
    ("b@example.org", None, "59000"),
    ("c@example.org", None, "99999"),
    ("d@example.org", None, None),
]


def test_identity_does_not_depend_on_order() -> None:
    assert Contenu({None: (A, B)}).compute_identite(CLE) == Contenu({None: (B, A)}).compute_identite(CLE)
    un = Contenu({"594": (A,), "595": (B,)})
    autre = Contenu({"595": (B,), "594": (A,)})
    assert un.compute_identite(CLE) == autre.compute_identite(CLE)


@pytest.mark.parametrize(
    "autre",
    [
        Contenu({None: (A,)}),
        Contenu({None: (A, A, B)}),
        Contenu({None: (A, Ligne("b@example.org", "83100", ""))}),
        Contenu({"594": (A, B)}),
        Contenu({"594": (A,), "595": (B,)}),
        Contenu({None: (A, B), "594": ()}),
    ],
)
def test_identity_differs_for_other_rows_or_another_recipient(autre: Contenu) -> None:
    assert autre.compute_identite(CLE) != Contenu({None: (A, B)}).compute_identite(CLE)


def test_identity_differs_when_two_recipients_swap_their_rows() -> None:
    un = Contenu({"594": (A,), "595": (B,)})
    assert un.compute_identite(CLE) != Contenu({"594": (B,), "595": (A,)}).compute_identite(CLE)
    assert un.compute_identite(CLE) != Contenu({"594": (A, B), "595": ()}).compute_identite(CLE)


def test_identity_needs_the_key_and_shows_nobody() -> None:
    contenu = Contenu({None: (A,)})
    assert contenu.compute_identite(CLE) != contenu.compute_identite(b"j" * 32)
    assert "example.org" not in repr(contenu)


def test_rows_come_sorted_whatever_the_order_of_core(depot: Depot) -> None:
    personnes = [(f"p{rang:02}@example.org", None, "83000") for rang in range(30)]
    random.Random(1).shuffle(personnes)
    depot.publish({"831": personnes})
    with depot.connect() as entrepot:
        (lignes,) = load_contenu(entrepot, Mois(2025, 6), "831").par_destinataire.values()
    assert list(lignes) == sorted(lignes)
    assert len(lignes) == 30
    assert lignes[0] == ("p00@example.org", "", "83000")


def test_another_month_and_another_caf_stay_out(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE], "061": [("x@example.org", None, None)]})
    with depot.connect() as entrepot:
        assert load_contenu(entrepot, Mois(2025, 6), "831").par_destinataire == {None: (Ligne(*CLAIRE),)}
        assert load_contenu(entrepot, Mois(2025, 5), "831").par_destinataire == {None: ()}


def split(depot: Depot) -> dict[str | None, list[str]]:
    with depot.connect() as entrepot:
        contenu = load_contenu(entrepot, Mois(2025, 6), "591").par_destinataire
    return {d: [ligne.courriel[0] for ligne in lignes] for d, lignes in contenu.items()}


def test_unconfirmed_perimeters_split_nobody(depot: Depot) -> None:
    depot.publish({"591": NORD})
    assert split(depot) == {None: ["a", "b", "c", "d"]}


def test_confirmed_perimeters_split_by_cpam_and_leave_the_rest_to_be_shared_out(depot: Depot) -> None:
    confirm_nord(depot)
    depot.publish({"591": NORD})
    assert split(depot) == {"594": ["a"], "595": ["b"], "a_repartir": ["c", "d"]}


def test_one_perimeter_in_doubt_splits_nobody(depot: Depot) -> None:
    confirm_nord(depot)
    depot.run("INSERT INTO marts.perimetre VALUES ('599', '59400', 'à confirmer')")
    depot.publish({"591": NORD})
    assert split(depot) == {None: ["a", "b", "c", "d"]}


def test_a_cpam_whose_perimeter_is_unknown_splits_nobody(depot: Depot) -> None:
    confirm_nord(depot)
    depot.run("DELETE FROM marts.perimetre WHERE code_cpam = '599'")
    depot.publish({"591": NORD})
    assert split(depot) == {None: ["a", "b", "c", "d"]}


def test_a_postcode_of_two_cpam_goes_to_neither(depot: Depot) -> None:
    confirm_nord(depot)
    depot.run("INSERT INTO marts.perimetre VALUES ('597', '59000', 'confirmé')")
    depot.publish({"591": NORD})
    assert split(depot) == {"594": ["a"], "a_repartir": ["b", "c", "d"]}


def test_the_only_cpam_of_a_caf_gets_one_file_whatever_the_postcode(depot: Depot) -> None:
    depot.publish({"831": [CLAIRE, ("x@example.org", None, "75001")]})
    with depot.connect() as entrepot:
        assert set(load_contenu(entrepot, Mois(2025, 6), "831").par_destinataire) == {None}
