"""The gate of the returns: rules counted by month, shape, Caf and Cpam, judged like every other gate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection

from aller_vers.qualite.porte import CLE, judge
from aller_vers.qualite.regles import Regle, load_regles, run_regles
from aller_vers.qualite.suites import load_suite
from aller_vers.qualite.verdicts import Decision, Jugement, Manquement, conclude, save_jugement
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.sql import load_sql, run_sql

if TYPE_CHECKING:
    import pandas as pd

GATE = "retours"
FORMES = {
    "mensuel": "retour mensuel", "semestriel": "bilan semestriel", "profil": "profils", "mesure": "mesures déclarées",
}  # fmt: skip


class Groupe(NamedTuple):
    """What is judged together: the returns of a month and shape of one Caf and Cpam, put into one folder.

    ``code_caf`` and ``code_cpam`` are empty where the shape has none.
    """

    mois: str
    forme: str
    depot: str
    code_caf: str
    code_cpam: str

    @property
    def cle(self) -> str:
        """The group as the gate names it."""
        return "/".join(self)

    @property
    def caisse(self) -> str:
        """Whose verdict it is: the Caf's of its rows, else that of the folder."""
        return self.code_caf or self.depot


@dataclass(frozen=True)
class Retours:
    """What the gate says of each group of returns, and the failures behind it."""

    decisions: dict[Groupe, Decision]
    manquements: dict[Groupe, tuple[Manquement, ...]]


def profile_retours(entrepot: Connection, run_id: str) -> int:
    """Count every rule over the returns to judge, as ``av_etl``; return the number of groups.

    Raises:
        ErreurAllerVers: a rule cannot be run; it is named.
    """
    regles = load_regles("retours")
    modele = load_sql("retours/profile_retours.sql").text

    def build(choisies: Sequence[Regle]) -> str:
        comptes = (f"'{r.code}', count(*) FILTER (WHERE ({r.predicat}))" for r in choisies)
        return modele.replace("/*comptes*/", ",\n".join(comptes))

    lock(entrepot, "profil_retours", run_id)
    run_sql(entrepot, "retours/delete_profil.sql", run_id=run_id)
    return run_regles(entrepot, "retours", regles, build, run_id=run_id)


def judge_retours(qualite: Connection, run_id: str) -> Retours:
    """Judge the run's profile as ``av_qualite``, group by group, and record the verdicts by Caf."""
    lignes = run_sql(qualite, "qualite/select_profil_retours.sql", run_id=run_id).all()
    groupes = {g.cle: g for g in (Groupe(p.mois, p.forme, p.depot, p.code_caf, p.code_cpam) for p in lignes)}
    if not groupes:
        return Retours({}, {})
    table = _build_table(
        [(g.cle, p.lignes, p.comptes) for g, p in zip(groupes.values(), lignes, strict=True)]
    )
    nation = table.drop(columns=CLE).sum(skipna=False).to_frame().T.assign(**{CLE: NATION})
    jugement = judge(load_suite("retours_cpam"), table, nation)
    for mois, par_caf in gather_par_mois(jugement, groupes).items():
        save_jugement(qualite, Mois.parse(mois), GATE, run_id, par_caf)
    return Retours(
        {groupes[cle]: decision for cle, decision in jugement.par_caf.items()},
        {g: tuple(m for m in jugement.manquements if m.code_caf == cle) for cle, g in groupes.items()},
    )


def save_decisions(entrepot: Connection, run_id: str, decisions: Mapping[Groupe, Decision]) -> None:
    """Write beside the profile what was decided of each group, as ``av_etl``: only what is written is published."""
    for groupe, decision in decisions.items():
        run_sql(entrepot, "retours/mark_decision.sql", run_id=run_id, decision=decision, **groupe._asdict())


def gather_par_mois(jugement: Jugement, groupes: dict[str, Groupe]) -> dict[str, Jugement]:
    """Return the judgement of each month by Caf: the worst of its groups, each rule's counts added."""
    par_mois: dict[str, set[str]] = defaultdict(set)
    for groupe in groupes.values():
        par_mois[groupe.mois].add(groupe.caisse)
    sommes: dict[str, dict[tuple[str, str], Manquement]] = defaultdict(dict)
    for manquement in jugement.manquements:
        if manquement.code_caf is None:
            continue
        groupe = groupes[manquement.code_caf]
        cle = (groupe.caisse, manquement.regle)
        deja = sommes[groupe.mois].get(cle)
        sommes[groupe.mois][cle] = Manquement(
            groupe.caisse,
            manquement.regle,
            manquement.severite,
            (manquement.nombre or 0) + ((deja.nombre or 0) if deja else 0),
            evaluee=manquement.evaluee and (deja is None or deja.evaluee),
        )
    return {mois: conclude(sorted(cafs), sommes[mois].values()) for mois, cafs in sorted(par_mois.items())}


def _build_table(lignes: list[tuple[str, int, dict[str, int]]]) -> pd.DataFrame:
    import pandas as pd

    # A rule that was not counted for a group is empty there, never 0: the gate then does not evaluate it.
    regles = sorted({regle for _, _, comptes in lignes for regle in comptes})
    table = pd.DataFrame(
        [{CLE: cle, "lignes": n, **{r: comptes.get(r) for r in regles}} for cle, n, comptes in lignes]
    )
    parts = {f"part_{r}": (table[r] / table["lignes"].clip(lower=1)).astype(float) for r in regles}
    return table.assign(**parts)
