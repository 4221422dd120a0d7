"""Which Caf a run drops: every one, or those that a person names."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.sql import run_sql


def drops_lots(entrepot: Connection, mois: Mois) -> bool:
    """Tell whether the published month drops lots.

    Raises:
        ErreurAllerVers: the month is not published.
    """
    depot = run_sql(entrepot, "lots/select_publication.sql", mois=mois).scalar_one_or_none()
    if depot is None:
        raise ErreurAllerVers(
            f"Le mois {mois} n'est pas publié.", "exécuter d'abord « Requête nationale » pour ce mois."
        )
    return bool(depot)


def choose_caf(entrepot: Connection, mois: Mois, demandees: Sequence[str] = ()) -> list[str]:
    """Return the codes of the Caf whose lot is to be written; none for a month that drops nothing.

    Args:
        entrepot: the warehouse.
        mois: a published month.
        demandees: codes that a person asked for; none: every Caf whose copies of the month are not destroyed.

    Raises:
        ErreurAllerVers: the month is not published, or what is asked for cannot be dropped.
    """
    if not drops_lots(entrepot, mois):
        if demandees:
            raise ErreurAllerVers(
                f"Le mois {mois} a été publié sans dépôt : il n'a pas de lot.",
                "exécuter « Requête nationale » pour ce mois avec « Déposer les lots : oui ».",
            )
        return []
    detruites = {
        c.code_caf: c.detruit
        for c in run_sql(entrepot, "lots/select_a_deposer.sql", mois=mois, nation=NATION)
    }
    _require_known(demandees, detruites)
    mortes = [code for code in (sorted(set(demandees)) or detruites) if detruites[code]]
    if mortes and (demandees or len(mortes) == len(detruites)):
        raise ErreurAllerVers(
            f"Le mois {mois} a été détruit pour {_name(mortes)} : il n'est plus jamais déposé.",
            "ne rien relancer pour ce mois ; sa trace reste dans le journal du suivi.",
        )
    return [code for code in (sorted(set(demandees)) or detruites) if not detruites[code]]


def _require_known(demandees: Sequence[str], connues: dict[str, bool]) -> None:
    inconnus = [code for code in demandees if code not in connues]
    if inconnus:
        raise ErreurAllerVers(
            f"Code de Caf inconnu : {', '.join(str(code)[:10] for code in inconnus[:5])}.",
            "donner des codes à trois chiffres de include/reference/caf.csv, par exemple 831.",
        )


def _name(codes: list[str]) -> str:
    return f"{len(codes)} Caf" if len(codes) > 5 else f"la Caf {', '.join(codes)}"
