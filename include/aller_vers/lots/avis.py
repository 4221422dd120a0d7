"""Notices of the lots: what a Caf is told of its own, and the digest of the national team. No personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from aller_vers.lots.a_deposer import drops_lots
from aller_vers.qualite.libelles import explain_motif
from aller_vers.socle.francais import count, write_de, write_jour, write_nombre
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.avis import queue_avis


@dataclass(frozen=True)
class AvisLot:
    """What a notice says; ``lieu`` and ``retours`` are folders as its Caf knows them, ``cpam`` who may receive it."""

    mois: Mois
    nom_caf: str
    version: int
    remplace: int | None
    motif: str
    lignes: int
    fichiers: int
    lieu: str
    retours: str
    cpam: tuple[str, ...]
    commune: bool
    a_transmettre_avant: date
    purge_le: date


def build_depot(avis: AvisLot, *, reprise: bool) -> tuple[str, str]:
    """Return subject and text for a lot that stands; ``reprise``: it stood already, and its suspension ends."""
    suite = "" if avis.version == 1 else f", version {avis.version}"
    objet = f"Proches aidants : lot {write_de(avis.mois.libelle)}{suite}"
    if reprise:
        objet += ", suspension levée"
    paragraphes = [
        f"Le lot {write_de(avis.mois.libelle)} de votre caisse ({avis.nom_caf}) est sur le partage, dans\n{avis.lieu}",
        _count(avis),
    ]
    if reprise:
        paragraphes.insert(
            0, f"La suspension de la version {avis.version} est levée : elle est de nouveau bonne."
        )
    if avis.remplace:
        paragraphes.append(
            f"Il remplace la version {avis.remplace} ({avis.motif}), à ne plus utiliser. Si elle est déjà "
            "transmise, prévenez la Cpam : elle détruit l'ancien fichier et n'emploie que celui-ci."
        )
    if avis.lignes:
        paragraphes.append(_consigne(avis))
    paragraphes.append(
        "La marche à suivre est dans LISEZMOI.txt, à côté du lot. Ce dossier sera vidé au plus tard le "
        f"{write_jour(avis.purge_le)}."
    )
    return objet, "\n\n".join(paragraphes)


def build_suspension(mois: Mois, nom_caf: str, version: int, lieu: str) -> tuple[str, str]:
    """Return subject and text for a lot that is not to be sent until the national team has decided."""
    return (
        f"Proches aidants : lot {write_de(mois.libelle)} suspendu",
        f"Le lot {write_de(mois.libelle)} de votre caisse ({nom_caf}), version {version}, est suspendu : une nouvelle "
        "extraction de ce mois est en cours de vérification par l'équipe nationale.\n\n"
        f"S'il n'est pas encore transmis, ne le transmettez pas ({lieu}). S'il l'est déjà, demandez à la Cpam de ne "
        f"plus s'en servir et de le détruire, puis déposez dans retours/ le modèle CERTIFICATS_…_v{version}.xlsx de "
        "retours/modeles/, avec le jour où elle l'a détruit.\n\n"
        "Vous serez prévenus dès que la suspension sera levée, ou qu'une nouvelle version le remplacera.",
    )


def _count(avis: AvisLot) -> str:
    if not avis.lignes:
        return "Personne n'est à transmettre ce mois-ci : il n'y a rien à faire. Un mois vide est normal."
    fichiers = "" if avis.fichiers == 1 else f", en {count(avis.fichiers, 'fichier')}"
    return f"Nombre de personnes : {write_nombre(avis.lignes)}{fichiers}."


def _consigne(avis: AvisLot) -> str:
    echeance = f"À faire au plus tard le {write_jour(avis.a_transmettre_avant)}"
    if avis.commune:
        envoi = "remettre le fichier au service Maladie de votre caisse"
    else:
        chacune = " (à chacune ses seules personnes)" if len(avis.cpam) > 1 else ""
        envoi = (
            f"l'envoyer par BlueFiles ou PEPS, et par aucun autre moyen, à : {', '.join(avis.cpam)}{chacune}"
        )
    return f"{echeance} : {envoi} ; puis compléter l'accusé et le déposer dans\n{avis.retours}"


def queue_digest(entrepot: Connection, mois: Mois) -> dict[str, int]:
    """Put the month's digest into the outbox; the same figures again add no second notice.

    Returns:
        ``deposes``, ``vides``, ``retenus`` (lots) and ``personnes``.
    """
    bilan = run_sql(entrepot, "lots/select_bilan.sql", mois=mois).one()
    comptes = {
        "deposes": bilan.deposes, "vides": bilan.vides, "retenus": bilan.retenus, "personnes": bilan.personnes
    }  # fmt: skip
    if drops_lots(entrepot, mois):
        tenus = [
            f"{libelle} ({explain_motif(motif or 'sans raison')})"
            for libelle, motif in zip(bilan.caf_retenues, bilan.motifs, strict=True)
        ]
        retenues = f" Retenus : {' ; '.join(tenus)}." if tenus else ""
        queue_avis(
            entrepot,
            cle="/".join(
                ["depots", str(mois), "-".join(str(n) for n in comptes.values())]
                + [libelle.partition(" ")[0] for libelle in bilan.caf_retenues]
            ),
            destinataire="equipe_nationale",
            objet=f"Proches aidants : lots {write_de(mois.libelle)}",
            corps=f"{count(bilan.deposes, 'lot déposé et relu')}, dont {count(bilan.vides, 'vide')}, pour "
            f"{count(bilan.personnes, 'personne', feminin=True)} ; {count(bilan.retenus, 'lot retenu')}.{retenues}",
        )
    return comptes
