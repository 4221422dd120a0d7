"""Reports of a month onto the share: each from what its reader may see, the same content written once."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import NATION, Valeur
from aller_vers.lots.partage import Partage
from aller_vers.mois import Mois
from aller_vers.rapports.classeur import build_classeur
from aller_vers.rapports.contenu import Rapport, build_rapport
from aller_vers.rapports.jeu_de_donnees import build_jeu
from aller_vers.rapports.page import build_page
from aller_vers.referentiel import Cpam, load_caf, load_conventions, load_cpam
from aller_vers.secret.grille import Case
from aller_vers.sql import run_sql
from aller_vers.vues import view_caf, view_cpam, view_nation, view_public

_MOIS_SUIVIS = 12
_NOTES = {
    "nation": "Valeurs complètes, réservées à l'équipe nationale, à ne pas diffuser. La colonne « Nation » donne "
    "ce qui est public.",
    "caf": "Réservé à la Caf. Les résultats de la Cpam paraissent une fois le trimestre clos pour les appels, l'année "
    "close pour les rendez-vous ; « secret » : un nombre trop petit pour être donné.",
    "cpam": "Retours de la Cpam, complets, pour elle seule : la Caf lui remet ce rapport sans le diffuser.",
}
Valeurs = Mapping[tuple[str, str], Mapping[Mois, Sequence[Valeur]]]


@dataclass(frozen=True)
class Sources:
    """What the reports of a month draw on, read once: values by level and territory, the published nation."""

    mois: Mois
    valeurs: Valeurs
    nation: Sequence[Case]
    dictionnaire: Sequence[Indicateur]
    seuil: int


def read_sources(
    entrepot: Connection, mois: Mois, dictionnaire: Sequence[Indicateur], publiees: Iterable[Case], seuil: int
) -> Sources:
    """Read what the reports of the month draw on."""
    valeurs: dict[tuple[str, str], dict[Mois, list[Valeur]]] = defaultdict(lambda: defaultdict(list))
    debut = mois.shift(1 - 2 * _MOIS_SUIVIS)
    for ligne in run_sql(entrepot, "rapports/select_valeurs.sql", debut_mois=str(debut), mois=str(mois)):
        valeur = Valeur._make(ligne)
        valeurs[valeur.niveau, valeur.territoire][Mois.parse(valeur.mois)].append(valeur)
    return Sources(mois, valeurs, view_public(publiees), dictionnaire, seuil)


def write_rapports(partage: Partage, sources: Sources, dossier_national: str) -> dict[str, int]:
    """Write every report that has something to say; return how many files by kind of reader."""
    comptes = {"nation": 0, "caf": 0, "cpam": 0}
    national = _build_nation(sources)
    fichiers = _build_fichiers("rapport_national", national)
    comptes["nation"] = write_fichiers(partage, f"{dossier_national}/rapports/{sources.mois}", fichiers)
    par_caf: dict[str, list[Cpam]] = defaultdict(list)
    for code_caf, sienne in list_destinataires():
        par_caf[code_caf].append(sienne)
    for caf in load_caf().values():
        fichiers = {}
        if ("caf", caf.code_caf) in sources.valeurs:
            fichiers |= _build_fichiers(f"rapport_{caf.code_caf}", _build_caf(sources, caf.code_caf, caf.nom))
            comptes["caf"] += 1
        for cpam in par_caf[caf.code_caf]:
            rapport = _build_cpam(sources, cpam)
            if any(ligne.ici.statut == "fourni" for ligne in rapport.lignes):
                fichiers |= _build_fichiers(f"rapport_cpam{cpam.code_cpam}", rapport)
                comptes["cpam"] += 1
        if fichiers:
            write_fichiers(partage, f"{caf.code_caf}/rapports/{sources.mois}", fichiers)
    return comptes


def export_jeu(
    entrepot: Connection, partage: Partage, sources: Sources, dossier: str, cases: Iterable[Case]
) -> int:
    """Write the open data set of the month from the diffusion; return the number of cells."""
    lignes = [{**c.valeur._asdict(), "statut": c.statut} for c in cases]
    homogeneite = run_sql(entrepot, "rapports/select_homogeneite.sql", mois=str(sources.mois)).mappings()
    jeu = build_jeu(sources.mois, lignes, [dict(h) for h in homogeneite], sources.dictionnaire, sources.seuil)
    for nom, octets in jeu.items():  # the description comes last
        _write(partage, f"{dossier}/diffusion/{sources.mois}/{nom}", octets)
    return len(lignes)


def write_fichiers(partage: Partage, dossier: str, fichiers: Mapping[str, bytes]) -> int:
    """Write files, then the list that says that they are whole; what has not changed is not written again."""
    for nom, octets in sorted(fichiers.items()):
        _write(partage, f"{dossier}/{nom}", octets)
    liste = {nom: hashlib.sha256(octets).hexdigest() for nom, octets in sorted(fichiers.items())}
    _write(partage, f"{dossier}/rapports.json", (json.dumps({"fichiers": liste}, indent=2) + "\n").encode())
    return len(fichiers)


def list_destinataires() -> Iterator[tuple[str, Cpam]]:
    """Yield each Cpam with the one Caf that passes it its report: that of its department, else its first partner."""
    caf, cpam = load_caf(), load_cpam()
    partenaires: dict[str, list[str]] = defaultdict(list)
    for convention in load_conventions():
        partenaires[convention.code_cpam].append(convention.code_caf)
    for code, codes_caf in sorted(partenaires.items()):
        siennes = [c for c in codes_caf if set(caf[c].departements) & set(cpam[code].departements)]
        yield (siennes or codes_caf)[0], cpam[code]


def _write(partage: Partage, chemin: str, octets: bytes) -> None:
    if partage.read(chemin) != octets:
        partage.write(chemin, octets)


def _build_fichiers(nom: str, rapport: Rapport) -> dict[str, bytes]:
    suite = f"{nom}_{rapport.mois.compact}"
    return {f"{suite}.xlsx": build_classeur(rapport), f"{suite}.html": build_page(rapport)}


def _build_nation(sources: Sources) -> Rapport:
    siennes = sources.valeurs.get(("national", NATION), {})
    return _build(
        sources, "Nation", "nation", {m: view_nation(siennes.get(m, ())) for m in _list_mois(sources.mois)}
    )


def _build_caf(sources: Sources, code_caf: str, nom: str) -> Rapport:
    siennes = sources.valeurs["caf", code_caf]
    toutes = [v for valeurs in siennes.values() for v in valeurs]
    par_mois = {
        m: view_caf(code_caf, toutes, sources.dictionnaire, m, sources.seuil)
        for m in _list_mois(sources.mois)
    }
    return _build(sources, nom, "caf", par_mois)


def _build_cpam(sources: Sources, cpam: Cpam) -> Rapport:
    siennes = sources.valeurs.get(("cpam", cpam.code_cpam), {})
    par_mois = {m: view_cpam(cpam.code_cpam, siennes.get(m, ())) for m in _list_mois(sources.mois)}
    return _build(sources, cpam.nom, "cpam", par_mois)


def _build(sources: Sources, nom: str, lecteur: str, par_mois: Mapping[Mois, Sequence[Case]]) -> Rapport:
    return build_rapport(
        f"{nom} : proches aidants, {sources.mois.libelle}", nom, sources.mois, sources.dictionnaire,
        par_mois, sources.nation, _NOTES[lecteur],
    )  # fmt: skip


def _list_mois(mois: Mois) -> list[Mois]:
    return [mois.shift(n) for n in range(1 - _MOIS_SUIVIS, 1)]
