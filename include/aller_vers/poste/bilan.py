"""The summary of a month, for the person who asked for it; read as ``av_pilotage``, which sees no person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from aller_vers.indicateurs import load_dictionnaire
from aller_vers.mois import Mois
from aller_vers.sql import run_sql

Instantane = dict[str, str]
_MOTIFS = {
    "opposition": "se sont opposés au contact",
    "affiliation_terminee": "ne sont plus affiliés",
    "sans_contact": "n'ont ni courriel ni téléphone utilisable",
    "quarantaine": "sont en quarantaine (règle bloquante)",
}
_PORTES = {"requete": "de la requête", "depots": "des lots relus"}


@dataclass(frozen=True)
class Changements:
    """What a run did to the files of a month's lots, by comparing their bytes before and after."""

    avant: int
    apres: int
    ecrits: int

    @property
    def phrase(self) -> str:
        """The sentence of the summary."""
        if self.avant and not self.ecrits and self.avant == self.apres:
            return f"Aucun octet n'a changé : les {self.apres} fichiers des lots sont les mêmes qu'avant."
        return f"{self.ecrits} fichiers écrits ou modifiés ; {self.apres} fichiers en tout."


def take_instantane(partage: Path, mois: Mois) -> Instantane:
    """Return the SHA-256 of every file of the month's lots, by path."""
    return {
        str(fichier.relative_to(partage)): hashlib.sha256(fichier.read_bytes()).hexdigest()
        for fichier in sorted(partage.glob(f"*/{mois}/**/*"))
        if fichier.is_file()
    }


def compare(avant: Instantane, apres: Instantane) -> Changements:
    """Return what changed between two pictures of the same month."""
    return Changements(len(avant), len(apres), sum(avant.get(nom) != octets for nom, octets in apres.items()))


def print_bilan(
    console: Console,
    pilotage: Connection,
    mois: Mois,
    partage: Path,
    secondes: dict[str, float],
    changements: Changements,
    *,
    a_blanc: bool,
) -> None:
    """Print the summary of the month; of a dry run, its verdicts alone."""
    if a_blanc:
        console.print(
            f"Proches aidants, {mois.libelle}, à blanc : compté et jugé, rien n'est publié ni déposé."
        )
        _print_verdicts(console, pilotage, mois)
        return
    comptes = {
        (ligne.mesure, ligne.modalite): int(ligne.valeur)
        for ligne in run_sql(pilotage, "poste/select_mesures.sql", mois=str(mois))
    }
    table = Table(title=f"Proches aidants, {mois.libelle}", title_justify="left", show_header=False, box=None)
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_row("Demandeurs", _format(comptes.get(("demandeurs", "tous"))))
    table.add_row("  dont AJPA", _format(comptes.get(("demandeurs", "ajpa"))))
    table.add_row("  dont AJPP", _format(comptes.get(("demandeurs", "ajpp"))))
    table.add_row("Transmissibles à leur Cpam", _format(comptes.get(("contacts_utilisables", "tous"))))
    for motif, texte in _MOTIFS.items():
        table.add_row(f"Écartés : {texte}", _format(comptes.get(("ecartes", motif))))
    console.print(table)
    _print_verdicts(console, pilotage, mois)
    deposes, attendus = comptes.get(("lots", "deposes")), comptes.get(("lots", "attendus"))
    if attendus:
        vides, retenus = comptes.get(("lots", "vides"), 0), comptes.get(("lots", "retenus"), 0)
        console.print(
            f"\nLots déposés : {deposes} sur {attendus} (sans personne : {vides} ; retenus : {retenus})",
            highlight=False,
        )
        console.print(f"Ils sont dans {partage}/<code_caf>/{mois}/", highlight=False, soft_wrap=True)
        console.print(changements.phrase, highlight=False)
    else:
        console.print(
            "\nCe mois ne dépose aucun lot (à blanc, rattrapage, ou avant le premier mois de dépôt)."
        )
    _print_indicateurs(console, pilotage, mois)
    durees = ", ".join(f"{dag} {duree:.0f} s" for dag, duree in secondes.items())
    console.print(f"\nDurées : {durees}.", highlight=False)


def _print_verdicts(console: Console, pilotage: Connection, mois: Mois) -> None:
    lignes = run_sql(pilotage, "poste/select_verdicts.sql", mois=str(mois)).all()
    console.print()
    for ligne in lignes:
        console.print(
            f"Qualité {_PORTES.get(ligne.gate, ligne.gate)} : {ligne.conformes} Caf conformes, "
            f"{ligne.avertissements} avec avertissement, {ligne.retenues} retenues ; "
            f"nation : {ligne.nation}.",
            highlight=False,
            soft_wrap=True,
        )


def _print_indicateurs(console: Console, pilotage: Connection, mois: Mois) -> None:
    table = Table(title="Premiers indicateurs, nation", title_justify="left", show_header=False, box=None)
    table.add_column()
    table.add_column(justify="right")
    definitions = {(i.code, i.version): i for i in load_dictionnaire()}
    for ligne in run_sql(pilotage, "poste/select_indicateurs.sql", mois=str(mois)):
        definition = definitions.get((ligne.code, ligne.version))
        if ligne.statut != "fourni":
            valeur = {"non_fourni": "non fourni", "sans_objet": "sans objet"}[ligne.statut]
        elif definition is not None and definition.unite == "part":
            valeur = f"{ligne.valeur * 100:.1f} %".replace(".", ",")
        elif ligne.valeur == int(ligne.valeur):
            valeur = _format(int(ligne.valeur))
        else:
            valeur = f"{ligne.valeur:.2f}".replace(".", ",")
        table.add_row(definition.libelle if definition else ligne.code, valeur)
    console.print()
    console.print(table)


def _format(nombre: int | None) -> str:
    return "non fourni" if nombre is None else f"{nombre:,}".replace(",", "\u202f")
