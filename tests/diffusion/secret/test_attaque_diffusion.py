"""The attacker against whole publications: months, vintages, a closed year, pairs of a Caf and a Cpam, linked measures.

It reads the published cells alone, knows the dictionary and who gave what, and is anybody, one Caf or one Cpam.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from attaquant import TIRAGES, Attaquant, Forme, Inconnue
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aller_vers.diffusion.publication import load_regle
from aller_vers.diffusion.secret.annee import show_annee
from aller_vers.diffusion.secret.grille import Case, Grille, control
from aller_vers.diffusion.secret.lecture import Couple
from aller_vers.indicateurs import Indicateur, load_dictionnaire
from aller_vers.indicateurs.calcul import compute_valeurs, sum_unites
from aller_vers.indicateurs.modele import Mesure, Reseau
from aller_vers.socle.mois import Mois

SEUIL, JANVIER, FEVRIER = 5, Mois(2025, 1), Mois(2025, 2)
RESEAU = Reseau(
    {"A": "1", "B": "1", "C": "1", "D": "2", "E": "2", "F": "2"},
    {"a1": "1", "a2": "1", "c": "1", "d": "2", "e": "2", "f": "2"},
)
# A has two Cpam, and one of them is also that of B: it knows B, and a part of A.
COUPLES = [("A", "a1"), ("A", "a2"), ("B", "a2"), ("C", "c"), ("D", "d"), ("E", "e"), ("F", "f")]
TOUS = {(i.code, i.version): i for i in load_dictionnaire()}
APPELS = [
    TOUS[c, 1] for c in (
        "personnes_appelees", "personnes_jointes", "taux_personnes_jointes", "rendez_vous_honores",
        "taux_transformation_sur_appeles", "taux_transformation_sur_joints",
    )
]  # fmt: skip
SEPARATIONS = [
    TOUS[c, 1] for c in (
        "multi_contactants_separation", "multi_contactants_separation_avec_enfants",
        "multi_contactants_separation_sans_enfant", "taux_multi_contactants_separation",
        "contacts_separation_moyenne", "contacts_separation_mediane",
    )
]  # fmt: skip
Cellule = tuple[str, str | None, str | None, str | None, int | None]  # measure, modality, Caf, Cpam, class
Valeurs = dict[Cellule, int]


def list_mesures(mois: Mois, valeurs: Valeurs) -> list[Mesure]:
    return [
        Mesure(str(mois), caf, cpam, mesure, modalite, classe, Decimal(n))
        for (mesure, modalite, caf, cpam, classe), n in valeurs.items()
    ]


@dataclass
class Journal:
    """What was published, and what was true then: an unknown is a count and the vintage in which it last changed."""

    dictionnaire: Sequence[Indicateur]
    vraies: dict[Mois, list[Valeurs]] = field(default_factory=lambda: defaultdict(list))
    rangs: dict[Mois, list[dict[Cellule, int]]] = field(default_factory=lambda: defaultdict(list))
    grilles: dict[Mois, list[Grille]] = field(default_factory=lambda: defaultdict(list))
    annee: tuple[Case, ...] = ()
    reseau: Reseau = RESEAU

    def publish(self, mois: Mois, valeurs: Valeurs) -> None:
        grilles, mesures = self.grilles[mois], list_mesures(mois, valeurs)
        grille = control(
            self.dictionnaire, compute_valeurs(self.dictionnaire, mesures, self.reseau, SEUIL, [mois]), self.reseau, SEUIL,
            load_regle(), (grilles[-1].etat, grilles[-1].cases) if grilles else None,
            [
                Couple(i.code, i.version, caf, cpam, s.numerateur, s.denominateur)
                for i in self.dictionnaire
                for (caf, cpam), s in sum_unites(i, mois, index(mesures)).items() if caf and cpam
            ],
        )  # fmt: skip
        avant = self.vraies[mois][-1] if grilles else {}
        anciens = self.rangs[mois][-1] if grilles else {}
        self.rangs[mois].append(
            {c: anciens[c] if avant.get(c) == n else len(grilles) for c, n in valeurs.items()}
        )
        self.vraies[mois].append(valeurs)
        grilles.append(grille)

    def close(self) -> None:
        mesures = [m for mois, v in self.vraies.items() for m in list_mesures(mois, v[-1])]
        valeurs = compute_valeurs(self.dictionnaire, mesures, self.reseau, SEUIL)
        self.annee = show_annee(self.dictionnaire, valeurs, [g[-1].cases for g in self.grilles.values()])

    def list_formes(
        self, mois: Mois, rang: int, i: Indicateur, niveau: str, territoire: str
    ) -> tuple[Forme, Forme]:
        """Return the two terms of a cell as sums of unknowns, over the units that gave both."""
        mesures, formes = list_mesures(mois, self.vraies[mois][rang]), ({}, {})
        unites = [u for u in sum_unites(i, mois, index(mesures)) if self.is_dans(u, niveau, territoire)]
        for terme, forme in zip((i.numerateur, i.denominateur or ()), formes, strict=True):
            for composant in terme:
                for m in mesures:
                    unite = (m.code_caf, m.code_cpam if i.maille == "couple" else None)
                    if (m.mesure, m.modalite) != (
                        composant.mesure,
                        composant.modalite,
                    ) or unite not in unites:
                        continue
                    if composant.classe_min and (m.classe or 0) < composant.classe_min:
                        continue
                    poids = (m.classe or 0) if i.is_histogramme else 1
                    forme[self.name(mois, rang, m)] = float(poids)  # type: ignore[index]
                    if i.is_histogramme:
                        formes[1][self.name(mois, rang, m)] = 1.0  # type: ignore[index]
        return formes

    def name(self, mois: Mois, rang: int, m: Mesure) -> Inconnue:
        rangs = self.rangs[mois][rang]
        cellule = (m.mesure, m.modalite, m.code_caf, m.code_cpam, m.classe)
        return (*(str(x) for x in cellule), str(mois), str(rangs[cellule]))

    def is_dans(self, unite: tuple[str | None, str | None], niveau: str, territoire: str) -> bool:
        caf = unite[0] or ""
        return niveau == "national" or territoire == (self.reseau.caf[caf] if niveau == "region" else caf)

    def list_vraies(self) -> dict[Inconnue, float]:
        return {
            self.name(mois, rang, m): float(m.valeur)
            for mois, millesimes in self.vraies.items()
            for rang, valeurs in enumerate(millesimes)
            for m in list_mesures(mois, valeurs)
        }


def index(mesures: Iterable[Mesure]) -> dict[tuple[str, str, str | None], list[Mesure]]:
    rangees: dict[tuple[str, str, str | None], list[Mesure]] = defaultdict(list)
    for m in mesures:
        rangees[m.mois, m.mesure, m.modalite].append(m)
    return rangees


def read_cellules(journal: Journal) -> Iterator[tuple[Case, Indicateur, list[tuple[Mois, int]]]]:
    """Yield every published cell with the months, and the vintages of them, that it adds up.

    The cell of a definition that waits is the former one, and says nothing of the new values.
    """
    derniers: dict[tuple[Mois, str, int], int] = {}
    for mois, grilles in journal.grilles.items():
        for rang, grille in enumerate(grilles):
            for case in grille.cases:
                v = case.valeur
                if (v.code, v.version) not in grille.retenues:
                    derniers[mois, v.code, v.version] = rang
                    yield case, TOUS[v.code, v.version], [(mois, rang)]
    for case in journal.annee:
        v = case.valeur
        tous = [(mois, derniers.get((mois, v.code, v.version), 0)) for mois in journal.grilles]
        yield case, TOUS[v.code, v.version], tous


def add(formes: Iterable[Forme]) -> Forme:
    total: Forme = defaultdict(float)
    for forme in formes:
        for inconnue, v in forme.items():
            total[inconnue] += v
    return dict(total)


def build_attaquant(journal: Journal) -> tuple[Attaquant, list[Forme]]:
    """Return what everybody knows, and every count and distance that a cell stands for."""
    attaquant, formes = Attaquant(), []
    vraies = journal.list_vraies()
    attaquant.meet([{inconnue: 1.0} for inconnue in vraies])
    for case, i, mois in read_cellules(journal):
        v = case.valeur
        termes = [journal.list_formes(m, rang, i, v.niveau, v.territoire) for m, rang in mois]
        num, den = add(n for n, _ in termes), add(d for _, d in termes)
        if len(mois) == 1:
            formes += [den] if i.is_histogramme else [num, den]
            if i.type == "ratio":
                formes.append(add([den, {x: -n for x, n in num.items()}]))
        for forme, nombre in ((num, v.numerateur), (den, v.denominateur)):
            if nombre is not None and forme:
                attendu = sum(n * vraies[x] for x, n in forme.items())
                if attendu == float(nombre):
                    attaquant.know(forme, attendu)
        if i.type == "quantile" and v.valeur is not None and v.denominateur and len(mois) == 1:
            total = float(v.denominateur)
            for cote in (1, -1):
                la = {x: 1.0 for x in den if cote * (int(x[4]) - float(v.valeur)) <= 0}
                moitie = add([la, dict.fromkeys(den, -0.5)])
                if total:
                    attaquant.positives.append(moitie)
    for mois, millesimes in journal.vraies.items():
        for rang in range(len(millesimes)):
            for i in journal.dictionnaire:
                if i.type != "ratio":
                    continue
                for caf in journal.reseau.caf:
                    num, den = journal.list_formes(mois, rang, i, "caf", caf)
                    for cpam in {x[3] for x in num}:
                        petit = {x: n for x, n in num.items() if x[3] == cpam}
                        grand = {x: n for x, n in den.items() if x[3] == cpam}
                        distance = add([grand, {x: -n for x, n in petit.items()}])
                        attaquant.positives.append(distance)
                        formes += [petit, grand, distance]
    assert any(forme for forme, _ in attaquant.egalites), "the attacker read nothing"
    assert any(formes)
    return attaquant, formes


def attack(journal: Journal, initie: str) -> list[str]:
    """Return the counts of 1 to 4 that are narrowed for this body (a Caf, a Cpam, or nobody in particular)."""
    attaquant, formes = build_attaquant(journal)
    vraies = journal.list_vraies()
    a_lui = {x: n for x, n in vraies.items() if initie in (x[2], x[3])}
    vises: dict[tuple[tuple[Inconnue, float], ...], float] = {}
    for forme in formes:
        # Of what holds its own people, one looks for the rest within a Caf; wider sums are no cell of anybody.
        if initie in journal.reseau.cpam and len({x[2] for x in forme}) == 1:
            forme = {x: n for x, n in forme.items() if x not in a_lui}
        elif any(x in a_lui for x in forme):
            continue
        valeur = sum(n * vraies[x] for x, n in forme.items())
        if 0 < valeur < SEUIL:
            vises[tuple(sorted(forme.items()))] = valeur
    bornes = attaquant.bound([dict(cle) for cle in vises], a_lui)
    return [
        f"{cle} = {valeur} : {bas:.2f} à {haut:.2f}"
        for (cle, valeur), (bas, haut) in zip(vises.items(), bornes, strict=True)
        if bas > 1 + 1e-6 or haut < SEUIL - 1 - 1e-6
    ]


petit = st.one_of(st.integers(0, 6), st.integers(0, 25))


MODALITES = ("personnes_appelees", "personnes_jointes", "rdv_honores")
rare = st.integers(0, 19).map(lambda n: n == 13)


@st.composite
def appels(tirer: st.DrawFn, *, grandes: Collection[str] = (), incomplets: bool = False) -> Valeurs:
    """Draw returns, most of them small; a pair, or one of its counts, may be missing."""
    valeurs: Valeurs = {}
    for caf, cpam in COUPLES:
        absent, n = incomplets and tirer(rare), 60
        for modalite, (mini, maxi) in zip(MODALITES, ((40, 60), (24, 27), (5, 9)), strict=True):
            n = min(n, tirer(st.integers(mini, maxi) if caf in grandes else petit))
            if not absent and not (incomplets and tirer(rare)):
                valeurs["retour_mensuel", modalite, caf, cpam, None] = n
    return valeurs


@st.composite
def separations(tirer: st.DrawFn) -> Valeurs:
    valeurs: Valeurs = {}
    for caf in RESEAU.caf:
        for modalite in ("avec_enfants", "sans_enfant"):
            classes = [
                tirer(st.integers(0, 9)),
                tirer(st.integers(0, 4)),
                tirer(st.integers(0, 3)),
                tirer(st.integers(0, 2)),
            ]
            for classe, n in enumerate(classes):
                valeurs["contacts_separation", modalite, caf, None, classe] = n
            valeurs["separations", modalite, caf, None, None] = sum(classes)
    return valeurs


def correct(donnees: st.DataObject, valeurs: Valeurs, nouvelles: Valeurs) -> Valeurs:
    """Return the values with those of some Caf, or of some pairs, replaced: a corrected or late return."""
    par_couple = donnees.draw(st.booleans())
    places = sorted({(c[2], c[3]) if par_couple else (c[2], None) for c in {**valeurs, **nouvelles}}, key=str)
    corrigees = donnees.draw(st.sets(st.sampled_from(places), max_size=3)) if places else set()

    def is_corrigee(c: Cellule) -> bool:
        return (c[2], c[3] if par_couple else None) in corrigees

    return {c: n for c, n in valeurs.items() if not is_corrigee(c)} | {
        c: n for c, n in nouvelles.items() if is_corrigee(c)
    }


def grow(donnees: st.DataObject, valeurs: Valeurs, grandes: Sequence[str]) -> Valeurs:
    """Return the values with some counts of large returns moved by five or more: corrections that can be published."""
    corrigees = donnees.draw(st.sets(st.sampled_from(grandes), min_size=1, max_size=3))
    return {
        c: n + (donnees.draw(st.sampled_from([0, 5, 7, 9])) if c[2] in corrigees else 0)
        for c, n in valeurs.items()
    }


def publish_tout(
    dictionnaire: Sequence[Indicateur], tirages: Sequence[Valeurs], corrigees: Valeurs
) -> Journal:
    journal = Journal(dictionnaire)
    journal.publish(JANVIER, tirages[0])
    journal.publish(FEVRIER, tirages[1])
    journal.publish(JANVIER, corrigees)
    journal.close()
    return journal


def lent(tirages: int) -> settings:
    return settings(
        max_examples=tirages * TIRAGES,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("incomplets", [False, True])
def test_calls_by_pair_over_months_vintages_and_the_year(incomplets: bool) -> None:
    publiees = 0

    @lent(40)
    @given(st.data(), st.sampled_from([*RESEAU.caf, *RESEAU.cpam]))
    def attack_tirage(donnees: st.DataObject, initie: str) -> None:
        nonlocal publiees
        grandes = sorted(donnees.draw(st.sets(st.sampled_from(sorted(RESEAU.caf)), min_size=5)))
        tirage = appels(grandes=grandes, incomplets=incomplets)
        un, deux = donnees.draw(tirage), donnees.draw(appels(incomplets=incomplets))
        if donnees.draw(st.booleans()):
            corrigees = grow(donnees, un, grandes)
        else:
            corrigees = correct(donnees, un, donnees.draw(tirage))
        journal = publish_tout(APPELS, (un, deux), corrigees)
        premiere, seconde = journal.grilles[JANVIER]
        publiees += premiere.cases != seconde.cases
        for qui in {"", "a2", initie}:
            assert attack(journal, qui) == []

    attack_tirage()
    assert publiees >= 3, "no correction was published, and nothing was attacked"


@lent(10)
@given(st.data(), st.sampled_from(["", *RESEAU.caf]))
def test_parts_classes_and_means_of_contacts(donnees: st.DataObject, initie: str) -> None:
    un, deux, autre = (donnees.draw(separations()) for _ in range(3))
    journal = publish_tout(SEPARATIONS, (un, deux), correct(donnees, un, autre))
    for qui in {"", initie}:
        assert attack(journal, qui) == []


def test_a_cpam_that_gave_one_term_alone_does_not_find_the_distance_of_the_other() -> None:
    """Of A, a2 gave 20 called and nobody reached: beside it, a1's are 8 and 6 of the Caf's 28 and 6."""
    comptes = {("A", "a1"): (8, 6), ("A", "a2"): (20, None), ("B", "a2"): (21, 12)}
    comptes |= {c: (30, 15) for c in COUPLES if c not in comptes}
    valeurs: Valeurs = {}
    for (caf, cpam), (appelees, jointes) in comptes.items():
        valeurs["retour_mensuel", "personnes_appelees", caf, cpam, None] = appelees
        if jointes is not None:
            valeurs["retour_mensuel", "personnes_jointes", caf, cpam, None] = jointes
    journal = Journal(APPELS[:3])
    journal.publish(JANVIER, valeurs)
    assert [attack(journal, qui) for qui in ("", "a1", "a2", "B")] == [[], [], [], []]


@pytest.mark.parametrize(
    ("retours", "initie"),
    [
        # F gives no number of people reached, D reached everybody whom it called: 24, and F at most 1.
        ({"B": (19, 14, 14), "D": (24, 24, None), "E": (12, 0, 0), "F": (1, None, 1)}, "E"),
        # The rate leaves E out and its denominator is the same: E called nobody, and F four.
        ({"A": (41, 14, 0), "C": (5, 5, 5), "D": (11, 1, 1), "E": (0, None, 0), "F": (4, 4, 4)}, "D"),
        # E gives nobody called: whom it reached takes no place of the others.
        ({"A": (27, 27, 15), "B": (56, 24, 7), "C": (46, 24, 6), "D": (1, 1, 1), "E": (None, 2, 2), "F": (57, 25, 8)}, "C"),
    ],
    ids=["a numerator is missing", "a rate over fewer", "a denominator is missing"],
)  # fmt: skip
def test_an_incomplete_return_narrows_nobody(
    retours: Mapping[str, tuple[int | None, int | None, int | None]], initie: str
) -> None:
    cpam = {"A": "a1"} | {caf: c for caf, c in COUPLES if caf != "A"}
    valeurs: Valeurs = {
        ("retour_mensuel", modalite, caf, cpam[caf], None): n
        for caf, nombres in retours.items()
        for modalite, n in zip(MODALITES, nombres, strict=True)
        if n is not None
    }
    journal = Journal(APPELS)
    journal.publish(JANVIER, valeurs)
    assert [attack(journal, qui) for qui in ("", initie)] == [[], []]
