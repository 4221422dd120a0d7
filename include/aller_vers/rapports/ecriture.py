"""Reports of a month onto the share: each from what its reader may see, the same content written once."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from aller_vers.diffusion.modele import Case
from aller_vers.diffusion.vues import view_caf, view_cpam, view_nation, view_public
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import Homogeneite, Valeur
from aller_vers.partage.partage import Partage
from aller_vers.rapports.classeur import build_classeur
from aller_vers.rapports.contenu import Rapport, build_rapport
from aller_vers.rapports.jeu_de_donnees import PAQUET, build_jeu, is_a_jour
from aller_vers.rapports.national import AUCUN, Complement, read_complement
from aller_vers.rapports.page import build_page
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION, Cpam, load_caf, load_cpam
from aller_vers.socle.sql import run_sql

_MOIS_SUIVIS = 12
_NOTES = {
    "nation": "Valeurs complètes, réservées à l'équipe nationale, à ne pas diffuser. La colonne « Nation » donne "
    "ce qui est publié : les nombres y sont arrondis au hasard, chacun pour lui-même, et ne s'additionnent pas.",
    "caf": "Chiffres complets de la Caf, réservés à elle seule. La colonne « Nation » donne ce qui est publié : les "
    "nombres y sont arrondis au hasard, chacun pour lui-même, et ne s'additionnent pas.",
    "cpam": "Retours de la Cpam, complets, pour elle seule : l'équipe nationale lui transmet ce rapport, que les "
    "Caf ne lisent pas.",
}
Valeurs = Mapping[tuple[str, str], Mapping[Mois, Sequence[Valeur]]]


@dataclass(frozen=True)
class Sources:
    """What the reports of a month draw on, read once: values by level and territory, the published nation.

    ``complement`` is the national team's alone.
    """

    mois: Mois
    valeurs: Valeurs
    nation: Sequence[Case]
    homogeneites: Sequence[Homogeneite]
    complement: Complement
    dictionnaire: Sequence[Indicateur]
    seuil: int


def read_sources(
    entrepot: Connection, mois: Mois, dictionnaire: Sequence[Indicateur], publiees: Iterable[Case], seuil: int
) -> Sources:
    """Read what the reports of the month draw on."""
    valeurs: dict[tuple[str, str], dict[Mois, list[Valeur]]] = defaultdict(lambda: defaultdict(list))
    debut = mois.shift(1 - 2 * _MOIS_SUIVIS)
    for ligne in run_sql(entrepot, "rapports/select_valeurs.sql", debut_mois=str(debut), mois=mois):
        valeur = Valeur._make(ligne)
        valeurs[valeur.niveau, valeur.territoire][Mois.parse(valeur.mois)].append(valeur)
    lignes = run_sql(entrepot, "rapports/select_homogeneite_marts.sql", mois=mois)
    homogeneites = [Homogeneite._make(ligne) for ligne in lignes]
    complement = read_complement(entrepot, mois, dictionnaire)
    return Sources(mois, valeurs, view_public(publiees), homogeneites, complement, dictionnaire, seuil)


def list_a_editer(entrepot: Connection, partage: Partage, mois: Mois, dossier_national: str) -> list[Mois]:
    """Return the other months whose reports are to be written: their data set on the share is not what is published."""
    return sorted(
        m for m, lignes in _read_publics(entrepot).items()
        if m != mois and not is_a_jour(partage.read(f"{dossier_national}/diffusion/{m}/{PAQUET}"), lignes)
    )  # fmt: skip


def write_rapports(
    partage: Partage, sources: Sources, dossier_national: str, dossier_cpam: str
) -> dict[str, int]:  # fmt: skip
    """Write every report that has something to say; return how many files by kind of reader.

    A Cpam's returns are complete in its report: it lies where no Caf reads, and the national team passes it on.
    """
    comptes = {"nation": write_national(partage, sources, dossier_national), "caf": 0, "cpam": 0}
    suite = f"rapports/{sources.mois}"
    for caf in load_caf().values():
        if ("caf", caf.code_caf) in sources.valeurs:
            rapport = _build_caf(sources, caf.code_caf, caf.nom)
            fichiers = _build_fichiers(f"rapport_{caf.code_caf}", rapport)
            write_fichiers(partage, f"{caf.code_caf}/{suite}", fichiers)
            comptes["caf"] += 1
    for cpam in load_cpam().values():
        rapport = _build_cpam(sources, cpam)
        if any(ligne.ici.statut == "definitif" for ligne in rapport.lignes):
            fichiers = _build_fichiers(f"rapport_cpam{cpam.code_cpam}", rapport)
            write_fichiers(partage, f"{dossier_cpam}/{cpam.code_cpam}/{suite}", fichiers)
            comptes["cpam"] += 1
    return comptes


def write_national(partage: Partage, sources: Sources, dossier_national: str) -> int:
    """Write the national team's report; return how many files it has."""
    fichiers = _build_fichiers("rapport_national", _build_nation(sources), sources.complement)
    return write_fichiers(partage, f"{dossier_national}/rapports/{sources.mois}", fichiers)


