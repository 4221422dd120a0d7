"""What the ledger and the outbox say of a lot: after its manifest, in the transaction of its drop."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import Connection

from aller_vers.lots.avis import AvisLot, build_depot, build_suspension
from aller_vers.lots.etat import Parole
from aller_vers.lots.manifeste import Manifeste
from aller_vers.lots.version import AUCUNE_CONVENTION, CafDuMois
from aller_vers.partage.partage import Partage
from aller_vers.socle.calendrier import PARIS, add_jours_ouvres
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.avis import queue_avis
from aller_vers.suivi.evenements import record_evenement

_ACTEUR = "depots_caf"


def record_depot(
    entrepot: Connection,
    partage: Partage,
    reglages: Reglages,
    manifeste: Manifeste,
    caf: CafDuMois,
    paroles: list[Parole],
) -> None:
    """Record the lot that this manifest describes, what it replaces, and queue its notice: once a version."""
    lot: dict[str, Any] = {"mois": manifeste.mois, "code_caf": caf.code_caf, "acteur": _ACTEUR}
    apres = declare_depot(entrepot, manifeste, paroles)
    if manifeste.remplace:
        record_evenement(
            entrepot,
            **lot,
            version=manifeste.remplace,
            etat="remplace",
            motif=manifeste.motif,
            preuve={"par": manifeste.version},
        )
    if manifeste.lignes == 0:
        record_evenement(entrepot, **lot, version=manifeste.version, etat="rien_a_transmettre")
    if apres is None:
        return
    cle = f"{manifeste.mois}/{caf.code_caf}/v{manifeste.version}"
    objet, corps = build_depot(_describe(partage, reglages, manifeste, caf), reprise=bool(apres))
    queue_avis(
        entrepot,
        cle=f"reprise/{cle}/{apres}" if apres else f"depot/{cle}",
        destinataire=f"caf:{caf.code_caf}",
        objet=objet,
        corps=corps,
    )


def declare_depot(entrepot: Connection, manifeste: Manifeste, paroles: list[Parole]) -> int | None:
    """Make this lot the ledger's last word.

    Returns:
        None if it is already; 0 if this version was never said to be dropped; else the word that suspended it.
    """
    mois, code_caf, version = manifeste.mois, manifeste.code_caf, manifeste.version
    preuve: dict[str, Any] = {"identite": manifeste.identite, "lignes": manifeste.lignes}
    record_evenement(
        entrepot, mois=mois, code_caf=code_caf, version=version, etat="prepare", acteur=_ACTEUR, preuve=preuve
    )
    preuve["chemin"] = f"{code_caf}/{mois}/v{version}"
    contenu = manifeste.to_trace()
    empreinte = sha256(contenu.encode()).hexdigest()
    run_sql(
        entrepot, "lots/keep_manifeste.sql",
        mois=mois, code_caf=code_caf, version=version, empreinte=empreinte, contenu=contenu,
    )  # fmt: skip
    deposee = any(p.etat == "depose" and p.version == version for p in paroles)
    # A lot mended under its own version is the same word, though its manifest may have changed.
    apres = _declare(
        entrepot,
        mois,
        code_caf,
        version,
        "depose",
        manifeste.motif,
        preuve,
        paroles,
        {"manifeste": empreinte},
    )
    return 0 if apres is not None and not deposee else apres


def record_refus(
    entrepot: Connection,
    partage: Partage,
    reglages: Reglages,
    mois: Mois,
    caf: CafDuMois,
    courant: Manifeste | None,
    paroles: list[Parole],
) -> int:
    """Record that this Caf's lot is held. The version that stands is suspended if it holds somebody.

    Returns:
        The newest version that was dropped, 0 if none.
    """
    version = max([p.version for p in paroles if p.etat == "depose"] + [courant.version if courant else 0])
    suspendue = courant.version if courant and courant.lignes else None
    preuve: dict[str, Any] = {"execution": caf.run_id, **({"suspend": suspendue} if suspendue else {})}
    nouveau = _declare(entrepot, mois, caf.code_caf, version + 1, "retenu", str(caf.refus), preuve, paroles)
    if nouveau is not None and suspendue:
        lieu = locate(reglages, f"{caf.code_caf}/{mois}/v{suspendue}", partage.nom)
        objet, corps = build_suspension(mois, caf.nom, suspendue, lieu)
        queue_avis(
            entrepot,
            cle=f"suspension/{mois}/{caf.code_caf}/v{suspendue}/{nouveau}",
            destinataire=f"caf:{caf.code_caf}",
            objet=objet,
            corps=corps,
        )
    return version


def record_sans_convention(
    entrepot: Connection, mois: Mois, code_caf: str, version: int, exclus: dict[str, int]
) -> None:
    """Record the recipients whose people stay out of this version."""
    for code_cpam, lignes in sorted(exclus.items()):
        record_evenement(
            entrepot, mois=mois, code_caf=code_caf, version=version, code_cpam=code_cpam,
            etat="retenu", acteur=_ACTEUR, motif=AUCUNE_CONVENTION, preuve={"lignes": lignes},
        )  # fmt: skip


def locate(reglages: Reglages, chemin: str, adresse: str = "") -> str:
    """Return where a path of the share is, under the name by which the Caf know it, else the address, else none."""
    racine = (reglages.nom_partage or adresse).rstrip("/\\")
    if not racine:
        return chemin
    return f"{racine}\\{chemin}".replace("/", "\\") if "\\" in racine else f"{racine}/{chemin}"


def _describe(partage: Partage, reglages: Reglages, manifeste: Manifeste, caf: CafDuMois) -> AvisLot:
    jour = manifeste.cree_le.astimezone(PARIS).date()
    return AvisLot(
        mois=manifeste.mois,
        nom_caf=caf.nom,
        version=manifeste.version,
        remplace=manifeste.remplace,
        motif=manifeste.motif,
        lignes=manifeste.lignes,
        fichiers=sum(f.lignes is not None for f in manifeste.fichiers),
        lieu=locate(reglages, f"{caf.code_caf}/{manifeste.mois}/v{manifeste.version}", partage.nom),
        retours=locate(reglages, f"{caf.code_caf}/retours", partage.nom),
        cpam=tuple(f"{code} {nom}" for code, nom in sorted(caf.cpam.items())),
        commune=caf.commune,
        a_transmettre_avant=add_jours_ouvres(jour, reglages.jours_ouvres_transmission, caf.code_caf),
        purge_le=manifeste.purge_le,
    )


def _declare(
    entrepot: Connection, mois: Mois, code_caf: str, version: int, etat: Literal["depose", "retenu"],
    motif: str, preuve: dict[str, Any], paroles: list[Parole], jointe: Mapping[str, Any] = MappingProxyType({}),
) -> int | None:  # fmt: skip
    """Make this the ledger's last word on the lot: None if it is already, else the number of what it follows.

    The proof names the word that it follows: a lot that is held, then released, is said to stand again. ``jointe``
    is proof too, but another one does not make another word.
    """
    apres = 0
    if paroles:
        derniere = paroles[-1]
        memes = all(derniere.preuve.get(cle) == valeur for cle, valeur in preuve.items())
        if memes and (derniere.etat, derniere.version, derniere.motif) == (etat, version, motif):
            return None
        apres = derniere.id
        preuve = {**preuve, "apres": apres}
    record_evenement(
        entrepot, mois=mois, code_caf=code_caf, version=version, etat=etat, acteur=_ACTEUR, motif=motif,
        preuve={**preuve, **jointe},
    )  # fmt: skip
    return apres
