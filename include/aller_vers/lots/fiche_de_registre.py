"""The register sheet of the processing that each Caf enters in its own register, and the national one.

Source: IT 2025-098 §2.2 (model sheet made available to the Caf); GDPR, article 30.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from aller_vers.partage.partage import Partage
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import write_duree
from aller_vers.socle.gabarits import fill
from aller_vers.socle.modele_strict import ModeleStrict
from aller_vers.socle.referentiel import Caf, Convention, load_caf, load_conventions, load_cpam
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.reglages_caf import OptionsLot
from aller_vers.socle.reglages_conservation import MOIS_PLAFOND, MOIS_TRACE
from aller_vers.socle.tableur import open_classeur
from aller_vers.socle.yaml_strict import read_modele

FICHIER = Path(__file__).parents[2] / "configuration" / "registre.yml"
NATIONALE = "nationale"
Pour = Literal["caf", "commune", "nationale"]
_NATURES = {"initiale": "premières demandes", "renouvellement": "renouvellements"}
_A_COMPLETER = "(à compléter)"
_DUREES = ("mois_avant_purge", "mois_apres_traitement", "mois_certificat", "mois_opposition")


class _Texte(ModeleStrict):
    pour: tuple[Pour, ...]
    texte: str


class _Rubrique(ModeleStrict):
    titre: str
    texte: tuple[str | _Texte, ...]


class Modele(ModeleStrict):
    """The sheet before it is that of a caisse (``registre.yml``)."""

    version: str
    statut: str
    rubriques: tuple[_Rubrique, ...]


class Fiche(ModeleStrict):
    """A caisse's sheet: sections as (title, lines), conventions as (Caf, Cpam, convention)."""

    nom: str
    titre: str
    version: str
    statut: str
    rubriques: tuple[tuple[str, tuple[str, ...]], ...]
    conventions: tuple[tuple[str, str, Convention], ...]


@cache
def load_modele() -> Modele:
    """Read the model sheet."""
    return read_modele(FICHIER, TypeAdapter(Modele))


def build_fiche(code: str, reglages: Reglages, modele: Modele | None = None) -> Fiche:
    """Return the sheet of a Caf by its code, or the national one (``nationale``).

    Raises:
        ErreurAllerVers: the code is none of the reference.
    """
    modele = modele or load_modele()
    caf = None if code == NATIONALE else load_caf().get(code)
    if caf is None and code != NATIONALE:
        raise ErreurAllerVers(
            f"Code de Caf inconnu : {code[:10]}.",
            "donner un code de include/reference/caf.csv, par exemple 831.",
        )
    conventions = tuple(c for c in load_conventions() if caf is None or c.code_caf == caf.code_caf)
    pour = _find_pour(caf, conventions)
    valeurs = _read_valeurs(caf, conventions, reglages)
    rubriques = []
    for rubrique in modele.rubriques:
        textes = [
            t if isinstance(t, str) else t.texte
            for t in rubrique.texte
            if isinstance(t, str) or pour in t.pour
        ]
        if textes:
            rubriques.append((rubrique.titre, tuple(fill(t, valeurs, FICHIER) for t in textes)))
    return Fiche(
        nom=f"FICHE_REGISTRE_{code}.xlsx",
        titre=f"{caf.nom} ({caf.code_caf})" if caf else "Cnaf, fiche nationale",
        version=modele.version,
        statut=modele.statut,
        rubriques=tuple(rubriques),
        conventions=tuple(_describe(convention) for convention in conventions),
    )


def build_classeur(fiche: Fiche) -> bytes:
    """Return the sheet as a workbook that is read, printed and filed as it is; the same sheet gives the same bytes."""
    classeur, tampon = open_classeur(f"Registre des traitements - {fiche.titre}", date(2025, 1, 1))
    formats = {
        "titre": classeur.add_format({"bold": True, "font_size": 14}),
        "sous_titre": classeur.add_format({"italic": True, "font_color": "#444444"}),
        "entete": classeur.add_format({"bold": True, "bg_color": "#E8E8E8", "border": 1}),
        "nom": classeur.add_format({"bold": True, "valign": "top", "text_wrap": True, "border": 1}),
        "texte": classeur.add_format({"valign": "top", "text_wrap": True, "border": 1}),
        "date": classeur.add_format({"num_format": "dd/mm/yyyy", "border": 1, "align": "left"}),
    }
    _write_fiche(classeur, fiche, formats)
    _write_conventions(classeur, fiche, formats)
    classeur.close()
    return tampon.getvalue()


def write_registres(partage: Partage, reglages: Reglages, codes: Iterable[str]) -> int:
    """Put the sheet of each Caf into its ``registre/`` on the share, where it changed; return how many were written."""
    ecrites = 0
    for code in codes:
        fiche = build_fiche(code, reglages)
        octets = build_classeur(fiche)
        chemin = f"{code}/registre/{fiche.nom}"
        if partage.read(chemin) != octets:
            partage.write(chemin, octets)
            ecrites += 1
    return ecrites


