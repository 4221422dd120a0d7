"""What is hidden protects every small count against the attacker; what is shown is all that can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from attaquant import TIRAGES, Attaquant, Forme, Inconnue
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aller_vers.diffusion.secret.modele import Motif, Part, Publie, sum_regions
from aller_vers.diffusion.secret.protection import protect, protect_ensemble
from aller_vers.socle.referentiel import load_caf

Table = dict[str, dict[str, int]]  # counts by measure and Caf
INCLUS = {"d": (), "n": ("d",), "s": ("n", "d"), "t": ("d",), "p": ("d",), "q": ("d",), "r": ("d",)}
PARTS = ("p", "q", "r")  # three parts of d


@dataclass
class Publication:
    """One month, published as the product does: a measure after its denominators."""

    regions: Mapping[str, str]
    seuil: int
    publies: dict[str, Publie] = field(default_factory=dict)

    def publish(self, table: Table) -> None:
        groupes = [(m,) for m in table if m not in PARTS] + ([PARTS] if "p" in table else [])
        for groupe in groupes:
            parts = [Part(table[m], [self.publies[d] for d in INCLUS[m]]) for m in groupe]
            motifs = protect_ensemble(parts, self.regions, self.seuil)
            self.publies |= {m: Publie(table[m], motif) for m, motif in zip(groupe, motifs, strict=True)}

    def list_faits(self, mesure: str, publie: Publie) -> list[tuple[Forme, float, bool]]:
        """Return every cell of a table: its form, its value, whether it is hidden."""
        faits = [({(mesure, c): 1.0}, v, c in publie.motif.caf) for c, v in publie.comptes.items()]
        for region, v in sum_regions(publie.comptes, self.regions).items():
            forme = {(mesure, c): 1.0 for c in publie.comptes if self.regions[c] == region}
            faits.append((forme, v, region in publie.motif.regions))
        tout = {(mesure, c): 1.0 for c in publie.comptes}
        faits.append((tout, sum(publie.comptes.values()), publie.motif.nation))
        return faits


def attack(publication: Publication, initiees: list[str] | None = None, pas: int = 1) -> list[str]:
    """Return what the attacker narrows too much, of one count in ``pas``; none is good."""
    attaquant, vises = Attaquant(), []
    valeurs: dict[Inconnue, float] = {}
    for mesure, publie in publication.publies.items():
        for forme, valeur, cachee in publication.list_faits(mesure, publie):
            attaquant.meet([forme])
            vises.append((mesure, forme, valeur))
            if not cachee:
                attaquant.know(forme, valeur)
        valeurs |= {(mesure, caf): valeur for caf, valeur in publie.comptes.items()}
        for nom in INCLUS[mesure]:
            parent = publication.publies[nom]
            for caf in publie.comptes:
                attaquant.compare((mesure, caf), (nom, caf))
            couples = zip(
                publication.list_faits(mesure, publie), publication.list_faits(nom, parent), strict=True
            )
            for (forme, v, _), (grande, total, _) in couples:
                reste = grande | {inconnue: -x for inconnue, x in forme.items()}
                vises.append((f"{nom}-{mesure}", reste, total - v))
    if "p" in publication.publies:
        for caf in publication.publies["d"].comptes:
            attaquant.know({("d", caf): 1.0} | {(m, caf): -1.0 for m in PARTS}, 0)
    vises = [v for v in vises if 0 < v[2] < publication.seuil][::pas]
    fautes = []
    for initie in ["", *(sorted(publication.regions) if initiees is None else initiees)]:
        a_lui = {n: v for n, v in valeurs.items() if n[1] == initie}
        # Of a sum that holds its own people, one knows a part; the cells of the others are what it could learn.
        autres = [v for v in vises if all(caf != initie for _, caf in v[1])]
        bornes = attaquant.bound([forme for _, forme, _ in autres], a_lui)
        for (nom, forme, valeur), (bas, haut) in zip(autres, bornes, strict=True):
            if bas > 1 + 1e-6 or haut < publication.seuil - 1 - 1e-6:
                fautes.append(
                    f"{nom} {sorted(forme)} = {valeur} : {bas:.2f} à {haut:.2f} pour {initie or 'tous'}"
                )
    return fautes


@st.composite
def tables(tirer: st.DrawFn) -> tuple[dict[str, str], Table]:
    """Draw a small network and nested counts, most of them small as they are in real months."""
    tailles = tirer(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    regions = {f"{r}{i}": f"R{r}" for r, taille in enumerate(tailles) for i in range(taille)}
    petit = st.one_of(st.integers(0, 7), st.integers(0, 30))
    d = {c: tirer(petit) for c in regions}
    n = {c: tirer(st.integers(0, v)) for c, v in d.items()}
    s = {c: tirer(st.integers(0, v)) for c, v in n.items()}
    t = {c: tirer(st.integers(0, v)) for c, v in d.items()}
    return regions, {"d": d, "n": n, "s": s, "t": t}


@settings(max_examples=40 * TIRAGES, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables(), st.sampled_from([5, 5, 11]))
def test_no_small_count_is_narrowed_whoever_of_the_caf_attacks(
    tirage: tuple[dict[str, str], Table], seuil: int
) -> None:
    regions, table = tirage
    publication = Publication(regions, seuil)
    publication.publish(table)
    assert attack(publication) == []


@settings(max_examples=25 * TIRAGES, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables(), st.data())
def test_parts_of_a_whole_do_not_give_each_other_back(
    tirage: tuple[dict[str, str], Table], donnees: st.DataObject
) -> None:
    regions, table = tirage
    d = table["d"]
    p = {c: donnees.draw(st.integers(0, v)) for c, v in d.items()}
    q = {c: donnees.draw(st.integers(0, v - p[c])) for c, v in d.items()}
    publication = Publication(regions, 5)
    publication.publish({"d": d, "p": p, "q": q, "r": {c: v - p[c] - q[c] for c, v in d.items()}})
    assert attack(publication) == []


REGIONS = {"a": "1", "b": "1", "c": "1", "d": "1", "e": "2", "f": "2", "g": "3"}


def test_a_small_count_takes_two_others_with_it_for_one_of_them_may_attack() -> None:
    comptes = {"a": 3, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60, "g": 70}
    motif = protect(Part(comptes), REGIONS, 5)
    assert motif == Motif(frozenset("abc"))


def test_a_region_of_one_caf_is_hidden_with_it_and_two_other_regions_cover_it() -> None:
    comptes = {"a": 30, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60, "g": 2}
    motif = protect(Part(comptes), REGIONS, 5)
    assert motif.regions == {"1", "2", "3"} or len(motif.caf) >= 3
    assert "g" in motif.caf
    assert "3" in motif.regions
    assert not motif.nation
    publication = Publication(REGIONS, 5)
    publication.publish({"d": comptes})
    assert attack(publication) == []


@pytest.mark.parametrize(("valeur", "seuil", "cachee"), [
    (0, 5, False), (1, 5, True), (4, 5, True), (5, 5, False), (10, 11, True), (11, 11, False),
])  # fmt: skip
def test_the_bounds_of_the_threshold(valeur: int, seuil: int, cachee: bool) -> None:
    motif = protect(Part({"a": valeur, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60, "g": 70}), REGIONS, seuil)
    assert ("a" in motif.caf) is cachee


@pytest.mark.parametrize(("reste", "cachee"), [(0, False), (1, True), (4, True), (5, False)])
def test_a_numerator_near_its_denominator_is_hidden_too(reste: int, cachee: bool) -> None:
    d = dict.fromkeys(REGIONS, 40)
    motif_d = protect(Part(d), REGIONS, 5)
    assert motif_d == Motif()
    motif = protect(Part(dict.fromkeys(REGIONS, 20) | {"a": 40 - reste}, [Publie(d, motif_d)]), REGIONS, 5)
    assert ("a" in motif.caf) is cachee


def test_what_a_denominator_hides_its_numerators_hide() -> None:
    d = {"a": 3, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60, "g": 70}
    motif_d = protect(Part(d), REGIONS, 5)
    motif = protect(Part(dict.fromkeys(d, 0), [Publie(d, motif_d)]), REGIONS, 5)
    assert motif.caf >= motif_d.caf


def test_what_comes_by_cpam_is_shown_summed_unless_one_of_them_could_subtract_itself() -> None:
    seule = dict.fromkeys(REGIONS, "")
    motif = protect(Part({"a": 90, "b": 20, "c": 30}), seule, 5, caf_publiees=False)
    assert (motif.caf, motif.nation) == ({"a", "b", "c"}, False)
    motif = protect(Part({"a": 90, "b": 1, "c": 1}), seule, 5, caf_publiees=False)
    assert motif.nation


def draw_realistic(graine: int) -> tuple[dict[str, str], Table]:
    """Draw a month of the 101 Caf at 1,340 applicants, and the people called, reached and received among them."""
    tirage = np.random.default_rng(graine)
    regions = {c: caf.code_region for c, caf in load_caf().items()}
    poids = tirage.lognormal(0, 0.9, len(regions))
    d = {c: int(x) for c, x in zip(regions, tirage.poisson(1340 * poids / poids.sum()), strict=True)}
    n = {c: int(tirage.binomial(v, 0.7)) for c, v in d.items()}
    s = {c: int(tirage.binomial(v, 0.2)) for c, v in n.items()}
    t = {c: int(tirage.binomial(v, 0.9)) for c, v in d.items()}
    return regions, {"d": d, "n": n, "s": s, "t": t}


def test_a_realistic_month_holds_and_keeps_its_nation_and_most_regions() -> None:
    regions, table = draw_realistic(5)
    publication = Publication(regions, 5)
    publication.publish(table)
    motifs = {m: p.motif for m, p in publication.publies.items()}
    petites = {c for c, v in table["d"].items() if 0 < v < 5}
    assert not any(m.nation for m in motifs.values())
    assert len(motifs["d"].regions) <= 6
    assert petites <= motifs["d"].caf
    assert len(motifs["d"].caf) <= 2 * len(petites)
    assert attack(publication, initiees=["061"], pas=3) == []


def test_the_order_of_the_caf_changes_nothing() -> None:
    regions, table = draw_realistic(2)
    motif = protect(Part(table["d"]), regions, 5)
    a_l_envers = protect(Part(dict(reversed(table["d"].items()))), dict(reversed(regions.items())), 5)
    assert motif == a_l_envers
