"""The proof, every day: nothing of what is certified destroyed has come back."""

from __future__ import annotations

from sqlalchemy import Connection

from aller_vers.destruction.lieux import count_tables, list_mois_tenus
from aller_vers.destruction.lots_inconnus import scan_mois
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
    presents = set(list_mois_tenus(entrepot))
    poses = [(entree.nom, code_caf) for entree, code_caf in scan_mois(partage)]
    # Only what is there can be back: the ledger is asked for these months, not for all that it has seen go.
    suspects = sorted(presents | {mois for mois, _ in poses})
    detruits = {
        (d.mois, d.code_caf) for d in run_sql(entrepot, "destruction/select_detruits.sql", mois=suspects)
    }
    mois = {m for m, code in detruits if code == NATION}
    restes = [f"le dossier {code}/{m} du partage" for m, code in poses if m in mois or (m, code) in detruits]
    restes += _find_in_tables(entrepot, mois & presents, {d for d in detruits if d[0] in presents - mois})
    if restes:
        raise ErreurAllerVers(
            f"Des données attestées détruites sont revenues : {' ; '.join(restes[:10])}"
            f"{' ; …' if len(restes) > 10 else ''}.",
            "les détruire aussitôt et chercher d'où elles viennent (sauvegarde restaurée, dossier recopié).",
        )
    comptes = run_sql(entrepot, "destruction/count_detruits.sql", nation=NATION).one()
    return {"mois": comptes.mois, "lots": comptes.lots}


def _find_in_tables(entrepot: Connection, mois: set[str], lots: set[tuple[str, str]]) -> list[str]:
    cibles: list[tuple[str, str | None]] = [*((m, None) for m in sorted(mois)), *sorted(lots)]
    return [
        f"{count(nombre, 'ligne', feminin=True)} de {m} dans {lieu}"
        for m, code in cibles
        for lieu, nombre in count_tables(entrepot, m, code).items()
        if nombre
    ]
