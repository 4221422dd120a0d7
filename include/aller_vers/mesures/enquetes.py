"""A survey: answers without identity, set aside by declared rules, raked to the population, told with their margin.

Sources: IGAS 2013-164R, recommendations 12 and 23, §138-147; raking: Deming and Stephan (1940), Deville and Särndal
(1992, bounded weights); design effect: Kish (1965).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Final, Self

from pydantic import Field, TypeAdapter, model_validator

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count, write_part
from aller_vers.socle.modele_strict import ModeleStrict
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.tableur import build_csv
from aller_vers.socle.yaml_strict import read_modele

FICHIER: Final = Path(__file__).parents[2] / "configuration" / "enquetes.yml"
_TOURS: Final = 500
_PRECISION: Final = 1e-9
_95_POUR_CENT: Final = 1.96
Reponse = Mapping[str, str]
Marges = Mapping[str, Mapping[str, float]]


class Colonne(ModeleStrict):
    """A column of the file: what may be written in it; empty where somebody did not answer."""

    code: str = Field(pattern="^[a-z][a-z0-9_]*$")
    libelle: str
    modalites: tuple[str, ...] = Field(min_length=2)


class Contradiction(ModeleStrict):
    """Answers that cannot be together: who gives all of them is set aside."""

    libelle: str
    reponses: dict[str, str] = Field(min_length=2)


class Mesuree(ModeleStrict):
    """What of a survey becomes a declared measure: its modalities are those of the question."""

    code: str
    question: str


class Enquete(ModeleStrict):
    """The dictionary of a survey.

    ``strates`` are known of everybody who answered and of the population; ``auxiliaires``: questions to which the
    answers to another are raked too, where everybody answered them; ``poids_max``: no answer counts more than that many
    times the mean, nor less than its inverse; ``mesure``: the declared measure, and the question, whose raked people
    are counted by Caf.
    """

    code: str = Field(pattern="^[a-z][a-z0-9_]*$")
    libelle: str
    source: str
    strates: tuple[Colonne, ...] = Field(min_length=1)
    questions: tuple[Colonne, ...] = Field(min_length=1)
    auxiliaires: tuple[str, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    reponses_minimales: int = Field(default=100, ge=30)
    poids_max: float = Field(default=5, gt=1)
    mesure: Mesuree | None = None

    @model_validator(mode="after")
    def _names_what_it_has(self) -> Self:
        colonnes = {c.code: c.modalites for c in (*self.strates, *self.questions)}
        cites = {(c, m) for x in self.contradictions for c, m in x.reponses.items()}
        if len(colonnes) != len(self.strates) + len(self.questions):
            raise ValueError("deux colonnes ont le même code")
        if not {q.code for q in self.questions} >= set(self.auxiliaires):
            raise ValueError("une question auxiliaire n'est pas une question")
        if any(m not in colonnes.get(c, ()) for c, m in cites):
            raise ValueError("une contradiction cite ce que l'enquête n'a pas")
        if self.mesure and self.mesure.question not in {q.code for q in self.questions}:
            raise ValueError("la mesure cite une question que l'enquête n'a pas")
        return self


@dataclass(frozen=True)
class Retenues:
    """The answers that count, and how many were set aside: identical twice, or contradicting, by rule."""

    reponses: tuple[Reponse, ...]
    recues: int
    doublons: int
    contradictoires: Mapping[str, int]


@dataclass(frozen=True)
class Resultat:
    """A share of the people, from 0 to 1: as answered, then raked; None where too few answered.

    ``effet_de_plan``: how much the weights widen the variance; ``marge``: half the interval at 95 %; ``population``:
    the people for whom they answer.
    """

    territoire: str
    question: str
    modalite: str
    reponses: int
    brut: float | None
    redresse: float | None
    effet_de_plan: float | None
    marge: float | None
    population: float | None


def load_enquetes(fichier: Path = FICHIER) -> dict[str, Enquete]:
    """Read the surveys that are declared, by code.

    Raises:
        ErreurAllerVers: the file is not what it has to be.
    """
    return {e.code: e for e in read_modele(fichier, TypeAdapter(tuple[Enquete, ...]))}


def find_enquete(code: str) -> Enquete:
    """Return a survey by its code.

    Raises:
        ErreurAllerVers: none that is declared has it.
    """
    enquetes = load_enquetes()
    if code not in enquetes:
        raise ErreurAllerVers(
            f"Cette enquête n'est pas déclarée ; le sont : {', '.join(enquetes)}.",
            "la déclarer dans include/configuration/enquetes.yml.",
        )
    return enquetes[code]


def read_marges(lignes: Iterable[Reponse]) -> dict[str, dict[str, float]]:
    """Return the people of the population by stratum and modality.

    Raises:
        ErreurAllerVers: a line is not ``strate``, ``modalite`` and a whole ``population``.
    """
    marges: dict[str, dict[str, float]] = {}
    for ligne in lignes:
        try:
            marges.setdefault(ligne["strate"], {})[ligne["modalite"]] = float(int(ligne["population"]))
        except (KeyError, ValueError):
            raise ErreurAllerVers(
                "Les marges n'ont pas la forme strate;modalite;population.", "les corriger."
            ) from None
    return marges


def build_tableau(resultats: Iterable[Resultat]) -> bytes:
    """Return the results as a CSV file."""
    rangees = (
        [f"{v:.4f}".replace(".", ",") if isinstance(v, float) else "" if v is None else v for v in astuple(r)]
        for r in resultats
    )
    return build_csv([f.name for f in fields(Resultat)], rangees)


def describe(enquete: Enquete, retenues: Retenues, marges: Marges) -> list[str]:
    """Return what became of the answers, in sentences."""
    completes = sum(all(r.get(q.code) for q in enquete.questions) for r in retenues.reponses)
    population = sum(next(iter(marges.values())).values())
    dites = [
        f"{count(retenues.recues, 'réponse reçue', feminin=True)}, {count(retenues.doublons, 'doublon')}, "
        f"{count(sum(retenues.contradictoires.values()), 'contradiction', feminin=True)}, "
        f"{count(completes, 'réponse complète', feminin=True)} "
        f"({write_part(completes / population)} de la population)."
    ]
    return dites + [f"Mises de côté, {r} : {n}" for r, n in sorted(retenues.contradictoires.items())]


def sort_reponses(enquete: Enquete, lignes: Iterable[Reponse]) -> Retenues:
    """Set aside what was answered twice or contradicts itself.

    The same answers twice under one number count once; two that differ contradict each other, and neither counts.

    Raises:
        ErreurAllerVers: a line has what the survey does not know; the line is named, never its value.
    """
    colonnes = {c.code: {*c.modalites, ""} for c in enquete.questions}
    colonnes |= {c.code: set(c.modalites) for c in enquete.strates}
    par_numero: dict[str, list[Reponse]] = {}
    recues = 0
    for numero, ligne in enumerate(lignes, start=2):  # 1 is the header
        recues += 1
        fausses = sorted(c for c, admises in colonnes.items() if ligne.get(c, "") not in admises)
        # At most eight signs: neither a telephone nor a NIR fits.
        repondant = ligne.get("repondant", "")
        if fausses or not (repondant.isalnum() and len(repondant) <= 8):
            raise ErreurAllerVers(
                f"Ligne {numero} : {', '.join(fausses or ['repondant'])} n'est pas ce que l'enquête attend.",
                "corriger le fichier entier, et le donner de nouveau.",
            )
        par_numero.setdefault(repondant, []).append(ligne)
    retenues, contradictoires, doublons = list[Reponse](), Counter[str](), 0
    for ecrites in par_numero.values():
        if any(autre != ecrites[0] for autre in ecrites):
            contradictoires["deux réponses différentes sous un même numéro"] += len(ecrites)
            continue
        doublons += len(ecrites) - 1
        regle = next(
            (r for r in enquete.contradictions if all(ecrites[0].get(c) == m for c, m in r.reponses.items())),
            None,
        )
        if regle:
            contradictoires[regle.libelle] += 1
        else:
            retenues.append(ecrites[0])
    return Retenues(tuple(retenues), recues, doublons, contradictoires)


def rake(
    reponses: Sequence[Reponse], poids: Sequence[float], marges: Marges, poids_max: float = math.inf
) -> list[float]:
    """Return weights whose sums are those of the population in each stratum, as near as bounds allow.

    Args:
        reponses: who answered.
        poids: weights to start from.
        marges: people by column and modality.
        poids_max: no weight moves further than that many times, nor less than its inverse, from what it was.

    Raises:
        ErreurAllerVers: people of a modality are in the population, and nobody of it answered.
    """
    groupes = [
        (population, [i for i, r in enumerate(reponses) if r.get(colonne) == modalite], f"{colonne} = {modalite}")
        for colonne, modalites in marges.items() for modalite, population in modalites.items()
    ]  # fmt: skip
    if vide := next((nom for population, rangs, nom in groupes if population > 0 and not rangs), None):
        raise ErreurAllerVers(
            f"Personne n'a répondu parmi {vide} : ces réponses ne se redressent pas.",
            "réunir cette modalité à une autre, dans le dictionnaire et dans les marges.",
        )
    total = sum(next(iter(marges.values())).values())
    departs = [p * total / sum(poids) for p in poids]
    actuels = list(departs)
    for _ in range(_TOURS):
        ecart = 0.0
        for population, rangs, _nom in groupes:
            somme = sum(actuels[i] for i in rangs)
            facteur = population / somme if somme else 1.0
            ecart = max(ecart, abs(facteur - 1))
            for i in rangs:
                borne = (departs[i] / poids_max, departs[i] * poids_max)
                actuels[i] = min(max(actuels[i] * facteur, borne[0]), borne[1])
        if ecart < _PRECISION:
            break
    return actuels


def compute_resultats(enquete: Enquete, retenues: Retenues, marges: Marges) -> list[Resultat]:
    """Return the share of each answer, for the nation and for each Caf where enough people answered.

    Who did not answer at all is made up for by the strata; who left a question out, by a second raking of those who
    answered it, to the strata and to the auxiliary questions as everybody's first weights give them.

    Raises:
        ErreurAllerVers: the margins are not those of the strata, or a modality has nobody.
    """
    check_marges(enquete, marges)
    reponses = retenues.reponses
    resultats: list[Resultat] = []
    if len(reponses) < enquete.reponses_minimales:
        return _silence(enquete, reponses)
    premiers = rake(reponses, [1.0] * len(reponses), marges, enquete.poids_max)
    for question in enquete.questions:
        dites = [i for i, r in enumerate(reponses) if r.get(question.code)]
        if len(dites) < enquete.reponses_minimales:
            resultats += _silence(enquete, [reponses[i] for i in dites], question)
            continue
        siennes = [reponses[i] for i in dites]
        autres = [a for a in enquete.auxiliaires if a != question.code and all(r.get(a) for r in reponses)]
        voulues = {**marges, **{a: _sum_poids(reponses, premiers, a) for a in autres}}
        seconds = rake(siennes, [premiers[i] for i in dites], voulues, enquete.poids_max)
        territoires = sorted({r["code_caf"] for r in siennes if r.get("code_caf")})
        for territoire in (NATION, *territoires):
            rangs = [j for j, r in enumerate(siennes) if territoire in (NATION, r.get("code_caf"))]
            resultats += _estimate(enquete, question, territoire, siennes, seconds, rangs)
    return resultats


def _estimate(
    enquete: Enquete, question: Colonne, territoire: str, reponses: Sequence[Reponse], poids: Sequence[float],
    rangs: Sequence[int],
) -> list[Resultat]:  # fmt: skip
    n = len(rangs)
    if n < enquete.reponses_minimales:
        return [
            Resultat(territoire, question.code, m, n, None, None, None, None, None)
            for m in question.modalites
        ]
    somme = sum(poids[i] for i in rangs)
    effet = n * sum(poids[i] ** 2 for i in rangs) / somme**2
    resultats = []
    for modalite in question.modalites:
        siens = [i for i in rangs if reponses[i][question.code] == modalite]
        part = sum(poids[i] for i in siens) / somme
        marge = _95_POUR_CENT * math.sqrt(effet * part * (1 - part) / n)
        resultats.append(
            Resultat(territoire, question.code, modalite, n, len(siens) / n, part, effet, marge, somme)
        )
    return resultats


def _silence(
    enquete: Enquete, reponses: Sequence[Reponse], question: Colonne | None = None
) -> list[Resultat]:
    compter: Callable[[str], int] = lambda code: sum(bool(r.get(code)) for r in reponses)  # noqa: E731
    return [
        Resultat(NATION, q.code, m, compter(q.code), None, None, None, None, None)
        for q in ([question] if question else enquete.questions)
        for m in q.modalites
    ]


def _sum_poids(reponses: Sequence[Reponse], poids: Sequence[float], code: str) -> dict[str, float]:
    sommes: dict[str, float] = {}
    for reponse, p in zip(reponses, poids, strict=True):
        sommes[reponse[code]] = sommes.get(reponse[code], 0.0) + p
    return sommes


def check_marges(enquete: Enquete, marges: Marges) -> None:
    """Make sure that these are the margins of the survey.

    Raises:
        ErreurAllerVers: a stratum or a modality is missing or unknown, or the totals differ.
    """
    attendues = {s.code: set(s.modalites) for s in enquete.strates}
    totaux = [sum(m.values()) for m in marges.values()]
    if {c: set(m) for c, m in marges.items()} != attendues or max(totaux) != min(totaux) or min(totaux) <= 0:
        raise ErreurAllerVers(
            "Les marges ne sont pas celles des strates de l'enquête, ou leurs totaux diffèrent.",
            "donner la population de chaque modalité de chaque strate ; chaque strate a le même total.",
        )
