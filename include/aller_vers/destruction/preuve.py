"""The proof, every day: nothing of what is certified destroyed has come back."""

from __future__ import annotations

from sqlalchemy import Connection

from aller_vers.destruction.lieux import TABLES, count_tables, list_caf
from aller_vers.partage.partage import Partage
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.sql import run_sql


def prove_destructions(entrepot: Connection, partage: Partage) -> dict[str, int]:
    """Look again for everything whose destruction is certified.

    Returns:
        ``mois`` and ``lots`` that were looked for.

    Raises:
        ErreurAllerVers: some of it is back; every place is named.
    """
    detruits = {(d.mois, d.code_caf) for d in run_sql(entrepot, "destruction/select_detruits.sql")}
    mois = {m for m, code in detruits if code == NATION}
    lots = {(m, code) for m, code in detruits if code != NATION}
    restes = _find_in_share(partage, mois, lots) + _find_in_tables(entrepot, mois, lots)
    if restes:
        raise ErreurAllerVers(
            f"Des données attestées détruites sont revenues : {' ; '.join(restes[:10])}"
            f"{' ; …' if len(restes) > 10 else ''}.",
            "les détruire aussitôt et chercher d'où elles viennent (sauvegarde restaurée, dossier recopié).",
        )
    return {"mois": len(mois), "lots": len(lots)}


def _find_in_share(partage: Partage, mois: set[str], lots: set[tuple[str, str]]) -> list[str]:
    return [
        f"le dossier {code}/{entree.nom} du partage"
        for code in list_caf(partage)
        for entree in partage.scan(code)
        if entree.nom in mois or (entree.nom, code) in lots
    ]


def _find_in_tables(entrepot: Connection, mois: set[str], lots: set[tuple[str, str]]) -> list[str]:
    presents = set(run_sql(entrepot, "destruction/select_partitions.sql", tables=list(TABLES)).scalars())
    cibles: list[tuple[str, str | None]] = [(m, None) for m in sorted(mois & presents)]
    cibles += [(m, code) for m, code in sorted(lots) if m in presents - mois]
    return [
        f"{count(nombre, 'ligne', feminin=True)} de {m} dans {lieu}"
        for m, code in cibles
        for lieu, nombre in count_tables(entrepot, m, code).items()
        if nombre
    ]