def _find_pour(caf: Caf | None, conventions: Iterable[Convention]) -> Pour:
    if caf is None:
        return "nationale"
    cpam = load_cpam()
    return "commune" if any(cpam[c.code_cpam].is_caisse_commune for c in conventions) else "caf"


def _read_valeurs(caf: Caf | None, conventions: Iterable[Convention], reglages: Reglages) -> dict[str, Any]:
    cpam = load_cpam()
    options = reglages.options_caf.get(caf.code_caf if caf else "", OptionsLot())
    return {
        "nom": caf.nom if caf else "",
        "code": caf.code_caf if caf else "",
        "siren": caf.siren if caf else "",
        "cpam": ", ".join(dict.fromkeys(cpam[c.code_cpam].nom for c in conventions)) or _A_COMPLETER,
        "natures": " et ".join(_NATURES[nature] for nature in reglages.natures),
        "chiffrement": "chiffrés (zip AES-256), le secret remis par un autre canal"
        if options.chiffre
        else "en clair sur ce partage",
        "mois_plafond": write_duree(MOIS_PLAFOND, "mois"),
        "mois_trace": write_duree(MOIS_TRACE, "mois"),
        **{nom: write_duree(getattr(reglages, nom), "mois") for nom in _DUREES},
        "mois_sans_repetition": write_duree(reglages.mois_sans_repetition, "mois")
        if reglages.mois_sans_repetition
        else "aucune",
        "jours_fichiers_traites": reglages.jours_fichiers_traites,
        "jours_fichiers_refuses": reglages.jours_fichiers_refuses,
        "heures_quarantaine": reglages.heures_quarantaine,
        "a_completer": _A_COMPLETER,
    }


def _describe(convention: Convention) -> tuple[str, str, Convention]:
    caf, cpam = load_caf()[convention.code_caf], load_cpam()[convention.code_cpam]
    return f"{caf.code_caf} {caf.nom}", f"{cpam.code_cpam} {cpam.nom}", convention


def _write_fiche(classeur: Any, fiche: Fiche, formats: dict[str, Any]) -> None:
    feuille = classeur.add_worksheet("Fiche")
    feuille.set_column(0, 0, 30)
    feuille.set_column(1, 1, 95)
    feuille.write_string(0, 0, "Registre des activités de traitement", formats["titre"])
    feuille.write_string(1, 0, fiche.titre, formats["titre"])
    statut = f"Version {fiche.version}, {fiche.statut} (IT 2025-098 §2.2)"
    feuille.write_string(2, 0, statut, formats["sous_titre"])
    for rangee, (titre, lignes) in enumerate(fiche.rubriques, start=4):
        feuille.write_string(rangee, 0, titre, formats["nom"])
        feuille.write_string(rangee, 1, "\n".join(lignes), formats["texte"])
        feuille.set_row(rangee, 15.5 * sum(1 + len(ligne) // 95 for ligne in lignes))
    _set_page(feuille)


def _write_conventions(classeur: Any, fiche: Fiche, formats: dict[str, Any]) -> None:
    feuille = classeur.add_worksheet("Conventions")
    feuille.set_column(0, 1, 45)
    feuille.set_column(2, 4, 16)
    feuille.set_column(5, 5, 45)
    for colonne, nom in enumerate(("Caf", "Cpam", "À partir du", "Jusqu'au", "Signée le", "Par, référence")):
        feuille.write_string(0, colonne, nom, formats["entete"])
    for rangee, (caf, cpam, convention) in enumerate(fiche.conventions, start=1):
        feuille.write_string(rangee, 0, caf, formats["texte"])
        feuille.write_string(rangee, 1, cpam, formats["texte"])
        non_signee = "exemple, non signée" if convention.exemple else "à signer"
        jours = (
            (convention.date_debut, ""), (convention.date_fin, "sans terme"), (convention.date_signature, non_signee),
        )  # fmt: skip
        for colonne, (jour, sinon) in enumerate(jours, start=2):
            if jour:
                instant = datetime.combine(jour, datetime.min.time())
                feuille.write_datetime(rangee, colonne, instant, formats["date"])
            else:
                feuille.write_string(rangee, colonne, sinon, formats["texte"])
        par = ", ".join(filter(None, (convention.signataire, convention.reference)))
        feuille.write_string(rangee, 5, par, formats["texte"])
    feuille.freeze_panes(1, 0)
    _set_page(feuille)


def _set_page(feuille: Any) -> None:
    feuille.set_landscape()
    feuille.set_paper(9)  # A4
    feuille.fit_to_pages(1, 0)
    feuille.set_footer("&L&F&RPage &P sur &N")
