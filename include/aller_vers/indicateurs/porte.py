"""The gate of the marts: the month is computed, checked by a second engine, and only then published."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.marts import BilanMarts, compute_indicateurs, find_echeances, lock_marts
from aller_vers.indicateurs.modele import Mesure, Reseau, Valeur, Vie, keep_bornees
from aller_vers.indicateurs.valeurs import read_valeurs
from aller_vers.mesures.echeances import Echeances
from aller_vers.qualite.porte import CLE, Profil, judge
from aller_vers.qualite.suites import load_suite
from aller_vers.qualite.verdicts import Jugement, save_jugement
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.groupes import Membre
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.sql import run_sql

if TYPE_CHECKING:
    import pandas as pd

GATE = "marts"
SUITE = "marts_indicateurs"
ComptesParCaf = dict[str, dict[str, int]]


def publish_marts(
    entrepot: Connection,
    mois: Sequence[Mois],
    run_id: str,
    dictionnaire: Sequence[Indicateur],
    seuil: int,
    echeances: Echeances | None = None,
) -> tuple[BilanMarts, dict[Mois, Jugement]]:
    """Compute, check and publish months in the caller's transaction; what is held is not published.

    A month that is held holds none of the others: they are computed again without it. Profiles and verdicts are
    recorded either way: commit, then ``require_marts``. The second engine, which asks nothing of the warehouse, is at
    work on the first month while the warehouse computes.
    """
    echeances = echeances or find_echeances(entrepot, mois, dictionnaire)
    lock_marts(entrepot)  # before its measures are read: whoever computes them has ended
    restants, jugements, reseau = list(mois), dict[Mois, Jugement](), _load_reseau(entrepot)
    with ThreadPoolExecutor(1) as a_cote:
        secondes = {
            m: a_cote.submit(
                compute_valeurs, *_read_mesures(entrepot, m, dictionnaire), reseau, seuil, [m], echeances
            )
            for m in restants[:1]
        }
        while restants:
            essai = entrepot.begin_nested()
            bilan = compute_indicateurs(entrepot, restants, dictionnaire, seuil, echeances)
            juges = {
                m: judge_marts(entrepot, m, dictionnaire, seuil, echeances, secondes.get(m)) for m in restants
            }
            retenus = [m for m in restants if juges[m][1].nation == "retenu"]
            if retenus:
                essai.rollback()
            else:
                essai.commit()
            for m in retenus or restants:
                comptes, jugements[m] = juges[m]
                _record(entrepot, m, run_id, comptes, jugements[m])
            if not retenus:
                return bilan, jugements
            restants = [m for m in restants if m not in retenus]
    return BilanMarts(0, ()), jugements


def _record(
    entrepot: Connection, mois: Mois, run_id: str, comptes: ComptesParCaf, jugement: Jugement
) -> None:
    run_sql(entrepot, "qualite/delete_profil_marts.sql", mois=mois, run_id=run_id)
    run_sql(
        entrepot, "qualite/insert_profil_marts.sql", mois=mois, run_id=run_id, comptes=json.dumps(comptes)
    )  # fmt: skip
    save_jugement(entrepot, mois, GATE, run_id, jugement)


def judge_marts(
    entrepot: Connection, mois: Mois, dictionnaire: Sequence[Indicateur], seuil: int,
    echeances: Echeances | None = None, seconde: Future[list[Valeur]] | None = None,
) -> tuple[ComptesParCaf, Jugement]:  # fmt: skip
    """Return what is wrong with the month just computed in this transaction, and what the suite says of it."""
    comptes = profile_marts(entrepot, mois, dictionnaire, seuil, echeances, seconde)
    profil = build_profil(comptes)
    return comptes, judge(load_suite(SUITE), profil.caf, profil.nation)


def require_marts(mois: Mois, jugement: Jugement) -> None:
    """Let the month's marts go on.

    Raises:
        ErreurAllerVers: they are held; every rule behind it is named, with the number of its findings.
    """
    if jugement.nation != "retenu":
        return
    ecarts = ", ".join(
        f"{m.regle} ({m.nombre if m.nombre is not None else 'non évaluée'})"
        for m in jugement.manquements
        if m.code_caf is None and m.decision == "retenu"
    )
    raise ErreurAllerVers(
        f"Les indicateurs du mois {mois} ne se recoupent pas : {ecarts}.",
        "lire ces règles dans expectations/marts_indicateurs.yml et les Caf concernées dans dq.verdict, corriger la "
        "mesure, puis relancer le mois ; les indicateurs précédents restent publiés.",
    )


def profile_marts(
    entrepot: Connection, mois: Mois, dictionnaire: Sequence[Indicateur], seuil: int,
    echeances: Echeances | None = None, seconde: Future[list[Valeur]] | None = None,
) -> ComptesParCaf:  # fmt: skip
    """Count what is wrong with the month that ``compute_indicateurs`` just computed in this transaction.

    ``seconde``: the month's values by the second engine, where it is already at work on them.

    Returns:
        A count by rule for the nation and for each Caf of the month, zeros included; what was not counted is not there.
    """
    reseau = _load_reseau(entrepot)
    calculs = [m for m in run_sql(entrepot, "indicateurs/select_calculs.sql").scalars() if m < str(mois)]
    comptes: ComptesParCaf = {code: {} for code in (NATION, *reseau.list_territoires("caf", mois))}
    for ligne in run_sql(
        entrepot,
        "indicateurs/profile_marts.sql",
        mois=mois,
        precedent=calculs[-1] if calculs else None,
    ):
        comptes[ligne.code_caf or NATION][ligne.regle] = ligne.nombre
    if seconde is None:
        echeances = echeances or find_echeances(entrepot, [mois], dictionnaire)
        recalculees = compute_valeurs(
            *_read_mesures(entrepot, mois, dictionnaire), reseau, seuil, [mois], echeances
        )
    else:
        recalculees = seconde.result()
    differentes = _compare(recalculees, read_valeurs(entrepot, mois, mois))
    par_caf = Counter(v.territoire for v in differentes if v.niveau == "caf")
    for code, regles in comptes.items():
        regles["valeur_differente"] = len(differentes) if code == NATION else par_caf[code]
    return comptes


def _load_reseau(entrepot: Connection) -> Reseau:
    caisses = run_sql(entrepot, "indicateurs/select_reseau.sql").all()
    caf, cpam = ({c.code: c.code_region for c in caisses if c.niveau == niveau} for niveau in ("caf", "cpam"))
    groupes: dict[str, list[Membre]] = {}
    for li in run_sql(entrepot, "indicateurs/select_groupes.sql"):
        depuis = None if li.depuis is None else Mois.parse(li.depuis)
        groupes.setdefault(li.code_groupe, []).append(Membre(li.code_caf, li.code_cpam, depuis))
    vies = {(c.niveau, c.code): Vie(c.valable_du, c.valable_au, c.successeur) for c in caisses}
    return Reseau(caf, cpam, groupes, keep_bornees(vies))


def _read_mesures(
    entrepot: Connection, mois: Mois, dictionnaire: Sequence[Indicateur]
) -> tuple[list[Indicateur], list[Mesure]]:  # fmt: skip
    """Return the definitions of monthly values, and the measures that they read."""
    mensuels = [i.model_copy(update={"periodes": ()}) for i in dictionnaire]
    lus = sorted(
        {(str(lu), c.mesure) for i in mensuels if i.is_valable(mois) for _, c, lu in i.list_lectures(mois)}
    )
    lignes = run_sql(
        entrepot, "indicateurs/select_mesures.sql",
        mois=[m for m, _ in lus], mesures=[mesure for _, mesure in lus],
    )  # fmt: skip
    return mensuels, [Mesure._make(ligne) for ligne in lignes.all()]


def _compare(recalculees: Iterable[Valeur], publiees: Iterable[Valeur]) -> list[Valeur]:
    """Return the values that are not the same on both sides; numbers compare as such, whatever zeros end them."""
    attendues, lues = ({v[:6]: v for v in valeurs} for valeurs in (recalculees, publiees))
    return [
        attendues.get(c) or lues[c] for c in attendues.keys() | lues.keys() if attendues.get(c) != lues.get(c)
    ]


def build_profil(comptes: ComptesParCaf) -> Profil:
    """Return the counts as the gate judges them: a row a Caf, and the nation's."""
    import pandas as pd

    def build(codes: list[str]) -> pd.DataFrame:
        return pd.DataFrame([{CLE: code, **comptes[code]} for code in codes])

    return Profil(build([c for c in comptes if c != NATION]), build([NATION]), {})
