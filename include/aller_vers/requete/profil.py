"""The profile of the request as two small tables: a row a Caf, and the nation's row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from aller_vers.qualite.porte import CLE, Profil
from aller_vers.qualite.regles import Regle, load_regles, run_regles
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import find_detruites, lock
from aller_vers.socle.referentiel import NATION, find_actuelle
from aller_vers.socle.sql import load_sql, run_sql

if TYPE_CHECKING:
    import pandas as pd

RECUL = 12
"""Months of the past that a volume is compared with."""
_APPUI = 50
"""People that weigh for a steady nation: without them, one Caf's month would make the season of a tiny network."""
_DU_MOIS = {"depot_hors_mois", "deja_le_mois_precedent"}
"""Counts that a copy of the former month would change."""
_PASSE = ("lignes_attendues", "lignes_passees")


@dataclass(frozen=True)
class _Passe:
    """What one Caf counted in the published months before this one."""

    mois: int = 0
    lignes: int = 0
    precedent: tuple[int, dict[str, int]] | None = None


def list_colonnes() -> tuple[set[str], set[str]]:
    """Return the columns of a profile of the request: those of a Caf, and those of the nation."""
    regles = {regle.code for regle in load_regles("requete")}
    caf = {"lignes", *_PASSE, *regles, *(f"part_{regle}" for regle in regles)}
    return caf, caf | {"caf_inconnues", "caf_comparees", "caf_identiques", "mois_historique"}


def load_profil_requete(qualite: Connection, mois: Mois, run_id: str) -> Profil:
    """Read a run's profile as ``av_qualite``, with what the published months before it let expect.

    Columns: ``lignes``, one count a rule, its share ``part_<rule>``, ``lignes_attendues`` (people that the past
    lets expect) and ``lignes_passees`` (people behind that figure). A share is between 0 and 1, and 0 where there
    is no row. A rule that was not counted for a Caf is empty there, never 0, and empty for the nation.
    """
    import pandas as pd

    lignes = run_sql(qualite, "qualite/select_profil_requete.sql", mois=mois, run_id=run_id).all()
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
    passes = _load_passes(qualite, mois)
    nation = pd.DataFrame([{CLE: NATION, **total.to_dict()}]).assign(
        caf_inconnues=int(inconnues["lignes"].sum()),
        **_compare_nation([p for p in lignes if p.connue], passes, int(total["lignes"])),
    )
    return Profil(
        _with_parts(caf.assign(**_compare_caf(caf, passes)), regles),
        _with_parts(nation, regles),
        {str(code): int(n) for code, n in zip(inconnues[CLE], inconnues["lignes"], strict=True)},
    )


def _with_parts(table: pd.DataFrame, regles: list[str]) -> pd.DataFrame:
    parts = {
        f"part_{regle}": (table[regle] / table["lignes"].clip(lower=1)).astype(float) for regle in regles
    }
    return table.assign(**parts)


def _load_passes(qualite: Connection, mois: Mois) -> dict[str, _Passe]:
    """Return what each Caf counted in the months before, with the Caf that have merged into it since."""
    lignes = run_sql(
        qualite, "qualite/select_historique_requete.sql", mois=mois, debut=mois.shift(-RECUL)
    ).all()
    actuelles = {code: find_actuelle(code, mois.fin) for code in {ligne.code_caf for ligne in lignes}}
    comptes: dict[tuple[str, str], tuple[int, Counter[str]]] = {}
    for ligne in lignes:
        cle = ligne.mois, actuelles[ligne.code_caf]
        nombre, deja = comptes.get(cle, (0, Counter()))
        deja.update(ligne.comptes)
        comptes[cle] = nombre + ligne.lignes, deja
    passes: dict[str, _Passe] = {}
    for (quand, code), (nombre, regles) in comptes.items():
        avant = passes.get(code, _Passe())
        precedent = (nombre, regles) if quand == str(mois.shift(-1)) else avant.precedent
        passes[code] = _Passe(avant.mois + 1, avant.lignes + nombre, precedent)
    return passes


