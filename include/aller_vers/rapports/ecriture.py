"""Reports of a month onto the share: each from what its reader may see, the same content written once."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from aller_vers.diffusion.modele import Case
from aller_vers.diffusion.vues import view_caf, view_cpam, view_nation
from aller_vers.indicateurs.dictionnaire import Niveau
from aller_vers.partage.partage import Partage
from aller_vers.rapports.bilan import LecteurDuBilan, build_bilan
from aller_vers.rapports.bilan_fichiers import write_bilan
from aller_vers.rapports.caisse import RapportCaisse, build_lignes
from aller_vers.rapports.classeur import build_classeur, list_tableaux
from aller_vers.rapports.classeur_caisse import build_classeur_caisse, list_tableaux_caisse
from aller_vers.rapports.classeur_ods import build_ods
from aller_vers.rapports.contenu import Rapport, build_rapport
from aller_vers.rapports.echanges import Acte, Echanges
from aller_vers.rapports.feuilles import Tableau
from aller_vers.rapports.fusions import write_anciennes
from aller_vers.rapports.jeu_de_donnees import PAQUET, build_jeu, is_a_jour
from aller_vers.rapports.page import build_page, build_page_caisse
from aller_vers.rapports.sources import MOIS_SUIVIS, Places, Sources, index, place
from aller_vers.socle.coeurs import spread
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION, Caf, Cpam, load_caf, load_cpam
from aller_vers.socle.sql import run_sql

_MOIS_ECHANGES = 6
_NOTES = {
    "nation": "Valeurs complètes, réservées à l'équipe nationale, à ne pas diffuser. La colonne « Nation » donne "
    "ce qui est publié : les nombres y sont arrondis au hasard, chacun pour lui-même, et ne s'additionnent pas.",
    "caf": "Chiffres complets de la Caf, réservés à elle seule.",
    "cpam": "Retours de la Cpam, complets, pour elle seule : l'équipe nationale lui transmet ce rapport, que les "
    "Caf ne lisent pas.",
}

_PAR_TRANCHE = 8
# A report: the level of its reader, its folder, its files.
_Remise = tuple[str, str, dict[str, bytes]]


def list_a_editer(entrepot: Connection, partage: Partage, mois: Mois, dossier_national: str) -> list[Mois]:
    """Return the other months whose reports are to be written: their data set on the share is not what is published."""
    return sorted(
        m for m, lignes in _read_publics(entrepot).items()
        if m != mois and not is_a_jour(partage.read(f"{dossier_national}/diffusion/{m}/{PAQUET}"), lignes)
    )  # fmt: skip


def write_rapports(
    partage: Partage, sources: Sources, dossier_national: str, dossier_cpam: str
) -> dict[str, int]:  # fmt: skip
    """Write every report that has something to say; return how many by kind of reader.

    A Cpam's returns are complete in its report: it lies where no Caf reads, and the national team passes it on.
    """
    comptes = {"nation": 0, "caf": 0, "cpam": 0}
    places = place(sources.dictionnaire, sources.valeurs)
    lecteurs: list[Caf | Cpam | None] = [None, *load_caf().values(), *load_cpam().values()]

    def build(tranche: Sequence[Caf | Cpam | None]) -> list[_Remise]:
        remises = (
            _build_nationale(sources, dossier_national)
            if lecteur is None
            else _build_remise(sources, places, lecteur, dossier_cpam)
            for lecteur in tranche
        )
        return [r for r in remises if r is not None]

    tranches = (lecteurs[n : n + _PAR_TRANCHE] for n in range(0, len(lecteurs), _PAR_TRANCHE))
    for niveau, dossier, fichiers in chain.from_iterable(spread(build, tranches)):
        write_fichiers(partage, dossier, fichiers)
        comptes[niveau] += 1
    return comptes


def _build_remise(
    sources: Sources, places: Places, caisse: Caf | Cpam, dossier_cpam: str
) -> _Remise | None:  # fmt: skip
    """Return the report of a Caf or a Cpam, None if it has nothing to say."""
    suite = f"rapports/{sources.mois}"
    if isinstance(caisse, Caf):
        if ("caf", caisse.code_caf) not in sources.valeurs:
            return None
        rapport = build_caf(sources, caisse.code_caf, caisse.nom, places)
        fichiers = _build_fichiers(sources, rapport, caisse.code_caf, "Cpam")
        annee = _build_annee(sources, "caf", caisse.code_caf, caisse.nom)
        return "caf", f"{caisse.code_caf}/{suite}", fichiers | annee
    rapport = build_cpam(sources, caisse, places)
    if not rapport.echanges and all(li.is_muette for li in rapport.lignes):
        return None
    fichiers = _build_fichiers(sources, rapport, f"cpam{caisse.code_cpam}", "Caf")
    annee = _build_annee(sources, "cpam", caisse.code_cpam, caisse.nom)
    return "cpam", f"{dossier_cpam}/{caisse.code_cpam}/{suite}", fichiers | annee


def write_national(partage: Partage, sources: Sources, dossier_national: str) -> int:
    """Write the national team's report; return how many files it has."""
    _, dossier, fichiers = _build_nationale(sources, dossier_national)
    return write_fichiers(partage, dossier, fichiers)


