"""The order of what is drawn: classes of the map, bars, points and limits of the funnel; what is to do, by gravity and age."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.entonnoir import place_caisses
from aller_vers.pilotage.a_faire import (
    _CERTIFICAT,
    _COPIE,
    _DECISION,
    _ECHEC,
    _FICHIER,
    _RETOUR,
    Tache,
    group,
)
from aller_vers.pilotage.repartition import build_barres, build_entonnoir, find_classes


def test_the_map_has_five_classes_from_the_lowest_up_and_equal_values_are_of_one() -> None:
    valeurs = {f"{n:03}": Decimal(n) for n in range(10)}
    assert list(find_classes(valeurs).values()) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert set(find_classes({**valeurs, "x": Decimal(9), "y": Decimal(9)}).values()) == {1, 2, 3, 4}


def test_the_bars_go_up_and_hold_every_value_the_highest_in_the_last() -> None:
    barres = build_barres([Decimal(n) for n in (3, 15, 3, 9)])
    assert [b.debut for b in barres] == sorted(b.debut for b in barres)
    assert (barres[0].nombre, barres[6].nombre, barres[-1].nombre) == (2, 1, 1)
    assert (barres[0].debut, barres[-1].fin) == (3, 15)


def test_the_funnel_takes_the_caf_by_code_and_its_limits_close_in_on_the_nation() -> None:
    definition = next(i for i in load_dictionnaire() if i.code == "taux_courriel_valide")
    termes = {c: (Decimal(n), Decimal(100)) for c, n in (("831", 90), ("011", 50), ("591", 52), ("331", 48))}
    places = place_caisses(definition, termes)
    sans_personne, inconnue = {"061": (Decimal(0), Decimal(0))}, {"999": (Decimal(9), Decimal(100))}
    entonnoir = build_entonnoir(
        definition, {**termes, **sans_personne, **inconnue}, {**places, "061": places["591"]}
    )
    assert entonnoir is not None
    assert [r.code_caf for r in entonnoir.reperes] == ["011", "331", "591", "831"]
    assert [r.code_caf for r in entonnoir.reperes if r.place.situation == "au_dessus"] == ["831"]
    largeurs = []
    for _, *bornes in entonnoir.limites:
        assert bornes == sorted(bornes)
        largeurs.append(bornes[-1] - bornes[0])
    assert [taille for taille, *_ in entonnoir.limites] == sorted(taille for taille, *_ in entonnoir.limites)
    assert largeurs[0] > largeurs[len(largeurs) // 2] > largeurs[-1]


def test_what_is_to_do_goes_by_gravity_then_kind_then_age() -> None:
    attendu = [
        Tache(genre, quoi, date(2025, 9, jour), "/")
        for genre, jours in ((_ECHEC, (8,)), (_DECISION, (1, 9)), (_COPIE, (5,)), (_CERTIFICAT, (2, 3)), (_RETOUR, (1,)), (_FICHIER, (1,)))
        for jour in jours for quoi in ("a", "b")
    ]  # fmt: skip
    melange = random.Random(17).sample(attendu, len(attendu))
    groupes = group(melange)
    assert [t for g in groupes for _, taches in g.genres for t in taches] == attendu
    assert [(g.gravite, g.nombre) for g in groupes] == [
        ("bloque", 6),
        ("detruire", 6),
        ("retard", 2),
        ("prevoir", 2),
    ]
