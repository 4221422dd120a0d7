"""The summary of a month, for the person who asked for it; read as ``av_pilotage``, which sees no person."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from aller_vers.indicateurs import load_dictionnaire
from aller_vers.pilotage.le_mois import count_indicateurs, load_portes
from aller_vers.poste.installation import Poste
from aller_vers.qualite.decisions import list_lots_retenus
from aller_vers.socle.francais import conjugate, count, write_de, write_nombre, write_part
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages
from aller_vers.socle.sql import run_sql

Instantane = dict[str, str]
_MOTIFS = {
    "opposition": "se sont opposés au contact",
    "affiliation_terminee": "ne sont plus affiliés",
    "deja_transmis": "ont déjà été transmis ces derniers mois",
    "sans_contact": "n'ont ni courriel ni téléphone utilisable",
    "quarantaine": "sont en quarantaine (règle bloquante)",
}
# A few of the dictionary, one or two of each kind of source; the report and the page show them all.
_PREMIERS = {
    "demandeurs", "taux_courriel_valide", "taux_transmissible", "taux_lots_deposes", "part_femmes_demandeurs",
    "taux_droits_ouverts_ajpa", "taux_multi_contactants_separation", "taux_reiteration",
}  # fmt: skip


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
            return f"Aucun octet n'a changé : tout est comme avant ({count(self.apres, 'fichier')} de lots)."
        ecrits = conjugate(self.ecrits, "fichier", "a été écrit ou modifié", "ont été écrits ou modifiés")
        return f"{ecrits} ; {count(self.apres, 'fichier')} en tout."


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
    poste: Poste,
    secondes: dict[str, float],
    changements: Changements,
    *,
    a_blanc: bool,
) -> None:
    """Print the summary of the month; of a dry run, its verdicts alone."""
    partage = poste.partage
    if a_blanc:
        console.print(
            f"Proches aidants, {mois.libelle}, à blanc : compté et jugé, rien n'est publié ni déposé."
        )
        _print_verdicts(console, pilotage, mois)
        return
    comptes = {
        (ligne.mesure, ligne.modalite): int(ligne.valeur)
        for ligne in run_sql(pilotage, "poste/select_mesures.sql", mois=mois)
    }
    table = Table(title=f"Proches aidants, {mois.libelle}", title_justify="left", show_header=False, box=None)
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_row("Demandeurs", _format(comptes.get(("demandeurs", "tous"))))
    table.add_row("  dont AJPA", _format(comptes.get(("demandeurs", "ajpa"))))
    table.add_row("  dont AJPP", _format(comptes.get(("demandeurs", "ajpp"))))
    if les_deux := _count_les_deux(comptes):
        table.add_row("  dont les deux : comptés une seule fois", _format(les_deux))
    table.add_row("Transmissibles à leur Cpam", _format(comptes.get(("contacts_utilisables", "tous"))))
    for motif, texte in _MOTIFS.items():
        table.add_row(f"Écartés : {texte}", _format(comptes.get(("ecartes", motif))))
    console.print(table, soft_wrap=False)
    _print_verdicts(console, pilotage, mois)
    deposes, attendus = comptes.get(("lots", "deposes")), comptes.get(("lots", "attendus"))
    if attendus:
        vides, retenus = comptes.get(("lots", "vides"), 0), comptes.get(("lots", "retenus"), 0)
        console.print(
            f"\nLots déposés : {deposes} sur {attendus} (sans personne : {vides} ; retenus : {retenus})"
        )
        for lot in list_lots_retenus(pilotage, mois):
            if lot.attend:
                console.print(
                    f" Retenu, {lot.libelle} : {' ; '.join(lot.constats)}. Décider : {poste.adresse}/pilotage/"
                    f"decisions?mois={mois}{'' if poste.est_demonstration else ' (après make ui)'}"
                )
        console.print(changements.phrase)
    else:
        console.print(
            "\nCe mois ne dépose aucun lot (à blanc, rattrapage, ou avant le premier mois de dépôt)."
        )
    _print_indicateurs(console, pilotage, mois)
    _print_lieux(console, mois, partage, deposes=bool(deposes), demonstration=poste.est_demonstration)
    _print_avis(console, pilotage, poste)
    durees = ", ".join(f"{dag} {duree:.0f} s" for dag, duree in secondes.items())
    console.print(f"\nDurées : {durees}.")


def _print_lieux(console: Console, mois: Mois, partage: Path, *, deposes: bool, demonstration: bool) -> None:
    reglages = load_reglages()
    national, diffusion = (
        partage / reglages.dossier_national / nom / str(mois) for nom in ("rapports", "diffusion")
    )
    par_caf = len(list(partage.glob(f"*/rapports/{mois}/rapport_[0-9]*.html")))
    par_cpam = len(list((partage / reglages.dossier_cpam).glob(f"*/rapports/{mois}/rapport_*.html")))
    lieux = {"Lots": f"{partage}/<code_caf>/{mois}/"} if deposes else {}
    lieux["Rapport national"] = f"{national}/"
    lieux[f"Rapports de {par_caf} Caf"] = f"{partage}/<code_caf>/rapports/{mois}/"
    if par_cpam:
        lieux[f"Rapports de {par_cpam} Cpam"] = (
            f"{partage}/{reglages.dossier_cpam}/<code_cpam>/rapports/{mois}/"
        )
    parution = mois.shift(reglages.mois_avant_diffusion)
    lieux["Données ouvertes"] = (
        f"{diffusion}/ (nombres arrondis)"
        if diffusion.is_dir()
        else f"à partir {write_de(parution.libelle)}, chaque indicateur quand plus rien ne peut le changer"
    )
    if not demonstration:
        lieux["Page « Pilotage »"] = "make ui, puis Pilotage dans le menu d'Airflow"
    console.print("\nOù regarder")
    for quoi, ou in lieux.items():
        console.print(f" {quoi} : {ou}")


def _print_avis(console: Console, pilotage: Connection, poste: Poste) -> None:
    attente = run_sql(pilotage, "exploitation/count_avis.sql").one().en_attente
    if attente:
        quoi = conjugate(attente, "avis", "attend", "attendent")
        suite = (
            "le DAG « Envoi des avis » les met dans le courrier de la démonstration"
            if poste.est_demonstration
            else "sur un poste rien ne part ; make demo les donne à lire"
        )
        console.print(f"\n{quoi} dans la boîte d'envoi : {suite}.")


def _count_les_deux(comptes: Mapping[tuple[str, str], int]) -> int:
    """Return how many people asked for both benefits: each is in the two lines, and one person."""
    tous, ajpa, ajpp = (comptes.get(("demandeurs", m), 0) for m in ("tous", "ajpa", "ajpp"))
    return max(ajpa + ajpp - tous, 0)


def _print_verdicts(console: Console, pilotage: Connection, mois: Mois) -> None:
    console.print()
    for porte in load_portes(pilotage, mois):
        console.print(
            f"Qualité, {porte.libelle[0].lower()}{porte.libelle[1:]} : "
            f"{count(porte.conformes, 'Caf conforme', feminin=True)}, {porte.avertissements} avec avertissement, "
            f"{count(porte.retenues, 'retenue', feminin=True)} ; nation : {porte.nation}."
        )


def _print_indicateurs(console: Console, pilotage: Connection, mois: Mois) -> None:
    table = Table(title="Premiers indicateurs, nation", title_justify="left", show_header=False, box=None)
    table.add_column()
    table.add_column(justify="right")
    definitions = {(i.code, i.version): i for i in load_dictionnaire()}
    lignes = run_sql(pilotage, "poste/select_indicateurs.sql", mois=mois)
    for ligne in lignes:
        definition = definitions.get((ligne.code, ligne.version))
        if ligne.code not in _PREMIERS or definition is None or ligne.statut != "definitif":
            continue
        if definition.unite == "part":
            valeur = write_part(ligne.valeur)
        elif ligne.valeur == int(ligne.valeur):
            valeur = _format(int(ligne.valeur))
        else:
            valeur = write_nombre(ligne.valeur, 2)
        table.add_row(definition.libelle, valeur)
    console.print()
    console.print(table, soft_wrap=False)
    console.print(
        f"{count_indicateurs(pilotage, mois).phrase} ; les autres attendent ce que les Caf et les Cpam transmettent."
    )


def _format(nombre: int | None) -> str:
    return "non fourni" if nombre is None else write_nombre(nombre)