def _build_nationale(sources: Sources, dossier_national: str) -> _Remise:
    rapport, nom = _build_nation(sources), f"rapport_national_{sources.mois.compact}"
    fichiers = {
        **(
            _build_ods(nom, rapport, list_tableaux(rapport, sources.complement))
            if "national" in sources.lecteurs_ods
            else {f"{nom}.xlsx": build_classeur(rapport, sources.complement)}
        ),
        f"{nom}.html": build_page(rapport, sources.complement),
        **_build_annee(sources, "national", NATION, "nation"),
    }
    return "nation", f"{dossier_national}/rapports/{sources.mois}", fichiers


def export_jeu(entrepot: Connection, partage: Partage, sources: Sources, dossier: str) -> int:
    """Write the open data set of the month, and of the year that it closes; return the number of cells."""
    lignes = _read_publics(entrepot, sources.mois).get(sources.mois, [])
    homogeneite = run_sql(entrepot, "rapports/select_homogeneite.sql", mois=str(sources.mois)).mappings()
    lues = run_sql(entrepot, "rapports/select_empreintes.sql", mois=sources.mois)
    empreintes = {(e.code, e.version): e.empreinte for e in lues}
    jeu = build_jeu(
        sources.mois, lignes, [dict(h) for h in homogeneite], sources.dictionnaire, sources.seuil, empreintes
    )  # fmt: skip
    for nom, octets in jeu.items():  # the description comes last
        _write(partage, f"{dossier}/diffusion/{sources.mois}/{nom}", octets)
    return len(lignes)


def _read_publics(entrepot: Connection, mois: Mois | None = None) -> dict[Mois, list[dict[str, Any]]]:
    """Return what everybody may read, by month: of one, or of all."""
    par_mois: dict[Mois, list[dict[str, Any]]] = defaultdict(list)
    for ligne in run_sql(entrepot, "diffusion/select_publies.sql", debut_mois=mois, fin_mois=mois).mappings():
        if ligne["portee"] == "public":
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


def _build_fichiers(
    sources: Sources, rapport: RapportCaisse, lecteur: str, vis_a_vis: str
) -> dict[str, bytes]:  # fmt: skip
    """Return the workbook and the page of a report; ``lecteur``: as the settings name who reads OpenDocument."""
    nom = f"rapport_{lecteur}_{rapport.mois.compact}"
    return {
        **(
            _build_ods(nom, rapport, list_tableaux_caisse(rapport, vis_a_vis))
            if lecteur in sources.lecteurs_ods
            else {f"{nom}.xlsx": build_classeur_caisse(rapport, vis_a_vis)}
        ),
        f"{nom}.html": build_page_caisse(rapport, vis_a_vis),
    }


