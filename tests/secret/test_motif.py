"""What is hidden protects every small count against the attacker; what is shown is all that can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from attaquant import Attaquant, Forme, Inconnue
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aller_vers.referentiel import load_caf
from aller_vers.secret.motif import Motif, Part, Publie, protect, protect_ensemble, sum_regions

Table = dict[str, dict[str, int]]  # counts by measure and Caf
INCLUS = {"d": (), "n": ("d",), "s": ("n", "d"), "t": ("d",), "p": ("d",), "q": ("d",), "r": ("d",)}
PARTS = ("p", "q", "r")  # three parts of d


@dataclass
class Publication:
    """Vintages of one month, published as the product does: a measure after its denominators."""

    regions: Mapping[str, str]
    seuil: int
    millesimes: list[dict[str, Publie]] = field(default_factory=list)

    def publish(self, table: Table) -> bool:
        avant = self.millesimes[-1] if self.millesimes else {}
        groupes = [(m,) for m in table if m not in PARTS] + ([PARTS] if "p" in table else [])
        motifs: dict[str, Publie] = {}
        for groupe in groupes:
            parts = [Part(table[m], [motifs[d] for d in INCLUS[m]], avant.get(m)) for m in groupe]
            trouves = protect_ensemble(parts, self.regions, self.seuil, rang=len(self.millesimes))
            if trouves is None:
                return False
            motifs |= {m: Publie(table[m], motif) for m, motif in zip(groupe, trouves, strict=True)}
        self.millesimes.append(motifs)
        return True

    def name(self, mesure: str, caf: str, publie: Publie) -> Inconnue:
        return (mesure, caf, str(publie.motif.rangs[caf]))

    def list_faits(self, mesure: str, publie: Publie) -> list[tuple[Forme, float, bool]]:
        """Return every cell of a table: its form, its value, whether it is hidden."""
        faits = [
            ({self.name(mesure, c, publie): 1.0}, v, c in publie.motif.caf) for c, v in publie.comptes.items()
        ]
        for region, v in sum_regions(publie.comptes, self.regions).items():
            forme = {self.name(mesure, c, publie): 1.0 for c in publie.comptes if self.regions[c] == region}
            faits.append((forme, v, region in publie.motif.regions))
        tout = {self.name(mesure, c, publie): 1.0 for c in publie.comptes}
        faits.append((tout, sum(publie.comptes.values()), publie.motif.nation))
        return faits


def attack(publication: Publication, initiees: list[str] | None = None, pas: int = 1) -> list[str]:
    """Return what the attacker narrows too much, of one count in ``pas``; none is good."""
    attaquant, vises = Attaquant(), []
    valeurs: dict[Inconnue, float] = {}
    for millesime in publication.millesimes:
        for mesure, publie in millesime.items():
            for forme, valeur, cachee in publication.list_faits(mesure, publie):
                attaquant.meet([forme])
                vises.append((mesure, forme, valeur))
                if not cachee:
                    attaquant.know(forme, valeur)
            for caf, valeur in publie.comptes.items():
                valeurs[publication.name(mesure, caf, publie)] = valeur
            for nom in INCLUS[mesure]:
                parent = millesime[nom]
                for caf in publie.comptes:
                    attaquant.compare(
                        publication.name(mesure, caf, publie), publication.name(nom, caf, parent)
                    )
                couples = zip(
                    publication.list_faits(mesure, publie), publication.list_faits(nom, parent), strict=True
                )
                for (forme, v, _), (grande, total, _) in couples:
                    reste = grande | {inconnue: -x for inconnue, x in forme.items()}
                    vises.append((f"{nom}-{mesure}", reste, total - v))
        if "p" in millesime:
            for caf in millesime["d"].comptes:
                parts = {publication.name(m, caf, millesime[m]): -1.0 for m in PARTS}
                attaquant.know({publication.name("d", caf, millesime["d"]): 1.0} | parts, 0)
    vises = [v for v in vises if 0 < v[2] < publication.seuil][::pas]
    fautes = []
    for initie in ["", *(sorted(publication.regions) if initiees is None else initiees)]:
        a_lui = {n: v for n, v in valeurs.items() if n[1] == initie}
        # Of a sum that holds its own people, one knows a part; the cells of the others are what it could learn.
        autres = [v for v in vises if all(caf != initie for _, caf, _ in v[1])]
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


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables(), st.sampled_from([5, 5, 11]))
def test_no_small_count_is_narrowed_whoever_of_the_caf_attacks(
    tirage: tuple[dict[str, str], Table], seuil: int
) -> None:
    regions, table = tirage
    publication = Publication(regions, seuil)
    assert publication.publish(table)
    assert attack(publication) == []


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables(), st.data())
def test_a_correction_or_a_late_return_gives_nothing_back_beside_the_former_vintage(
    tirage: tuple[dict[str, str], Table], donnees: st.DataObject
) -> None:
    regions, table = tirage
    publication = Publication(regions, 5)
    en_retard = donnees.draw(st.sets(st.sampled_from(sorted(regions)), max_size=len(regions) - 1))
    assert publication.publish(
        {m: {c: v for c, v in t.items() if c not in en_retard} for m, t in table.items()}
    )
    corrigees = donnees.draw(st.sets(st.sampled_from(sorted(regions))))
    d = {c: v + donnees.draw(st.integers(0, 9)) if c in corrigees else v for c, v in table["d"].items()}
    n = {c: donnees.draw(st.integers(0, d[c])) if c in corrigees else v for c, v in table["n"].items()}
    s = {c: min(v, n[c]) for c, v in table["s"].items()}
    publication.publish({"d": d, "n": n, "s": s, "t": table["t"]})
    assert attack(publication) == []


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables(), st.data())
def test_parts_of_a_whole_do_not_give_each_other_back(
    tirage: tuple[dict[str, str], Table], donnees: st.DataObject
) -> None:
    regions, table = tirage
    d = table["d"]
    p = {c: donnees.draw(st.integers(0, v)) for c, v in d.items()}
    q = {c: donnees.draw(st.integers(0, v - p[c])) for c, v in d.items()}
    publication = Publication(regions, 5)
    assert publication.publish({"d": d, "p": p, "q": q, "r": {c: v - p[c] - q[c] for c, v in d.items()}})
    assert attack(publication) == []


REGIONS = {"a": "1", "b": "1", "c": "1", "d": "1", "e": "2", "f": "2", "g": "3"}


def test_a_small_count_takes_two_others_with_it_for_one_of_them_may_attack() -> None:
    comptes = {"a": 3, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60, "g": 70}
    motif = protect(comptes, REGIONS, 5)
    assert motif == Motif(frozenset("abc"), rangs=dict.fromkeys(comptes, 0))


def test_a_region_of_one_caf_is_hidden_with_it_and_two_other_regions_cover_it() -> None:
    comptes = {"a": 30, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60, "g": 2}
    motif = protect(comptes, REGIONS, 5)
    assert motif is not None
    assert motif.regions == {"1", "2", "3"} or len(motif.caf) >= 3
    assert "g" in motif.caf
    assert "3" in motif.regions
    assert not motif.nation
    publication = Publication(REGIONS, 5)
    assert publication.publish({"d": comptes})
    assert attack(publication) == []


@pytest.mark.parametrize(("valeur", "seuil", "cachee"), [
    (0, 5, False), (1, 5, True), (4, 5, True), (5, 5, False), (10, 11, True), (11, 11, False),
])  # fmt: skip
def test_the_bounds_of_the_threshold(valeur: int, seuil: int, cachee: bool) -> None:
    motif = protect({"a": valeur, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60, "g": 70}, REGIONS, seuil)
    assert motif is not None
    assert ("a" in motif.caf) is cachee


@pytest.mark.parametrize(("reste", "cachee"), [(0, False), (1, True), (4, True), (5, False)])
def test_a_numerator_near_its_denominator_is_hidden_too(reste: int, cachee: bool) -> None:
    d = dict.fromkeys(REGIONS, 40)
    motif_d = protect(d, REGIONS, 5)
    assert motif_d == Motif(rangs=dict.fromkeys(d, 0))
    motif = protect(dict.fromkeys(REGIONS, 20) | {"a": 40 - reste}, REGIONS, 5, [Publie(d, motif_d)])
    assert motif is not None
    assert ("a" in motif.caf) is cachee


def test_what_a_denominator_hides_its_numerators_hide() -> None:
    d = {"a": 3, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60, "g": 70}
    motif_d = protect(d, REGIONS, 5)
    assert motif_d is not None
    motif = protect(dict.fromkeys(d, 0), REGIONS, 5, [Publie(d, motif_d)])
    assert motif is not None
    assert motif.caf >= motif_d.caf


def test_what_comes_by_cpam_is_shown_summed_unless_one_of_them_could_subtract_itself() -> None:
    seule = dict.fromkeys(REGIONS, "")
    motif = protect({"a": 90, "b": 20, "c": 30}, seule, 5, caf_publiees=False)
    assert motif is not None
    assert (motif.caf, motif.nation) == ({"a", "b", "c"}, False)
    motif = protect({"a": 90, "b": 1, "c": 1}, seule, 5, caf_publiees=False)
    assert motif is not None
    assert motif.nation


def test_a_late_small_return_alone_waits_for_others() -> None:
    """Without it and with it, two totals would differ by its very figure."""
    comptes = {"a": 30, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60}
    premier = protect(comptes, REGIONS, 5)
    assert premier is not None
    seul = protect(comptes | {"g": 3}, REGIONS, 5, anterieur=Publie(comptes, premier), rang=1)
    assert seul is None
    grand = protect(comptes | {"g": 30}, REGIONS, 5, anterieur=Publie(comptes, premier), rang=1)
    assert grand is not None
    assert (grand.caf, grand.regions, grand.nation) == (frozenset(), frozenset(), False)


def test_a_correction_reuses_the_pattern() -> None:
    comptes = {"a": 3, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60, "g": 70}
    premier = protect(comptes, REGIONS, 5)
    assert premier is not None
    corrige = protect(comptes | {"a": 12, "f": 61}, REGIONS, 5, anterieur=Publie(comptes, premier), rang=1)
    assert corrige is not None
    assert (corrige.caf, corrige.regions, corrige.nation) == (premier.caf, premier.regions, premier.nation)
    assert {c for c, rang in corrige.rangs.items() if rang == 1} == {"a", "f"}


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
    assert publication.publish(table)
    motifs = {m: p.motif for m, p in publication.millesimes[0].items()}
    petites = {c for c, v in table["d"].items() if 0 < v < 5}
    assert not any(m.nation for m in motifs.values())
    assert len(motifs["d"].regions) <= 6
    assert petites <= motifs["d"].caf
    assert len(motifs["d"].caf) <= 2 * len(petites)
    assert attack(publication, initiees=["061"], pas=3) == []


def test_the_order_of_the_caf_changes_nothing() -> None:
    regions, table = draw_realistic(2)
    motif = protect(table["d"], regions, 5)
    a_l_envers = protect(dict(reversed(table["d"].items())), dict(reversed(regions.items())), 5)
    assert motif == a_l_envers


def correct(regions: Mapping[str, str], avant: Table, apres: Table) -> tuple[bool, list[str]]:
    """Publish a month and its correction; return whether the correction was published, and what is given back."""
    publication = Publication(regions, 5)
    assert publication.publish(avant)
    return publication.publish(apres), attack(publication)


def test_what_stayed_hidden_and_as_it_was_protects_no_corrected_cell() -> None:
    avant = {"a": 3, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60, "g": 70}
    publiee, fautes = correct(REGIONS, {"d": avant}, {"d": avant | {"d": 2}})
    assert (publiee, fautes) == (False, [])


def test_a_correction_of_one_term_alone_does_not_narrow_the_distance_to_the_other() -> None:
    """Hidden and unchanged, the numerator is at most the former denominator: the new distance is at least 2."""
    regions = {"a": "1", "b": "1", "c": "1", "d": "1"}
    d, t = {"a": 5, "b": 5, "c": 5, "d": 30}, {"a": 3, "b": 3, "c": 3, "d": 15}
    publiee, fautes = correct(regions, {"d": d, "t": t}, {"d": d | {"a": 7}, "t": t})
    assert (publiee, fautes) == (False, [])
