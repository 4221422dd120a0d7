"""Templates of the returns, codes prefilled, in ``<caf>/retours/modeles/``: what a Caf hands to its Cpam."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import xlsxwriter
from sqlalchemy import Connection

from aller_vers.mesures.declarees import MesureDeclaree, load_mesures_declarees, load_profils
from aller_vers.partage.partage import Partage
from aller_vers.retours.fichiers.conservation import MODELES, RETOURS
from aller_vers.retours.fichiers.formes import FORMES, Nom
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.sql import run_sql

_LISEZMOI = "LISEZMOI_RETOURS.txt"
_PREFIXES = ("RETOUR_", "BILAN_", "PROFILS_", "MESURES_")
_COLONNES = {forme.nom: forme.colonnes for forme in FORMES}
_NOTICE = """RETOURS DE LA CPAM

1. Copiez le modèle hors de ce dossier, remettez-le à la Cpam, récupérez-le complété.
2. Déposez-le dans le dossier retours/ de votre Caf (au-dessus de celui-ci), en .xlsx ou en .csv.
3. S'il a été pris, il passe dans retours/traites/ ; s'il est refusé, il passe dans refuses/ avec sa raison.

RETOUR_...    un mois : l'entonnoir de la campagne, la fin du traitement, la date de destruction.
BILAN_...     un semestre clos : ce que les rendez-vous honorés ont permis.
PROFILS_...   un semestre clos : combien de personnes par profil.
MESURES_...   les chiffres qu'aucun système ne produit.

Des nombres de personnes, jamais une personne : un fichier qui contient un courriel, un téléphone ou un numéro de
sécurité sociale est détruit. Vide veut dire « non fourni » ; zéro s'écrit 0. Dates : JJ/MM/AAAA.
Un nouveau dépôt remplace l'ancien pour la même Cpam et la même période.
"""


@dataclass(frozen=True)
class Attendu:
    """A month for which a Cpam has not said everything yet: no date of destruction."""

    mois: str
    code_caf: str
    code_cpam: str


def list_attendus(entrepot: Connection, depuis: Mois) -> dict[str, list[Attendu]]:
    """Return, by Caf, the lots since this month whose destruction is not certified."""
    par_caf: dict[str, list[Attendu]] = {}
    for ligne in run_sql(entrepot, "retours/select_attendus.sql", mois=str(depuis)):
        par_caf.setdefault(ligne.code_caf, []).append(Attendu(**ligne._mapping))
    return par_caf


def write_modeles(partage: Partage, attendus: dict[str, list[Attendu]], jour: date) -> int:
    """Bring the templates of every Caf to what is still awaited; return the number of files written or removed."""
    changes = 0
    for code_caf in load_caf():
        dossier = f"{code_caf}/{RETOURS}/{MODELES}"
        lignes = attendus.get(code_caf)
        voulus = build_modeles(code_caf, lignes, jour) if lignes else {}
        presents = set(partage.list(dossier))
        for nom, octets in voulus.items():
            if nom not in presents:
                partage.write(f"{dossier}/{nom}", octets)
                changes += 1
        for nom in presents - set(voulus):
            if nom.startswith(_PREFIXES):
                partage.remove(f"{dossier}/{nom}")
                changes += 1
    return changes


def build_modeles(code_caf: str, attendus: Sequence[Attendu], jour: date) -> dict[str, bytes]:
    """Return the templates of a Caf by name: one a month, and those of the last closed half-year."""
    modeles = {_LISEZMOI: _NOTICE.replace("\n", "\r\n").encode("utf-8-sig")}
    for mois in sorted({a.mois for a in attendus}):
        rangees = [
            {"code_cpam": a.code_cpam, "code_caf": code_caf, "mois": mois} for a in attendus if a.mois == mois
        ]
        nom = f"RETOUR_{code_caf}_{mois.replace('-', '')}.xlsx"
        modeles[nom] = build_modele("mensuel", rangees, f"Retour mensuel {mois}")
    clos = find_semestre_clos(jour)
    if min(a.mois for a in attendus) > _last_mois(clos):
        return modeles
    cpam = sorted({a.code_cpam for a in attendus})
    suffixe = f"{code_caf}_{clos.replace('-', '')}.xlsx"
    modeles[f"BILAN_{suffixe}"] = build_modele(
        "semestriel", [{"code_cpam": c, "semestre": clos} for c in cpam], f"Bilan {clos}"
    )
    profils = [
        {"code_cpam": c, "semestre": clos, "dimension": dimension, "modalite": modalite}
        for c in cpam
        for dimension, modalites in load_profils().items()
        for modalite in modalites
    ]
    modeles[f"PROFILS_{suffixe}"] = build_modele("profil", profils, f"Profils {clos}")
    mesures = [
        rangee
        for declaree in load_mesures_declarees().values()
        for rangee in _list_mesures(declaree, code_caf, cpam, clos)
    ]
    if mesures:
        modeles[f"MESURES_{suffixe}"] = build_modele("mesure", mesures, f"Mesures {clos}")
    return modeles


def build_modele(forme: Nom, rangees: Iterable[dict[str, str]], titre: str) -> bytes:
    """Return a workbook with the titles of a shape and these cells prefilled; every cell a text."""
    colonnes = _COLONNES[forme]
    tampon = io.BytesIO()
    classeur = xlsxwriter.Workbook(
        tampon, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    classeur.set_properties({"title": titre, "created": datetime(2025, 6, 1)})
    texte = classeur.add_format({"num_format": "@"})
    entete = classeur.add_format({"num_format": "@", "bold": True})
    feuille = classeur.add_worksheet("retour")
    for rang, colonne in enumerate(colonnes):
        # Text down the whole column: Excel then keeps the zeros of the codes and the dates as they are typed.
        feuille.set_column(rang, rang, max(12, len(colonne) + 2), texte)
        feuille.write_string(0, rang, colonne, entete)
    feuille.freeze_panes(1, 0)
    for numero, rangee in enumerate(rangees, start=1):
        for colonne, valeur in rangee.items():
            feuille.write_string(numero, colonnes.index(colonne), valeur, texte)
    classeur.close()
    return tampon.getvalue()


def find_semestre_clos(jour: date) -> str:
    """Return the last half-year that has ended on this day: ``2025-S1``."""
    return f"{jour.year}-S1" if jour.month > 6 else f"{jour.year - 1}-S2"


def _last_mois(semestre: str) -> str:
    return f"{semestre[:4]}-{'06' if semestre.endswith('1') else '12'}"


def _list_mesures(
    declaree: MesureDeclaree, code_caf: str, cpam: Sequence[str], clos: str
) -> list[dict[str, str]]:
    fin = Mois.parse(_last_mois(clos))
    periodes = {"semestre": clos, "mois": str(fin), "trimestre": f"{fin.annee}-T{(fin.numero + 2) // 3}"}
    periode = periodes.get(declaree.periode) or (str(fin.annee) if fin.numero == 12 else "")
    if not periode or declaree.niveau == "national":
        return []
    a_qui = [{"code_caf": code_caf}] if declaree.niveau == "caf" else [{"code_cpam": c} for c in cpam]
    return [
        {"periode": periode, "mesure": declaree.code, **qui, **({"modalite": m} if m else {})}
        for qui in a_qui
        for m in declaree.modalites or ("",)
    ]
