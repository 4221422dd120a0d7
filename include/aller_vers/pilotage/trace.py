"""« Trace »: what the ledger says; certificates of destruction, ours and those of the Cpam."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from aller_vers.qualite.libelles import explain_motif
from aller_vers.socle.erreurs import IntrouvableError
from aller_vers.socle.francais import write_de
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.etats import name_etat


@dataclass(frozen=True)
class Evenement:
    """A line of the ledger, in words."""

    id: int
    mois: str
    code_caf: str
    libelle: str
    version: int
    destinataire: str | None
    etat: str
    acteur: str
    motif: str | None
    le: datetime
    hash: str


def load_evenements(
    pilotage: Connection, mois: str | None = None, code_caf: str | None = None, version: int | None = None
) -> list[Evenement]:
    """Return at most 300 events, newest first: of a lot, a Caf or a month."""
    return [
        Evenement(
            e.id, e.mois, e.code_caf, e.libelle, e.version, e.nom_cpam or e.code_cpam, name_etat(e.etat),
            e.acteur, explain_motif(e.motif) if e.motif else None, e.cree_le, e.hash,
        )
        for e in run_sql(
            pilotage, "pilotage/select_evenements.sql", mois=mois, code_caf=code_caf, version=version
        )
    ]  # fmt: skip


@dataclass(frozen=True)
class Certificat:
    """Our own copies of a lot, or of a whole month, were destroyed; ``lignes``: how many of each table."""

    id: int
    mois: Mois
    code_caf: str
    quoi: str
    version: int
    cause: str
    acteur: str
    execution: str
    entreprise_le: datetime | None
    certifie_le: datetime
    lignes: Mapping[str, int]
    identites: Mapping[str, str]
    reste: int
    hash: str

    @property
    def national(self) -> bool:
        """Whether it is of a whole month, and not of a lot."""
        return self.code_caf == NATION


@dataclass(frozen=True)
class DestructionCpam:
    """A version that a Cpam destroys since it treated it, or since it no longer stands; None: not told."""

    mois: Mois
    code_caf: str
    libelle: str
    version: int
    nom_cpam: str
    place: str
    depuis: date | None
    a_detruire_avant: date | None
    date_destruction: date | None

    @property
    def raison(self) -> str:
        """Why it is destroyed."""
        return {"en_place": "traitée", "remplacee": "remplacée", "retenue": "retenue"}[self.place]

    def is_late(self, jour: date) -> bool:
        """Tell whether it was to be certified by now, or was certified too late."""
        return self.a_detruire_avant is not None and (self.date_destruction or jour) > self.a_detruire_avant


def load_certificats(
    pilotage: Connection, mois: str | None = None, code_caf: str | None = None
) -> tuple[Certificat, ...]:
    """Return our certificates, newest first, at most a hundred: of a month, of a Caf, or all."""
    return tuple(
        _build_certificat(c)
        for c in run_sql(
            pilotage, "pilotage/select_certificats.sql", mois=mois, code_caf=code_caf, numero=None
        )
    )


def find_certificat(pilotage: Connection, numero: int) -> Certificat:
    """Return one certificate by the number of its event.

    Raises:
        IntrouvableError: the ledger has no such certificate.
    """
    lu = run_sql(
        pilotage, "pilotage/select_certificats.sql", mois=None, code_caf=None, numero=numero
    ).one_or_none()
    if lu is None:
        raise IntrouvableError(
            f"La trace n'a pas de certificat de destruction {numero}.", "le choisir dans « Trace »."
        )
    return _build_certificat(lu)


def load_destructions_cpam(
    pilotage: Connection, mois_certificat: int, mois: str | None, code_caf: str | None, depuis: Mois | None
) -> tuple[DestructionCpam, ...]:
    """Return what the Cpam have certified, or have to, newest months first; at most two hundred.

    ``depuis``: the first month shown where neither a month nor a Caf is asked for.
    """
    return tuple(
        DestructionCpam(
            Mois.parse(d.mois), d.code_caf, d.libelle, d.version, d.nom_cpam, d.place,
            d.depuis or d.date_fin_traitement, d.a_detruire_avant, d.date_destruction,
        )
        for d in run_sql(pilotage,
            "pilotage/select_destructions_cpam.sql",
            mois=mois, code_caf=code_caf, depuis=depuis, mois_certificat=mois_certificat,
        )
    )  # fmt: skip


def _build_certificat(c: object) -> Certificat:
    ligne = c._mapping  # type: ignore[attr-defined]
    mois, preuve = Mois.parse(ligne["mois"]), ligne["preuve"]
    entreprise = preuve.get("entreprise_le")
    return Certificat(
        ligne["id"], mois, ligne["code_caf"],
        f"Tables nationales {write_de(mois.libelle)}" if ligne["code_caf"] == NATION
        else f"Lot {ligne['libelle'] or ligne['code_caf']}, {mois.libelle}",
        ligne["version"], ligne["motif"] or "", ligne["acteur"], preuve.get("execution", ""),
        datetime.fromisoformat(entreprise) if entreprise else None, ligne["cree_le"],
        preuve.get("lignes_detruites", {}), preuve.get("identites", {}), preuve.get("reste", 0), ligne["hash"],
    )  # fmt: skip