def export_jeu(entrepot: Connection, partage: Partage, sources: Sources, dossier: str) -> int:
    """Write the open data set of the month, and of the year that it closes; return the number of cells."""
    lignes = _read_publics(entrepot, sources.mois).get(sources.mois, [])
    homogeneite = run_sql(entrepot, "rapports/select_homogeneite.sql", mois=str(sources.mois)).mappings()
    jeu = build_jeu(sources.mois, lignes, [dict(h) for h in homogeneite], sources.dictionnaire, sources.seuil)
    for nom, octets in jeu.items():  # the description comes last
        _write(partage, f"{dossier}/diffusion/{sources.mois}/{nom}", octets)
    return len(lignes)


def _read_publics(entrepot: Connection, mois: Mois | None = None) -> dict[Mois, list[dict[str, Any]]]:
    """Return what everybody may read, by month: of one, or of all."""
    par_mois: dict[Mois, list[dict[str, Any]]] = defaultdict(list)
    parametres = {"mois": mois}
    for ligne in run_sql(entrepot, "rapports/select_publics.sql", **parametres).mappings():
        par_mois[Mois.parse(ligne["mois"])].append(dict(ligne))
    return par_mois


def write_fichiers(partage: Partage, dossier: str, fichiers: Mapping[str, bytes]) -> int:
    """Write files, then the list that says that they are whole; what has not changed is not written again.

    A report that is there and is not of them goes.
    """
    for nom in partage.list(dossier):
        if nom.startswith("rapport_") and nom not in fichiers:
            partage.remove(f"{dossier}/{nom}")
    for nom, octets in sorted(fichiers.items()):
        _write(partage, f"{dossier}/{nom}", octets)
    liste = {nom: hashlib.sha256(octets).hexdigest() for nom, octets in sorted(fichiers.items())}
    _write(partage, f"{dossier}/rapports.json", (json.dumps({"fichiers": liste}, indent=2) + "\n").encode())
    return len(fichiers)


def _write(partage: Partage, chemin: str, octets: bytes) -> None:
    if partage.read(chemin) != octets:
        partage.write(chemin, octets)


def _build_fichiers(nom: str, rapport: Rapport, complement: Complement = AUCUN) -> dict[str, bytes]:
    suite = f"{nom}_{rapport.mois.compact}"
    return {
        f"{suite}.xlsx": build_classeur(rapport, complement),
        f"{suite}.html": build_page(rapport, complement),
    }


def _build_nation(sources: Sources) -> Rapport:
    siennes = sources.valeurs.get(("national", NATION), {})
    return _build(
        sources, "Nation", "nation", {m: view_nation(siennes.get(m, ())) for m in _list_mois(sources.mois)}
    )


def _build_caf(sources: Sources, code_caf: str, nom: str) -> Rapport:
    siennes = sources.valeurs["caf", code_caf]
    par_mois = {
        m: view_caf(code_caf, siennes.get(m, ()), sources.dictionnaire, sources.seuil)
        for m in _list_mois(sources.mois)
    }
    return _build(sources, nom, "caf", par_mois)


def _build_cpam(sources: Sources, cpam: Cpam) -> Rapport:
    siennes = sources.valeurs.get(("cpam", cpam.code_cpam), {})
    par_mois = {m: view_cpam(cpam.code_cpam, siennes.get(m, ())) for m in _list_mois(sources.mois)}
    return _build(sources, cpam.nom, "cpam", par_mois)


def _build(sources: Sources, nom: str, lecteur: str, par_mois: Mapping[Mois, Sequence[Case]]) -> Rapport:
    nationale = lecteur == "nation"
    note = _NOTES[lecteur] + (sources.complement.write_conventions() if nationale else "")
    return build_rapport(
        f"{nom} : proches aidants, {sources.mois.libelle}", nom, sources.mois, sources.dictionnaire,
        par_mois, sources.nation, note, sources.seuil, sources.homogeneites if nationale else (),
    )  # fmt: skip


def _list_mois(mois: Mois) -> list[Mois]:
    return [mois.shift(n) for n in range(1 - _MOIS_SUIVIS, 1)]
