"""The life of conventions: how many Caf have signed theirs, which end and are told to their Caf before they do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from aller_vers.socle.francais import write_jour
from aller_vers.socle.referentiel import JOURS_CONVENTION
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.avis import EQUIPE, queue_avis


@dataclass(frozen=True)
class Finissante:
    """A convention that has ended or soon does, and that no signed one follows."""

    code_caf: str
    libelle: str
    code_cpam: str
    nom_cpam: str
    date_fin: date

    def write_constat(self, jour: date) -> str:
        """Return what there is to know of it on this day, as a sentence without its full stop."""
        finie = "a pris" if self.date_fin < jour else "prend"
        return f"La convention avec {self.nom_cpam} {finie} fin le {write_jour(self.date_fin)}, aucune ne la suit"


@dataclass(frozen=True)
class Signatures:
    """Caf whose every convention is signed and has not ended; those of which one at least is still to sign."""

    nb_caf: int
    nb_signees: int
    nb_a_signer: int


def count_signatures(connexion: Connection, jour: date) -> Signatures:
    """Count the Caf that have done what IT 2025-098 asks: its elements in a convention that is signed."""
    return Signatures(**run_sql(connexion, "suivi/count_conventions.sql", jour=jour).one()._mapping)


def list_finissantes(connexion: Connection, jour: date) -> tuple[Finissante, ...]:
    """Return what ends within the first delay of alert, or has ended, first to end first."""
    fin = jour + timedelta(days=JOURS_CONVENTION[0])
    lignes = run_sql(connexion, "suivi/select_conventions_finissantes.sql", jour=jour, fin=fin)
    return tuple(Finissante(**ligne._mapping) for ligne in lignes)


def remind_conventions(entrepot: Connection, jour: date) -> int:
    """Tell the Caf and the team of a convention that ends, once at each delay; return the number of new notices."""
    avis = 0
    for f in list_finissantes(entrepot, jour):
        # The last delay that was reached: after a silence, one notice and not all of them.
        palier = min(j for j in JOURS_CONVENTION if (f.date_fin - jour).days <= j)
        cle = f"convention/{f.code_caf}/{f.code_cpam}/{f.date_fin}/J-{palier}"
        objet = f"Proches aidants : convention avec la Cpam {f.code_cpam}, fin le {write_jour(f.date_fin)}"
        suite = (
            f"{f.write_constat(jour)}. Sans convention signée et en vigueur, le lot est retenu (IT 2025-098 §2.2) : "
            "en signer une autre, et en donner la date, les signataires et la référence à l'équipe nationale."
        )
        avis += queue_avis(
            entrepot, cle=cle, destinataire=f"caf:{f.code_caf}", objet=objet, corps=suite
        ) + queue_avis(
            entrepot, cle=f"{cle}/equipe", destinataire=EQUIPE, objet=f"{objet}, Caf {f.libelle}",
            corps=f"Caf {f.libelle} : {suite}",
        )  # fmt: skip
    return avis
