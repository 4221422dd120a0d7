"""A gate: Great Expectations judges the rows of a profile, and every failing Caf is named.

Only counts by Caf come here; no person's value ever reaches Great Expectations.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from aller_vers.erreurs import ErreurAllerVers
from aller_vers.suites import Attente, Suite
from aller_vers.verdicts import Jugement, Manquement, decide

if TYPE_CHECKING:
    import pandas as pd

CLE = "code_caf"
NATION = "nation"
_FORMAT = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": [CLE],
    "partial_unexpected_count": 200,
    "exclude_unexpected_values": True,
}


def judge(suite: Suite, profil: pd.DataFrame, nation: pd.DataFrame) -> Jugement:
    """Judge a profile.

    Args:
        suite: what is expected.
        profil: one row a known Caf: ``code_caf`` and the columns that the suite names.
        nation: one row, ``code_caf`` = ``nation``.

    Returns:
        A decision for each Caf and for the nation. An expectation that could not be evaluated (missing
        column, empty value, an error, an incomplete list of failing Caf) holds every Caf that it was about,
        and the nation when the profile is empty.

    Raises:
        ErreurAllerVers: the suite names an expectation or a parameter that Great Expectations does not have.
    """
    manquements = [*_evaluate(suite.caf, profil)]
    manquements += [
        Manquement(None, m.regle, m.severite, m.nombre, m.evaluee) for m in _evaluate(suite.nation, nation)
    ]
    return decide(profil[CLE], manquements)


def _evaluate(attentes: tuple[Attente, ...], profil: pd.DataFrame) -> list[Manquement]:
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    contexte = gx.get_context(mode="ephemeral")
    contexte.variables.progress_bars = ProgressBarsConfig(globally=False)
    lot = (
        contexte.data_sources.add_pandas("profil")
        .add_dataframe_asset("caf")
        .add_batch_definition_whole_dataframe("mois")
        .get_batch({"dataframe": profil})
    )
    manquements: list[Manquement] = []
    for attente in attentes:
        expectation = build_expectation(attente)
        if attente.colonne not in profil or profil.empty or profil[attente.colonne].isna().any():
            manquements += _not_evaluated(attente, profil)
            continue
        resultat = lot.validate(expectation, result_format=_FORMAT)
        manquements += _read(attente, profil, resultat)
    return manquements


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
    """Return the number of rows behind each Caf's value; behind a share, that of its rule."""
    colonne = attente.colonne.removeprefix("part_")
    if colonne not in profil:
        return {}
    return {code: int(n) for code, n in zip(profil[CLE], profil[colonne], strict=True)}


def _not_evaluated(attente: Attente, profil: pd.DataFrame) -> list[Manquement]:
    codes = list(profil[CLE]) or [None]  # nobody to hold: the nation is
    return [Manquement(code, attente.regle, attente.severite, None, evaluee=False) for code in codes]