def _compare_caf(caf: pd.DataFrame, passes: dict[str, _Passe]) -> dict[str, list[float]]:
    """Return what each Caf's past lets expect: its monthly mean, times what the rest of the nation does this month.

    A season, a holiday or a strike that moves all of them is the nation's matter, not a hundred alerts. A Caf
    without a past is expected to be as it is.
    """
    total = int(caf["lignes"].sum())
    moyennes = {code: p.lignes / p.mois for code, p in passes.items() if code in set(caf[CLE])}
    attendues: list[float] = []
    passees: list[float] = []
    for code, lignes in zip(caf[CLE], caf["lignes"], strict=True):
        passe = passes.get(code)
        if passe is None:
            attendues.append(float(lignes))
            passees.append(0.0)
            continue
        autres = sum(moyennes.values()) - moyennes[code]
        saison = (total - int(lignes) + _APPUI) / (autres + _APPUI)
        attendues.append((passe.lignes + 0.5) / passe.mois * saison)
        passees.append(float(passe.lignes))
    return dict(zip(_PASSE, (attendues, passees), strict=True))


def _compare_nation(caf: Sequence[Any], passes: dict[str, _Passe], lignes: int) -> dict[str, float]:
    mois = max((p.mois for p in passes.values()), default=0)
    passees = sum(p.lignes for p in passes.values())
    identiques = comparees = 0
    for ligne in caf:
        precedent = passes.get(ligne.code_caf, _Passe()).precedent
        if precedent and (precedent[0] or ligne.lignes):
            comparees += 1
            identiques += precedent[0] == ligne.lignes and all(
                ligne.comptes.get(regle) == nombre
                for regle, nombre in precedent[1].items()
                if regle not in _DU_MOIS and regle in ligne.comptes
            )
    return {
        "mois_historique": mois,
        "caf_comparees": comparees,
        "caf_identiques": identiques,
        "lignes_attendues": (passees + 0.5) / mois if mois else float(lignes),
        "lignes_passees": passees,
    }


def profile_requete(entrepot: Connection, mois: Mois, run_id: str) -> int:
    """Write the month's profile: one row a Caf with the number of rows that break each rule.

    A Caf whose persons are destroyed keeps what the published run counted: it is not said to have nobody.

    Returns:
        The number of rules that were counted.

    Raises:
        ErreurAllerVers: a rule is incomplete or cannot be run; it is named. The month was destroyed.
    """
    regles = load_regles("requete")
    modele = load_sql("requete/create_compte_regles.sql").text

    def build(choisies: Sequence[Regle]) -> str:
        comptes = (f"'{r.code}', count(*) FILTER (WHERE ({r.predicat}))" for r in choisies)
        return modele.replace("/*comptes*/", ",\n".join(comptes))

    cle = str(mois)
    lock(entrepot, "staging.demandeur", cle)  # the purge ends first, or waits
    detruites = find_detruites(entrepot, mois)
    lock(entrepot, "profil_requete", mois, run_id)
    gardees = {"mois": cle, "run_id": run_id, "detruites": detruites}
    run_sql(entrepot, "requete/delete_profil.sql", **gardees)
    run_sql(entrepot, "requete/keep_profil.sql", **gardees)
    entrepot.execute(text("DROP TABLE IF EXISTS pg_temp.compte_regles"))
    run_regles(entrepot, "requete", regles, build, **_list_mois(mois))
    codes = [regle.code for regle in regles]
    run_sql(entrepot, "requete/profile_caf.sql", mois=cle, run_id=run_id, regles=codes)
    run_sql(entrepot, "qualite/delete_quarantaine.sql", mois=cle, run_id=run_id)
    for regle in regles:
        if regle.bloquante:
            run_sql(entrepot, "qualite/insert_quarantaine.sql", mois=cle, run_id=run_id, regle=regle.code)
    return len(regles)


def find_quarantaine(entrepot: Connection, mois: Mois) -> None:
    """List, in ``pg_temp.quarantaine``, the lines of the month that break a blocking rule.

    The same predicates as the profile's; the table is gone with the caller's transaction.
    """
    bloquantes = [regle for regle in load_regles("requete") if regle.bloquante]
    modele = load_sql("requete/create_quarantaine.sql").text

    def build(choisies: Sequence[Regle]) -> str:
        return modele.replace("/*bloquantes*/", "".join(f"\nOR ({r.predicat})" for r in choisies))

    entrepot.execute(text("DROP TABLE IF EXISTS pg_temp.quarantaine"))
    run_regles(entrepot, "requete", bloquantes, build, **_list_mois(mois))


def _list_mois(mois: Mois) -> dict[str, str]:
    return {"mois": str(mois), "mois_precedent": str(mois.shift(-1))}
