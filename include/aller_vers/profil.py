"""The profile of the request as two small tables: a row a Caf, and the nation's row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from aller_vers.porte import CLE, NATION
from aller_vers.sql import run_sql

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Profil:
    """``caf``: one row a known Caf; ``nation``: their sum, and what belongs to no known Caf."""

    caf: pd.DataFrame
    nation: pd.DataFrame
    inconnues: dict[str, int]


def load_profil_requete(qualite: Connection, mois: str, run_id: str) -> Profil:
    """Read a run's profile as ``av_qualite``: ``lignes``, one count a rule, and its share ``part_<rule>``.

    A share is between 0 and 1, and 0 where there is no row. A rule that was not counted for a Caf is empty
    there, never 0, and empty for the nation.
    """
    import pandas as pd

    lignes = run_sql(qualite, "dq/select_profil_requete.sql", mois=mois, run_id=run_id).all()
    regles = sorted({regle for ligne in lignes for regle in ligne.comptes})
    table = pd.DataFrame(
        [
            {
                CLE: p.code_caf,
                "connue": p.connue,
                "lignes": p.lignes,
                **{regle: p.comptes.get(regle) for regle in regles},
            }
            for p in lignes
        ],
        columns=[CLE, "connue", "lignes", *regles],
    )
    caf = table[table["connue"].astype(bool)].drop(columns="connue").reset_index(drop=True)
    inconnues = table[~table["connue"].astype(bool)]
    total = table[["lignes", *regles]].sum(skipna=False)
    nation = pd.DataFrame([{CLE: NATION, **total.to_dict(), "caf_inconnues": int(inconnues["lignes"].sum())}])
    return Profil(
        _with_parts(caf, regles),
        _with_parts(nation, regles),
        {str(code): int(n) for code, n in zip(inconnues[CLE], inconnues["lignes"], strict=True)},
    )


def _with_parts(table: pd.DataFrame, regles: list[str]) -> pd.DataFrame:
    parts = {
        f"part_{regle}": (table[regle] / table["lignes"].clip(lower=1)).astype(float) for regle in regles
    }
    return table.assign(**parts)