def _build_ods(nom: str, rapport: Rapport | RapportCaisse, tableaux: Iterable[Tableau]) -> dict[str, bytes]:
    return {f"{nom}.ods": build_ods(rapport.titre, rapport.note, rapport.mois.debut, list(tableaux))}


def _build_annee(sources: Sources, niveau: Niveau, territoire: str, nom: str) -> dict[str, bytes]:
    """Return the text of the year that the month closes, complete, for its own reader; nothing of another month."""
    if sources.mois.numero != 12:
        return {}
    annee = sources.mois.annee
    valeurs = [v for du_mois in sources.valeurs.get((niveau, territoire), {}).values() for v in du_mois]
    bilan = build_bilan(
        annee, LecteurDuBilan(nom, niveau, publie=False), [Case(v, v.statut) for v in valeurs], sources.dictionnaire,
        sources.seuil,
    )  # fmt: skip
    return write_bilan(bilan, f"bilan_{annee}_{niveau}_{territoire}")


def _build_nation(sources: Sources) -> Rapport:
    siennes = sources.valeurs.get(("national", NATION), {})
    return build_rapport(
        f"Nation : proches aidants, {sources.mois.libelle}", "Nation", sources.mois, sources.dictionnaire,
        {m: view_nation(siennes.get(m, ())) for m in (sources.mois.shift(n) for n in range(1 - MOIS_SUIVIS, 1))},
        sources.nation, _NOTES["nation"] + sources.complement.write_conventions(), sources.seuil, sources.homogeneites,
    )  # fmt: skip


def build_caf(sources: Sources, code_caf: str, nom: str, places: Places) -> RapportCaisse:
    """Return the report of a Caf: its own figures, complete, and what it has to do."""
    siennes = [v for du_mois in sources.valeurs["caf", code_caf].values() for v in du_mois]
    cases = view_caf(code_caf, siennes, sources.dictionnaire, sources.seuil)
    anciennes = sources.anciennes.get(code_caf, ())
    echanges = sources.echanges.of_caf(code_caf, *(c.code_caf for c in anciennes))
    rapport = _build(sources, ("caf", code_caf), nom, cases, echanges, echanges.list_actes_caf(), places)
    note = rapport.note + write_anciennes(anciennes, sources.mois.shift(1 - MOIS_SUIVIS))
    return replace(rapport, note=note)


def build_cpam(sources: Sources, cpam: Cpam, places: Places) -> RapportCaisse:
    """Return the report of a Cpam: what it received, what it owes, and its own returns, complete."""
    siennes = [v for du_mois in sources.valeurs.get(("cpam", cpam.code_cpam), {}).values() for v in du_mois]
    echanges = sources.echanges.of_cpam(cpam.code_cpam)
    cases = view_cpam(cpam.code_cpam, siennes)
    return _build(
        sources, ("cpam", cpam.code_cpam), cpam.nom, cases, echanges, echanges.list_actes_cpam(), places
    )


def _build(
    sources: Sources, qui: tuple[str, str], nom: str, cases: Iterable[Case], echanges: Echanges, actes: list[Acte],
    places: Places,
) -> RapportCaisse:  # fmt: skip
    lignes = build_lignes(
        sources.mois, sources.dictionnaire, index(cases), sources.nation_douze, places.get(qui, {}),
        sources.cumuls.get(qui, {}),
    )  # fmt: skip
    return RapportCaisse(
        f"{nom} : proches aidants, {sources.mois.libelle}", nom, sources.mois, echanges.jour, _NOTES[qui[0]],
        tuple(actes), tuple(e for e in echanges.lignes if e.mois > sources.mois.shift(-_MOIS_ECHANGES)), lignes,
    )  # fmt: skip
