"""What the drop of a lot has to know first, and the version that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from aller_vers.lots.etat import Parole
from aller_vers.lots.manifeste import Manifeste
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import write_jour
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.sql import run_sql

AUCUNE_CONVENTION = "aucune convention en vigueur"
NON_SIGNEE = "aucune convention signée"
MODIFIE = "contenu modifié à la source"


@dataclass(frozen=True)
class CafDuMois:
    """A Caf in the published month: its verdict, who is set aside, its recipients."""

    code_caf: str
    nom: str
    libelle: str
    run_id: str
    ecartes: dict[str, int]
    verdict: str | None
    regles: dict[str, str]
    liberation: str | None
    cpam: dict[str, str]
    cpam_sans_convention: dict[str, str]
    commune: bool
    convention_signee: bool

    @property
    def refus(self) -> str | None:
        """Why nothing may be dropped, if so."""
        if self.verdict is None:
            return "non jugé"
        if self.verdict == "retenu" and self.liberation is None:
            fautes = sorted(r for r, v in self.regles.items() if v in ("retenu", "non_evalue"))
            return f"qualité : {', '.join(fautes) or 'verdict retenu'}"
        if self.cpam:
            return None
        return AUCUNE_CONVENTION if self.convention_signee else NON_SIGNEE


class Edition(NamedTuple):
    """The version under which a content is dropped."""

    version: int
    remplace: int | None
    motif: str
    cree_le: datetime
    neuve: bool


def load_caf_du_mois(entrepot: Connection, mois: Mois, code_caf: str, maintenant: datetime) -> CafDuMois:
    """Read a Caf of the published month.

    Raises:
        ErreurAllerVers: the month is not published, the Caf is unknown, or its copies of the month are destroyed.
    """
    detruit_le = run_sql(
        entrepot, "lots/select_destruction.sql", mois=mois, code_caf=code_caf, nation=NATION
    ).scalar_one()
    if detruit_le is not None:
        raise ErreurAllerVers(
            f"Le mois {mois} de la Caf {code_caf} a été détruit le {write_jour(detruit_le)} : il "
            "n'est plus jamais déposé.",
            "ne rien relancer pour ce mois ; sa trace reste dans le journal du suivi.",
        )
    ligne = run_sql(
        entrepot,
        "lots/select_caf.sql",
        mois=mois,
        code_caf=code_caf,
        jour=maintenant.astimezone(PARIS).date(),
    ).one_or_none()
    if ligne is None:
        raise ErreurAllerVers(
            f"Rien à déposer pour la Caf {code_caf} : le mois {mois} n'est pas publié, "
            "ou la Caf est inconnue.",
            "exécuter d'abord « Requête nationale » pour ce mois ; "
            "vérifier le code dans include/reference/caf.csv.",
        )
    return CafDuMois(
        ligne.code_caf, ligne.nom, ligne.libelle, ligne.run_id, ligne.ecartes, ligne.verdict, ligne.regles,
        ligne.liberation, ligne.cpam_conventionnees, ligne.cpam_sans_convention, ligne.commune,
        ligne.convention_signee,
    )  # fmt: skip


def choose_edition(
    courant: Manifeste | None,
    paroles: list[Parole],
    identite: str,
    maintenant: datetime,
    motif: str | None = None,
    autre_presentation: bool = False,
) -> Edition:
    """Return the version of this content; a number that the ledger gave once never names another content.

    Args:
        courant: what stands on the share.
        paroles: what the ledger said.
        identite: of the content to drop.
        maintenant: when a new version is made.
        motif: why a person asks for it again.
        autre_presentation: the same content is to be given in other files, as a person asks.
    """
    deposes = {p.version: p for p in paroles if p.etat == "depose"}
    derniere = max(deposes, default=0)
    if courant and courant.version >= derniere:
        if courant.identite == identite and not autre_presentation:
            return Edition(courant.version, courant.remplace, courant.motif, courant.cree_le, neuve=False)
        return Edition(courant.version + 1, courant.version, motif or MODIFIE, maintenant, neuve=True)
    if not derniere:
        return Edition(1, None, "premier dépôt", maintenant, neuve=True)
    # The share has lost what the ledger says was dropped.
    if deposes[derniere].preuve["identite"] == identite:
        remplace = max((version for version in deposes if version < derniere), default=None)
        return Edition(derniere, remplace, deposes[derniere].motif, maintenant, neuve=False)
    return Edition(derniere + 1, derniere, motif or MODIFIE, maintenant, neuve=True)
