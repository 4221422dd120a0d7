"""A source of a few people, written as sentences, in any database that SQLAlchemy reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from aller_vers.requete.extraction import COLONNES, Extraction, extract_demandeurs
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import replace_partition

JUIN = Mois(2025, 6)
JOUR = date(2025, 7, 1)
NATURES = ("initiale", "renouvellement")
Demande = tuple[str, str, str]
AJPA: Demande = ("AJPA", "initiale", "2025-06-10")
AJPP: Demande = ("AJPP", "initiale", "2025-06-20")


@dataclass
class Source:
    """The source's tables, filled one applicant at a time."""

    connexion: Connection
    numeros: dict[str, int] = field(default_factory=lambda: {"demande": 0})

    def add(
        self,
        id_personne: int,
        *demandes: Demande,
        caf: str = "831",
        caf_au_depot: str = "831",
        pivot: str = "831",
        opposition: bool | None = False,
        fin_affiliation: str | None = None,
        courriel: str | None = "claire@example.org",
        telephone: str | None = "0199001234",
        code_postal: str | None = "83000",
    ) -> None:
        """Add a person in a dossier of their own, and their applications (benefit, nature, day)."""
        self._insert(
            "dossier", id_dossier=id_personne, code_caf=caf, code_postal=code_postal,
            date_fin_affiliation=fin_affiliation,
        )  # fmt: skip
        self._insert(
            "personne", id_personne=id_personne, id_dossier=id_personne, courriel=courriel,
            telephone=telephone, opposition_contact=opposition,
        )  # fmt: skip
        for demande in demandes:
            self.apply(id_personne, demande, caf_au_depot=caf_au_depot, pivot=pivot)

    def apply(
        self, id_personne: int, demande: Demande, *, caf_au_depot: str = "831", pivot: str = "831"
    ) -> None:
        """Add an application of a person."""
        self.numeros["demande"] += 1
        prestation, nature, jour = demande
        self._insert(
            "demande", id_demande=self.numeros["demande"], id_personne=id_personne, code_caf=caf_au_depot,
            code_caf_gestionnaire=pivot, prestation=prestation, nature=nature, date_depot=jour,
            etat="deposee",
        )  # fmt: skip

    def execute(self, *ordres: str) -> None:
        """Run statements as they stand."""
        for ordre in ordres:
            self.connexion.exec_driver_sql(ordre)

    def _insert(self, table: str, **valeurs: Any) -> None:
        noms = ", ".join(valeurs)
        places = ", ".join(f":{nom}" for nom in valeurs)
        self.connexion.execute(text(f"INSERT INTO {table} ({noms}) VALUES ({places})"), valeurs)


def extract(
    source: Source,
    entrepot: Connection,
    mois: Mois = JUIN,
    natures: tuple[str, ...] = NATURES,
    jour: date = JOUR,
) -> Extraction:
    """Extract the month as ``av_etl``."""
    return extract_demandeurs(source.connexion, entrepot, mois, natures, jour)


def read_extrait(entrepot: Connection, mois: Mois = JUIN) -> list[dict[str, str | None]]:
    """Return the month's extract by person; ``ligne`` is left out: its order is the source's own."""
    lignes = entrepot.execute(
        text(
            f"SELECT {', '.join(COLONNES)} FROM staging.demandeur_brut WHERE mois = :mois "
            "ORDER BY id_personne, courriel"
        ),
        {"mois": str(mois)},
    )
    return [dict(ligne) for ligne in lignes.mappings()]


CODES_POSTAUX = {"751": "75001", "831": "83000", "971": "97110"}


def load_net(entrepot: Connection, *lignes: Mapping[str, str | None], mois: Mois = JUIN) -> None:
    """Replace the cleaned month: one transmissible person of the Var a row, but for what is said."""
    replace_partition(entrepot, "staging.demandeur", str(mois))
    for rang, ligne in enumerate(lignes, start=1):
        code_postal = CODES_POSTAUX.get(ligne.get("code_caf") or "831", "83000")
        valeurs: dict[str, object] = {
            "mois": str(mois), "ligne": rang, "id_personne": str(1000 + rang), "code_caf": "831",
            "code_caf_gestionnaire": "831", "demandes_ajpa": "1", "demandes_ajpp": "0",
            "demandes_autres": "0",
            "date_premier_depot": f"{mois}-10", "date_dernier_depot": f"{mois}-10",
            "courriel": f"claire{rang}@example.org", "telephone": "0199001234", "code_postal": code_postal,
            "opposition_contact": "0", "affiliation_terminee": "0",
            "courriel_net": f"claire{rang}@example.org", "telephone_net": "01 99 00 12 34",
            "code_postal_net": code_postal, "motifs": "{}",
        **ligne,
        }  # fmt: skip
        places = ", ".join(f":{nom}" for nom in valeurs)
        entrepot.execute(
            text(f"INSERT INTO staging.demandeur ({', '.join(valeurs)}) VALUES ({places})"),
            valeurs,
        )


OPPOSEE: dict[str, str | None] = {
    "opposition_contact": "1", "courriel": None, "telephone": None, "code_postal": None,
    "courriel_net": None, "telephone_net": None, "code_postal_net": None,
}  # fmt: skip
PARTIE = OPPOSEE | {"opposition_contact": "0", "affiliation_terminee": "1"}
SANS_CONTACT: dict[str, str | None] = {
    "courriel": "néant", "telephone": "0000000000", "courriel_net": None, "telephone_net": None,
}  # fmt: skip
