"""The file of a data-protection officer: from the code and the settings, what only people can write left open."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from aller_vers.lots.fiche_de_registre import NATIONALE, build_fiche
from aller_vers.rapports.sections import A_ECRIRE, Section, write_document
from aller_vers.socle.francais import count, write_duree
from aller_vers.socle.gabarits import write_html
from aller_vers.socle.modele_strict import ModeleStrict
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.reglages_conservation import MOIS_PLAFOND, MOIS_TRACE
from aller_vers.socle.sorties import write_sortie
from aller_vers.socle.yaml_strict import read_modele

FICHIER: Final = Path(__file__).parents[2] / "configuration" / "dossier.yml"
TITRE: Final = "Dossier de protection des données : aller vers les proches aidants"


class _Modele(ModeleStrict):
    sections: tuple[Section, ...]
    mesures: tuple[tuple[str, str], ...]


def build_dossier(reglages: Reglages) -> list[Section]:
    """Return the parts of the file, in the order in which they are read."""
    modele = read_modele(FICHIER, TypeAdapter(_Modele), en_textes=True)
    valeurs = {"a_ecrire": A_ECRIRE, "mois_opposition": write_duree(reglages.mois_opposition, "mois")}
    fiche = build_fiche(NATIONALE, reglages)
    sections = [
        Section(
            titre=f"Fiche du registre (version {fiche.version}, {fiche.statut})",
            entete=("rubrique", "texte"),
            lignes=tuple((titre, "\n".join(textes)) for titre, textes in fiche.rubriques),
        ),
        *(section.fill(valeurs, FICHIER) for section in modele.sections),
        Section(
            titre="Mesures de sécurité, et l'essai qui tient chacune",
            entete=("mesure", "essai"), lignes=modele.mesures,
        ),
    ]  # fmt: skip
    sections.insert(2, _build_durees(reglages))
    return sections


def write_page(sections: list[Section]) -> bytes:
    """Return the file as a page that prints well."""
    return write_html(Path(__file__).with_name("dossier_dpd.html.j2"), sections=sections, a_ecrire=A_ECRIRE)


def _build_durees(reglages: Reglages) -> Section:
    """Every delay, as the settings have it; each with what founds it."""
    choix = "choix de la Cnaf (réglage), RGPD article 5.1.e"
    lignes = (
        ("Lot, tables et partage, au plus tard après son premier dépôt", write_duree(reglages.mois_avant_purge, "mois"),
         f"choix de la Cnaf (réglage) ; plafond de {write_duree(MOIS_PLAFOND, 'mois')} : R.114-9-7 CRPA"),
        ("Lot, après son traitement par toutes ses Cpam", write_duree(reglages.mois_apres_traitement, "mois"), choix),
        ("Copie d'une Cpam, après son traitement", write_duree(reglages.mois_certificat, "mois"), "IT 2025-098 §2.2"),
        ("Trace des échanges", write_duree(MOIS_TRACE, "mois"), "R.114-9-7 CRPA"),
        ("Opposition (une empreinte à clé)", write_duree(reglages.mois_opposition, "mois"), "R.114-9-7 CRPA"),
        ("Lectures de la page (qui, quoi, quand)", write_duree(reglages.mois_lectures, "mois"),
         "CNIL, délibération 2021-122 (journalisation : six à douze mois)"),
        ("Personnes déjà transmises (empreinte à clé), pour ne pas les transmettre de nouveau",
         write_duree(reglages.mois_sans_repetition, "mois") if reglages.mois_sans_repetition else "aucune", choix),
        ("Fichier reçu refusé", count(reglages.jours_fichiers_refuses, "jour"), choix),
        ("Fichier reçu pris (réponses d'une enquête comprises)", count(reglages.jours_fichiers_traites, "jour"), choix),
        ("Fichier reçu en quarantaine", count(reglages.heures_quarantaine, "heure", feminin=True), choix),
        ("Sauvegarde, sans les personnes", count(reglages.jours_sauvegardes, "jour"), choix),
        ("Journaux, archives et répliques de PostgreSQL, après une destruction",
         count(reglages.jours_archives_postgres, "jour"), choix),
        ("Exécutions et journaux d'Airflow", count(reglages.jours_traces_airflow, "jour"), choix),
    )  # fmt: skip
    return Section(titre="Durées de conservation", entete=("quoi", "durée", "fondement"), lignes=lignes)


def write_fichiers(reglages: Reglages, dossier: Path) -> dict[str, int]:
    """Write the document and the page into this folder; return how many things are left to write, by file."""
    sections = build_dossier(reglages)
    restent = sum(s.count_a_ecrire() for s in sections)
    write_sortie(dossier / "dossier.docx", write_document(TITRE, sections))
    write_sortie(dossier / "dossier.html", write_page(sections))
    return {"dossier.docx": restent, "dossier.html": restent}
