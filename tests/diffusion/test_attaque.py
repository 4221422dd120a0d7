"""Everything that could be published of a year, attacked with all that holds between counts: none is read back.

Over one edition the whole dictionary is, not what is published of it: every level, month, and the year of each Caf.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import pytest
from attaquant import Attaquant, Forme, Inconnue
from relations import list_egalites, list_inclusions

from aller_vers.diffusion.arrondi import Arrondi
from aller_vers.diffusion.modele import Case
from aller_vers.diffusion.publication import assemble
from aller_vers.indicateurs import Indicateur, load_dictionnaire
from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.dictionnaire import TOUTES, Composant, Diffusion
from aller_vers.indicateurs.modele import NATION, Mesure, Reseau, Valeur, load_reseau
from aller_vers.mesures.comptes import load_comptes, load_sans_personne
from aller_vers.socle.mois import Mois

BASE = 5
CLES = (
    b"une clef pour les tests, longue de 32 octets et plus",
    b"une autre clef, de 32 octets et plus encore aussi",
)
Unite = tuple[str | None, str | None]
Atome = tuple[str, str | None, int]  # measure, modality, range of classes; -1: the sum of a histogram


def list_definitions(mesures: Iterable[Mesure]) -> list[Indicateur]:
    """Return every definition that counts people and that these measures feed."""
    presentes = {m.mesure for m in mesures} & load_comptes().keys()
    return [
        i for i in load_dictionnaire() if i.mesures <= presentes and not i.mesures <= load_sans_personne()
    ]


def open_dictionnaire(mesures: Iterable[Mesure]) -> list[Indicateur]:
    """Return them all, made public, and over the year too."""
    return [
        i.model_copy(update={
            "diffusion": Diffusion(portee="public"),
            "periodes": () if i.frequence != "mois" or i.recul_mois else ("annee",),
        })
        for i in list_definitions(mesures)
    ]  # fmt: skip


@dataclass
class Monde:
    """What is true: each atom of each unit and month, and where and when it is added up."""

    dictionnaire: Sequence[Indicateur]
    reseau: Reseau
    vraies: dict[Inconnue, int]
    sommes: dict[Inconnue, list[Inconnue]]
    atomes: Mapping[tuple[str, str | None], list[Atome]]
    bornes: Mapping[str, list[int]]
    lus: dict[tuple[object, ...], list[Atome]] = field(default_factory=dict)

    def list_atomes(self, c: Composant, *, somme: bool = False) -> list[Atome]:
        """Return what a component adds up."""
        cle = (c.mesure, c.modalite, c.classe_min, c.classe_max, somme)
        if cle not in self.lus:
            self.lus[cle] = [*self._find_atomes(c, somme=somme)]
        return self.lus[cle]

    def _find_atomes(self, c: Composant, *, somme: bool) -> Iterator[Atome]:
        for (mesure, modalite), atomes in self.atomes.items():
            if mesure != c.mesure or c.modalite not in (TOUTES, modalite):
                continue
            for atome in atomes:
                if somme or atome[2] == -1:
                    if somme and atome[2] == -1:
                        yield atome
                    continue
                bornes = self.bornes[mesure]
                if (c.classe_min or 0) <= bornes[atome[2]] and (
                    c.classe_max is None or bornes[atome[2] + 1] - 1 <= c.classe_max
                ):
                    yield atome

    def express(self, i: Indicateur, ou: str, quand: str, avant: str) -> tuple[Forme, Forme]:
        """Return the two terms of an indicator as sums of unknowns."""
        num = {
            (a, ou, quand): int(c.poids)
            for c in i.numerateur for a in self.list_atomes(c, somme=i.is_histogramme)
        }  # fmt: skip
        den = {
            (a, ou, avant): int(c.poids)
            for c in (i.denominateur or (i.numerateur if i.is_histogramme or i.recul_mois else ()))
            for a in self.list_atomes(c)
        }  # fmt: skip
        return num, den

    def value(self, forme: Forme) -> int:
        return sum(n * self.vraies[x] for x, n in forme.items())


def build_monde(mesures: Sequence[Mesure], dictionnaire: Sequence[Indicateur], reseau: Reseau) -> Monde:
    coupes: dict[str, set[int]] = defaultdict(lambda: {0, 10_000})
    for i in dictionnaire:
        for c in (*i.numerateur, *(i.denominateur or ())):
            coupes[c.mesure] |= {c.classe_min or 0} | (
                {c.classe_max + 1} if c.classe_max is not None else set()
            )
    bornes = {m: sorted(c) for m, c in coupes.items()}
    lues = {c.mesure for i in dictionnaire for c in (*i.numerateur, *(i.denominateur or ()))} | {"ecartes"}
    unites: dict[str, set[tuple[Unite, str]]] = defaultdict(set)
    atomes: dict[tuple[str, str | None], set[Atome]] = defaultdict(set)
    comptes: Counter[tuple[Atome, Unite, str]] = Counter()
    for m in mesures:
        if m.mesure not in lues | load_comptes().keys():
            continue
        unite, tranche = (
            (m.code_caf, m.code_cpam),
            bisect_right(bornes.get(m.mesure, [0, 10_000]), m.classe or 0) - 1,
        )
        bornes.setdefault(m.mesure, [0, 10_000])
        unites[m.mesure].add((unite, m.mois))
        atome: Atome = (m.mesure, m.modalite, tranche)
        comptes[atome, unite, m.mois] += int(m.valeur)
        atomes[m.mesure, m.modalite] |= {(m.mesure, m.modalite, t) for t in range(len(bornes[m.mesure]) - 1)}
        if m.classe is not None:
            atomes[m.mesure, m.modalite].add((m.mesure, m.modalite, -1))
            comptes[(m.mesure, m.modalite, -1), unite, m.mois] += int(m.valeur) * m.classe
    monde = Monde(
        dictionnaire,
        reseau,
        {},
        defaultdict(list),
        {c: sorted(a, key=str) for c, a in atomes.items()},
        bornes,
    )
    for (mesure, _), siens in monde.atomes.items():
        for unite, mois in sorted(unites[mesure], key=str):
            for atome in siens:
                n = comptes[atome, unite, mois]
                base: Inconnue = (atome, unite, mois)
                monde.vraies[base] = n
                caf, _ = unite
                lieux = [f"national/{NATION}", f"region/{reseau.find_region(*unite)}"]
                la: Inconnue = (atome, f"caf/{caf}", mois) if caf else base
                if caf:
                    monde.sommes[la].append(base)
                    monde.sommes[atome, f"caf/{caf}", mois[:4]].append(base)
                for lieu in lieux:
                    monde.sommes[atome, lieu, mois].append(base)
    for somme, parts in monde.sommes.items():
        monde.vraies[somme] = sum(monde.vraies[p] for p in parts)
    return monde


def learn_relations(attaquant: Attaquant, monde: Monde) -> None:
    """Tell what holds between measures, in every place and period, and between the people and acts of a histogram."""
    modalites: dict[str, list[str | None]] = defaultdict(list)
    for mesure, modalite in monde.atomes:
        modalites[mesure].append(modalite)
    places = sorted({(ou, quand) for _, ou, quand in monde.sommes}, key=str)
    for sommes, mini in ((list_egalites(modalites), 0), (list_inclusions(modalites), -(10**9))):
        for somme in sommes:
            for ou, quand in places:
                forme = {
                    (a, ou, quand): n for c, n in somme.items() for a in monde.atomes[c] if a[2] != -1
                }  # fmt: skip
                if all(x in monde.vraies for x in forme):
                    attaquant.know(forme, mini, 0)
    for (mesure, modalite), siens in monde.atomes.items():
        for ou, quand in places:
            if (mesure, modalite, -1) in siens and ((mesure, modalite, -1), ou, quand) in monde.vraies:
                forme = {(a, ou, quand): -monde.bornes[mesure][a[2]] for a in siens if a[2] > 0}
                attaquant.know({**forme, ((mesure, modalite, -1), ou, quand): 1}, mini=0)


def find_quand(case: Case, i: Indicateur) -> tuple[str, str]:
    v = case.valeur
    quand = v.mois[:4] if v.periode == "annee" else v.mois
    return quand, quand if i.recul_mois is None else str(Mois.parse(v.mois).shift(-i.recul_mois))


def attack(monde: Monde, cases: Sequence[Case]) -> tuple[Attaquant, dict[Inconnue, Forme]]:
    """Return what everybody knows, and the counts that are looked for: terms, and what a rate leaves out of its whole."""
    attaquant, vises = Attaquant(), {}
    definitions = {(i.code, i.version): i for i in monde.dictionnaire}
    for somme, parts in monde.sommes.items():
        attaquant.define(somme, dict.fromkeys(parts, 1))
    learn_relations(attaquant, monde)
    grands: dict[tuple[str, str], dict[Inconnue, int]] = defaultdict(dict)
    for case in cases:
        v, i = case.valeur, definitions[case.valeur.code, case.valeur.version]
        ou, (quand, avant) = f"{v.niveau}/{v.territoire}", find_quand(case, i)
        num, den = monde.express(i, ou, quand, avant)
        for forme, montre, periode in ((num, v.numerateur, quand), (den, v.denominateur, avant)):
            if montre is None or not all(x in monde.vraies for x in forme):
                continue
            terme: Inconnue = ("terme", tuple(sorted(forme.items(), key=str)))
            if terme not in vises:
                vises[terme] = forme
                attaquant.define(terme, forme)
                attaquant.know({terme: 1}, max(0, int(montre) - BASE + 1), int(montre) + BASE - 1)
                if montre > 15 * BASE:
                    grands[ou, periode][terme] = int(montre)
        if i.type == "ratio" and v.numerateur is not None and num.keys() <= monde.vraies.keys() >= den.keys():
            reste = {x: n for x in {**num, **den} if (n := den.get(x, 0) - num.get(x, 0))}
            nom: Inconnue = ("reste", tuple(sorted(reste.items(), key=str)))
            if nom not in vises:
                vises[nom] = reste
                attaquant.define(nom, reste)
    # Large counts of a place and period share their offset.
    for termes in grands.values():
        for un, deux in combinations(termes, 2):
            ecart = termes[un] - termes[deux]
            attaquant.know({un: 1, deux: -1}, ecart - BASE + 1, ecart + BASE - 1)
    return attaquant, vises


def count_possibles(
    monde: Monde, attaquant: Attaquant, vises: Mapping[Inconnue, Forme], initie: str
) -> Counter[int]:
    """Return how many values are left to each count of 1 to 4, for a body (a Caf, a Cpam, or nobody in particular)."""
    su = {x: n for x, n in monde.vraies.items() if isinstance(x[1], tuple) and initie in x[1]}
    bas, haut = attaquant.deduce(su)
    restes: Counter[int] = Counter()
    for nom, forme in vises.items():
        vraie = monde.value(forme)
        rang = attaquant.rang[nom]
        assert bas[rang] <= vraie <= haut[rang], (nom, vraie)
        a_lui = sum(n * su.get(p, 0) for x, n in forme.items() for p in monde.sommes.get(x, [x]))
        if initie and all(p in su for x in forme for p in monde.sommes.get(x, [x])):
            continue
        if 0 < vraie - a_lui < BASE:
            restes[int(haut[rang] - bas[rang]) + 1] += 1
    return restes


@pytest.fixture(scope="module")
def monde(mesures_de_l_annee: Sequence[Mesure]) -> Monde:
    return build_monde(mesures_de_l_annee, open_dictionnaire(mesures_de_l_annee), load_reseau())


def test_of_ten_thousand_small_counts_none_is_read_back(
    monde: Monde, mesures_de_l_annee: Sequence[Mesure], capsys: pytest.CaptureFixture[str]
) -> None:
    valeurs = compute_valeurs(monde.dictionnaire, mesures_de_l_annee, monde.reseau, BASE)
    membres = Counter(monde.reseau.caf.values())
    deux = [c for c, r in monde.reseau.caf.items() if membres[r] == 2]
    seule = next(c for c, r in monde.reseau.caf.items() if membres[r] == 1)
    cases = assemble(monde.dictionnaire, valeurs, {}, monde.reseau, Arrondi(CLES[0], BASE, 20))
    # A group less what it shares with another would be a cell that nothing above bounds: none is published.
    assert {v.niveau for v in valeurs} - {c.valeur.niveau for c in cases} == {"groupe", "cpam"}
    check_lecture(monde, cases, {v[:6]: v for v in valeurs})
    attaquant, vises = attack(monde, cases)
    bilans = {
        initie: count_possibles(monde, attaquant, vises, initie)
        for initie in ("", *deux, seule, "131", "481")
    }
    with capsys.disabled():
        for initie, restes in bilans.items():
            parts = ", ".join(f"{n} : {fois}" for n, fois in sorted(restes.items()))
            print(f"\n{initie or 'tous'}, {restes.total()} petits comptes ; valeurs possibles {parts}")
    assert bilans[""].total() > 10_000
    for initie, restes in bilans.items():
        assert restes[1] == 0, initie
        assert sum(fois for n, fois in restes.items() if n < 3) * 1000 <= restes.total(), initie


def check_lecture(monde: Monde, cases: Iterable[Case], vraies: Mapping[object, Valeur]) -> None:
    """Make sure that the attacker reads a term as what it is: its sum of unknowns is the true value."""
    definitions = {(i.code, i.version): i for i in monde.dictionnaire}
    lus = 0
    for case in cases:
        v, i = vraies[case.valeur[:6]], definitions[case.valeur.code, case.valeur.version]
        num, _ = monde.express(i, f"{v.niveau}/{v.territoire}", *find_quand(case, i))
        if v.numerateur is not None and num.keys() <= monde.vraies.keys():
            assert monde.value(num) == v.numerateur, v
            lus += 1
    assert lus > 20_000


def test_two_editions_of_a_quarter_leave_as_much_to_the_caf_that_corrects(
    mesures_de_l_annee: Sequence[Mesure],
) -> None:
    """The reader is the Caf whose figures moved: it knows its own, and by how much each sum above it moved.

    Of what is published, by two keys. Were the whole dictionary, a Caf that corrects every count at once would read
    some: over seven keys none five times, 2 and 4 of 5,800 twice.
    """
    premiere = [m for m in mesures_de_l_annee if m.mois <= "2025-03"]
    dictionnaire = [i for i in list_definitions(premiere) if i.diffusion.portee != "interne"]
    reseau = load_reseau()
    avant, valeurs = (
        build_monde(premiere, dictionnaire, reseau),
        compute_valeurs(dictionnaire, premiere, reseau, BASE),
    )
    secondes = {}
    for caf in ("201", "591", "831"):  # alone in its region; two Cpam; one among six
        corrigees = [
            m._replace(valeur=m.valeur + 2) if m.code_caf == caf and m.classe is None and m.valeur else m
            for m in premiere
        ]
        secondes[caf] = (
            build_monde(corrigees, dictionnaire, reseau),
            compute_valeurs(dictionnaire, corrigees, reseau, BASE),
        )
    possibles: Counter[int] = Counter()
    corrections = 0
    for arrondi in (Arrondi(cle, BASE, 20) for cle in CLES):
        montrees = assemble(dictionnaire, valeurs, {}, reseau, arrondi)
        attaquant, vises = attack(avant, montrees)
        for caf, (apres, neuves) in secondes.items():
            initie = attaquant.copy()
            lus = list_lus(avant, apres, montrees, assemble(dictionnaire, neuves, {}, reseau, arrondi))
            for forme, mini, maxi in lus:
                initie.know(forme, mini, maxi)
                corrections += 1
            possibles += count_possibles(avant, initie, vises, caf)
    assert corrections > 300
    assert possibles.total() > 5_000
    assert possibles[1] == 0
    assert sum(n for valeurs, n in possibles.items() if valeurs < 3) * 500 <= possibles.total()


def list_lus(
    avant: Monde, apres: Monde, premiere: Iterable[Case], seconde: Iterable[Case]
) -> Iterator[tuple[Forme, int, int]]:
    """Yield what a second edition says of the first counts to whoever knows the correction: their offset is the same."""
    definitions = {(i.code, i.version): i for i in avant.dictionnaire}
    for ancienne, nouvelle in zip(premiere, seconde, strict=True):
        i, v = definitions[ancienne.valeur.code, ancienne.valeur.version], ancienne.valeur
        forme, _ = avant.express(i, f"{v.niveau}/{v.territoire}", *find_quand(ancienne, i))
        lu = nouvelle.valeur.numerateur
        if v.numerateur is None or lu is None or not forme.keys() <= avant.vraies.keys():
            continue
        correction = apres.value(forme) - avant.value(forme)
        if correction and avant.value(forme) < 15 * BASE:
            yield forme, int(lu) - correction - BASE + 1, int(lu) - correction + BASE - 1
