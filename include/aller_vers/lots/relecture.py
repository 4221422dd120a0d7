"""Lots read back from the share: what a Caf finds there is what core holds and what the ledger says."""

from __future__ import annotations

import io
from zipfile import BadZipFile

from sqlalchemy import Connection

from aller_vers.erreurs import ErreurAllerVers
from aller_vers.lots.contenu import COLONNES
from aller_vers.lots.depot import find_courant, is_intact
from aller_vers.lots.fichiers import SANS_CONVENTION
from aller_vers.lots.manifeste import Manifeste, ManifesteIllisibleError
from aller_vers.lots.partage import Partage
from aller_vers.lots.presentation import TrouverSecret, count_csv, decrypt, has_no_secret
from aller_vers.mois import Mois
from aller_vers.sql import run_sql
from aller_vers.verdicts import Jugement, Manquement, decide, save_jugement

GATE = "depots"


def select_caf_a_deposer(entrepot: Connection, mois: Mois) -> list[str]:
    """Return the codes of every Caf, if the published month drops lots; none otherwise.

    Raises:
        ErreurAllerVers: the month is not published.
    """
    depot = run_sql(entrepot, "depots_caf/select_publication.sql", mois=str(mois)).scalar_one_or_none()
    if depot is None:
        raise ErreurAllerVers(
            f"Le mois {mois} n'est pas publié.", "exécuter d'abord requete_nationale pour ce mois."
        )
    return (
        [c.code_caf for c in run_sql(entrepot, "depots_caf/select_attendus.sql", mois=str(mois))]
        if depot
        else []
    )


def check_mois(
    entrepot: Connection,
    partage: Partage,
    mois: Mois,
    run_id: str,
    trouver_secret: TrouverSecret = has_no_secret,
) -> Jugement:
    """Read the month's lots back, if it drops any, and record the verdicts of the gate « depots »."""
    if not select_caf_a_deposer(entrepot, mois):
        return decide((), ())
    jugement = check_lots(entrepot, partage, mois, trouver_secret)
    save_jugement(entrepot, str(mois), GATE, run_id, jugement)
    return jugement


def check_lots(
    entrepot: Connection, partage: Partage, mois: Mois, trouver_secret: TrouverSecret = has_no_secret
) -> Jugement:
    """Read every lot of the month back; of encrypted files without their secret, the bytes alone.

    Returns:
        A decision for each Caf: a lot that is missing without a named reason, damaged, or other than core and
        the ledger say is ``retenu``.
    """
    attendus = run_sql(entrepot, "depots_caf/select_attendus.sql", mois=str(mois)).all()
    manquements = [
        Manquement(attendu.code_caf, regle, "critical", None)
        for attendu in attendus
        if (
            regle := _find_defect(
                partage,
                mois,
                attendu.code_caf,
                attendu.etat,
                (attendu.version, attendu.identite),
                attendu.lignes,
                trouver_secret,
            )
        )
    ]
    return decide((attendu.code_caf for attendu in attendus), manquements)


def _find_defect(
    partage: Partage,
    mois: Mois,
    code_caf: str,
    etat: str | None,
    edition: tuple[int | None, str | None],
    lignes: int,
    trouver_secret: TrouverSecret,
) -> str | None:
    if etat in ("retenu", "expire"):
        return None
    dossier = f"{code_caf}/{mois}"
    try:
        manifeste = find_courant(partage, dossier)
    except ManifesteIllisibleError:
        return "manifeste_illisible"
    if manifeste is None:
        return "lot_absent"
    du_lot = (manifeste.code_caf, manifeste.mois) == (code_caf, str(mois))
    if etat != "depose" or (manifeste.version, manifeste.identite) != edition or not du_lot:
        return "registre_different"
    if not is_intact(partage, dossier, manifeste):
        return "fichier_altere"
    retenues = manifeste.ecartes.get(SANS_CONVENTION, 0)
    secret = trouver_secret(code_caf) if manifeste.chiffre else None
    lues = _count_lines(partage, dossier, manifeste, secret)
    if manifeste.lignes + retenues != lignes or lues != manifeste.lignes:
        return "lignes_differentes"
    return None


def _count_lines(partage: Partage, dossier: str, manifeste: Manifeste, secret: str | None) -> int | None:
    """Return the number of people in the lot's files; None if one is not just three columns of text."""
    if manifeste.chiffre and not secret:
        return manifeste.lignes
    total = 0
    for fichier in manifeste.fichiers:
        if fichier.lignes is None:
            continue
        octets = partage.read(f"{dossier}/v{manifeste.version}/{fichier.nom}") or b""
        if secret:
            octets = decrypt(octets, secret) or b""
        lignes = count_csv(octets) if manifeste.format == "csv" else _count_lignes(octets)
        if lignes is None or lignes != fichier.lignes:
            return None
        total += lignes
    return total


def _count_lignes(octets: bytes) -> int | None:
    from openpyxl import load_workbook

    try:
        feuilles = load_workbook(io.BytesIO(octets), read_only=True).worksheets
    except (BadZipFile, KeyError, ValueError):
        return None
    rangees = list(feuilles[0].iter_rows()) if len(feuilles) == 1 else []
    if not rangees or tuple(cellule.value for cellule in rangees[0]) != COLONNES:
        return None
    for rangee in rangees[1:]:
        if len(rangee) > len(COLONNES) or any(c.value is not None and c.data_type != "s" for c in rangee):
            return None
        if not any(c.value for c in rangee[:2]):  # nobody: neither e-mail nor telephone
            return None
    return len(rangees) - 1
