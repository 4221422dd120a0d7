"""A gate: Great Expectations judges the rows of a profile, and every failing Caf is named.

Only counts by Caf come here; no person's value ever reaches Great Expectations.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from aller_vers.qualite.rarete import (
    compute_forme,
    compute_rarete_exces,
    compute_rarete_manque,
    compute_rarete_part,
)
from aller_vers.qualite.suites import ABSENCE, EXCES, MANQUE, Attente, Suite
from aller_vers.qualite.verdicts import Jugement, Manquement, conclude
from aller_vers.socle.erreurs import ErreurAllerVers

if TYPE_CHECKING:
    import pandas as pd

CLE, REGLE = "code_caf", "regle"
# Of how many a count is a part, where it is not of the rows.
EFFECTIFS = {"caf_identiques": "caf_comparees"}
_FORMAT = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": [CLE, REGLE],
    "exclude_unexpected_values": True,
}


def judge(suite: Suite, profil: pd.DataFrame, nation: pd.DataFrame) -> Jugement:
    """Judge a profile.

    Args:
        suite: what is expected.
        profil: one row a known Caf: ``code_caf`` and the columns that the suite names.
        nation: one row, whose ``code_caf`` is ``NATION``.

    Returns:
        A decision for each Caf and for the nation. An expectation that could not be evaluated holds every Caf
        that it was about: a missing column, an empty value, an error, an incomplete list of failing Caf. An empty
        profile holds the nation.

    Raises:
        ErreurAllerVers: the suite names an expectation or a parameter that Great Expectations does not have.
    """
    manquements = [*_evaluate(suite.caf, profil)]
    manquements += [
        Manquement(None, m.regle, m.severite, m.nombre, m.evaluee) for m in _evaluate(suite.nation, nation)
    ]
    return conclude(profil[CLE], manquements)


def _evaluate(attentes: tuple[Attente, ...], profil: pd.DataFrame) -> list[Manquement]:
    profil = profil.copy(deep=False)
    for attente in attentes:
        if attente.lue != attente.colonne:
            profil[attente.colonne] = _compute_rarete(attente, profil)
    evaluables = [
        a for a in attentes if a.colonne in profil and not profil.empty and not profil[a.colonne].isna().any()
    ]
    pareilles: dict[str, list[Attente]] = {}
    for attente in evaluables:
        pareilles.setdefault(f"{attente.type} {attente.parametres}", []).append(attente)
    fautifs = _find_fautifs([*pareilles.values()], profil) if evaluables else {}
    manquements: list[Manquement] = []
    for attente in attentes:
        if attente.regle not in fautifs:
            manquements += _not_evaluated(attente, profil)
        elif codes := fautifs[attente.regle]:
            nombres = _count(attente, profil)
            manquements += [
                Manquement(code, attente.regle, attente.severite, nombres.get(code)) for code in codes
            ]
    return manquements


def _find_fautifs(groupes: list[list[Attente]], profil: pd.DataFrame) -> dict[str, list[str]]:
    """Return, rule by rule, the codes of the Caf that fail it; a rule that is not there could not be judged.

    A group asks the same of several columns, which are judged as one: Great Expectations takes 12 ms for each.
    """
    import great_expectations as gx
    import pandas as pd

    colonnes = [f"valeurs_{rang}" for rang in range(len(groupes))]
    tranches = []
    for colonne, groupe in zip(colonnes, groupes, strict=True):
        for attente in groupe:
            tranche = profil[[CLE, attente.colonne]].set_axis([CLE, colonne], axis="columns")
            tranche[REGLE] = attente.regle
            tranches.append(tranche)
    valeurs = pd.concat(tranches, ignore_index=True)
    attendues = [build_expectation(g[0], colonne) for colonne, g in zip(colonnes, groupes, strict=True)]
    lot = _define_lot().get_batch({"dataframe": valeurs})
    jugement = lot.validate(gx.ExpectationSuite(name="profil", expectations=attendues), result_format=_FORMAT)
    resultats = {r.expectation_config.kwargs["column"]: r for r in jugement.results}
    fautifs: dict[str, list[str]] = {}
    for colonne, groupe in zip(colonnes, groupes, strict=True):
        nommes = _list_fautifs(resultats[colonne])
        if nommes is not None:
            fautifs |= {a.regle: sorted(c for c, regle in nommes if regle == a.regle) for a in groupe}
        elif len(groupe) > 1:
            fautifs |= _find_fautifs([[attente] for attente in groupe], profil)
    return fautifs


def _list_fautifs(resultat: Any) -> list[tuple[str, str]] | None:
    """Read each failing Caf with its rule; None where the result does not name them all."""
    nommes = [
        couple
        for ligne in resultat.result.get("unexpected_index_list") or []
        for couple in (  # those of one value come in lists
            zip(ligne[CLE], ligne[REGLE], strict=True)
            if isinstance(ligne[CLE], list)
            else [(ligne[CLE], ligne[REGLE])]
        )
    ]
    sur = len(nommes) == resultat.result.get("unexpected_count") and resultat.success == (not nommes)
    return nommes if sur and not (resultat.exception_info or {}).get("raised_exception") else None


def preload() -> None:
    """Import what a judgement needs, over four seconds of it: tasks find it done where their parent did it."""
    _define_lot()


@cache
def _define_lot() -> Any:
    """Return what every profile is a batch of; its context is made once a process, in memory alone."""
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    import great_expectations.expectations
    from great_expectations.data_context.types.base import ProgressBarsConfig

    contexte = gx.get_context(mode="ephemeral")
    contexte.variables.progress_bars = ProgressBarsConfig(globally=False)
    profils = contexte.data_sources.add_pandas("profil").add_dataframe_asset("caf")
    return profils.add_batch_definition_whole_dataframe("mois")


def _compute_rarete(attente: Attente, profil: pd.DataFrame) -> list[float | None]:
    """Return the rarity that an expectation asks for, row by row; None where a count is missing."""
    part, dispersion = attente.part_normale, attente.dispersion
    noms = [attente.lue, EFFECTIFS.get(attente.lue, "lignes")]
    if part is None:
        noms = [attente.lue, f"{attente.lue}_attendues", f"{attente.lue}_passees"]
    if not set(noms) <= set(profil.columns) or profil[noms].isna().any(axis=None):
        return [None] * len(profil)
    rangees = profil[noms].itertuples(index=False, name=None)
    if part is not None:
        return [compute_rarete_part(int(n), int(effectif), part) for n, effectif in rangees]
    assert dispersion is not None  # the suite was read so
    calcule = compute_rarete_exces if attente.colonne.startswith(EXCES) else compute_rarete_manque
    return [
        0.0
        if n and attente.colonne.startswith(ABSENCE)
        else calcule(int(n), float(attendu), compute_forme(int(passe), dispersion))
        for n, attendu, passe in rangees
    ]


def build_expectation(attente: Attente, colonne: str) -> Any:
    """Return the expectation of Great Expectations that this line of the suite asks for, of this column.

    Raises:
        ErreurAllerVers: its type or one of its parameters does not exist, or a parameter has no sense.
    """
    import great_expectations.expectations as gxe
    from great_expectations.expectations.expectation import ColumnMapExpectation
    from pydantic.v1 import ValidationError

    nom = "".join(mot.capitalize() for mot in attente.type.split("_"))
    classe = getattr(gxe, nom, None)
    if classe is None or not re.fullmatch(r"expect_column_values_[a-z_]+", attente.type):
        raise ErreurAllerVers(
            f"La règle « {attente.regle} » demande une attente inconnue : {attente.type}.",
            "choisir un type expect_column_values_… de Great Expectations.",
        )
    # What every expectation has (`mostly`, `row_condition`...) would let failing Caf go unnamed.
    propres = set(classe.__fields__) - set(ColumnMapExpectation.__fields__)
    inconnus = sorted(set(attente.parametres) - propres)
    if inconnus:
        raise _bad_parameters(attente, f"un paramètre inconnu ou interdit : {', '.join(inconnus)}")
    try:
        return classe(column=colonne, **attente.parametres)
    except ValidationError:
        raise _bad_parameters(attente, "des valeurs qui ne lui conviennent pas") from None


def _bad_parameters(attente: Attente, detail: str) -> ErreurAllerVers:
    return ErreurAllerVers(
        f"La règle « {attente.regle} » donne à {attente.type} {detail}.",
        "corriger « parametres » dans la suite.",
    )


def _count(attente: Attente, profil: pd.DataFrame) -> dict[str, int]:
    """Return the number of rows behind each Caf's value; behind a share or a rarity, that of its rule.

    Behind a lack, that of the people who are missing: a decision on it holds for no worse one.
    """
    if attente.colonne.startswith((MANQUE, ABSENCE)):
        manquants = (profil[f"{attente.lue}_attendues"] - profil[attente.lue]).round()
        return {code: int(n) for code, n in zip(profil[CLE], manquants, strict=True)}
    colonne = attente.lue.removeprefix("part_")
    if colonne not in profil:
        return {}
    return {code: int(n) for code, n in zip(profil[CLE], profil[colonne], strict=True)}


def _not_evaluated(attente: Attente, profil: pd.DataFrame) -> list[Manquement]:
    codes = list(profil[CLE]) or [None]  # nobody to hold: the nation is
    return [Manquement(code, attente.regle, attente.severite, None, evaluee=False) for code in codes]


@dataclass(frozen=True)
class Profil:
    """``caf``: one row a known Caf; ``nation``: their sum, and what belongs to no known Caf."""

    caf: pd.DataFrame
    nation: pd.DataFrame
    inconnues: dict[str, int]
