"""A gate: Great Expectations judges the rows of a profile, and every failing Caf is named.

Only counts by Caf come here; no person's value ever reaches Great Expectations.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
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

CLE = "code_caf"
# Of how many a count is a part, where it is not of the rows.
EFFECTIFS = {"caf_identiques": "caf_comparees"}
_FORMAT = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": [CLE],
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
    lot = _define_lot().get_batch({"dataframe": profil})
    evaluables = {
        rang: expectation
        for rang, (attente, expectation) in enumerate([(a, build_expectation(a)) for a in attentes])
        if attente.colonne in profil and not profil.empty and not profil[attente.colonne].isna().any()
    }
    tenues = _find_tenues(lot, evaluables)
    manquements: list[Manquement] = []
    for rang, attente in enumerate(attentes):
        if rang not in evaluables:
            manquements += _not_evaluated(attente, profil)
        elif rang not in tenues:
            resultat = lot.validate(evaluables[rang], result_format=_FORMAT)
            manquements += _read(attente, profil, resultat)
    return manquements


def preload() -> None:
    """Import what a judgement needs, over four seconds of it: tasks find it done where their parent did it."""
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations.expectations  # noqa: F401


@cache
def _define_lot() -> Any:
    """Return what every profile is a batch of; its context is made once a process, in memory alone."""
    preload()
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    contexte = gx.get_context(mode="ephemeral")
    contexte.variables.progress_bars = ProgressBarsConfig(globally=False)
    profils = contexte.data_sources.add_pandas("profil").add_dataframe_asset("caf")
    return profils.add_batch_definition_whole_dataframe("mois")


def _find_tenues(lot: Any, expectations: Mapping[int, Any]) -> set[int]:
    """Return the ranks of what every row meets, all judged at once: naming who fails costs three times as much."""
    import great_expectations as gx

    suite = gx.ExpectationSuite(
        name="profil",
        expectations=[e.copy(update={"meta": {"rang": rang}}) for rang, e in expectations.items()],
    )
    resultats = lot.validate(suite, result_format="BOOLEAN_ONLY").results
    return {r.expectation_config.meta["rang"] for r in resultats if r.success}


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


def build_expectation(attente: Attente) -> Any:
    """Return the expectation of Great Expectations that this line of the suite asks for.

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
        return classe(column=attente.colonne, severity=attente.severite, **attente.parametres)
    except ValidationError:
        raise _bad_parameters(attente, "des valeurs qui ne lui conviennent pas") from None


def _bad_parameters(attente: Attente, detail: str) -> ErreurAllerVers:
    return ErreurAllerVers(
        f"La règle « {attente.regle} » donne à {attente.type} {detail}.",
        "corriger « parametres » dans la suite.",
    )


def _read(attente: Attente, profil: pd.DataFrame, resultat: Any) -> list[Manquement]:
    if resultat.success:
        return []
    fautifs = _list_fautifs(resultat.result.get("unexpected_index_list") or [])
    leve = (resultat.exception_info or {}).get("raised_exception", False)
    if leve or not fautifs or len(fautifs) != resultat.result.get("unexpected_count"):
        return _not_evaluated(attente, profil)
    nombres = _count(attente, profil)
    return [Manquement(code, attente.regle, attente.severite, nombres.get(code)) for code in sorted(fautifs)]


def _list_fautifs(index: list[dict[str, Any]]) -> list[str]:
    """Read the failing Caf; Great Expectations wraps the code in a list when there is exactly one."""
    codes = [ligne[CLE] for ligne in index]
    return [code for c in codes for code in (c if isinstance(c, list) else [c])]


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
