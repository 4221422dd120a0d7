"""The dictionary for people, ``docs/indicateurs.md``, and for machines, csv and json: generated."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from aller_vers.indicateurs.dictionnaire import TOUTES, Composant, Indicateur

DOCS = Path(__file__).parents[3] / "docs"
_ENTETE = """\
# Indicateurs

Page écrite par `python -m aller_vers dictionnaire` d'après `include/indicateurs/*.yml` : ne pas la modifier à la main.
Ce que font les types, les mailles et les périodes : [calcul des indicateurs](calcul_des_indicateurs.md). La même liste
pour les machines, en csv et json : `python -m aller_vers dictionnaire --sortie <dossier>`.
"""
_TYPES = {
    "compte": "compte", "ratio": "ratio", "moyenne": "moyenne", "quantile": "quantile",
    "au_dela": "moyenne au-delà d'un quantile", "evolution": "évolution", "dispersion": "dispersion",
}  # fmt: skip
_NIVEAUX = {"national": "nation", "region": "régions", "groupe": "groupes", "caf": "Caf", "cpam": "Cpam"}
_SENS = {
    "plus": "plus haut est mieux",
    "moins": "plus bas est mieux",
    "neutre": "décrit, sans mieux ni moins bien",
}
_PERIODES = {"annee": "depuis janvier", "douze_mois": "douze mois glissants", "origine": "depuis l'origine"}
_COLONNES_CSV = (
    "code", "version", "libelle", "definition", "nature", "axe", "points", "type", "maille", "frequence", "periodes",
    "formule", "unite", "sens", "valeur_origine", "cibles", "bande_quasi_atteint", "part_minimale_caisses", "biais",
    "levier", "source", "valable_du", "valable_au", "abandonne", "journal",
)  # fmt: skip


def write_documentation(dictionnaire: Sequence[Indicateur], dossier: Path | None = None) -> list[Path]:
    """Write the page that people read into ``docs``, or page, csv and json into a folder; return the files."""
    textes = build_documentation(dictionnaire)
    noms = ["indicateurs.md"] if dossier is None else list(textes)
    fichiers = []
    for nom in noms:
        fichier = (dossier or DOCS) / nom
        fichier.write_text(textes[nom], encoding="utf-8", newline="")
        fichiers.append(fichier)
    return fichiers


def build_documentation(dictionnaire: Sequence[Indicateur]) -> dict[str, str]:
    """Return the text of the three files by name."""
    return {
        "indicateurs.md": _format_page(dictionnaire),
        "indicateurs.csv": _format_csv(dictionnaire),
        "indicateurs.json": json.dumps(
            export_dictionnaire(dictionnaire), ensure_ascii=False, indent=1, sort_keys=False
        )
        + "\n",
    }


def export_dictionnaire(dictionnaire: Sequence[Indicateur]) -> list[dict[str, object]]:
    """Return the dictionary as plain values: every field, the formula in words besides."""
    return [i.model_dump(mode="json") | {"formule": describe_formule(i)} for i in dictionnaire]


def describe_formule(indicateur: Indicateur) -> str:
    """Return the formula in words."""
    numerateur = _describe_terme(indicateur.numerateur)
    match indicateur.type:
        case "compte":
            return numerateur
        case "quantile":
            nom = {"0.5": "médiane", "0.9": "neuvième décile"}.get(str(indicateur.quantile))
            return f"{nom or f'quantile {indicateur.quantile}'} de {numerateur}"
        case "au_dela":
            return f"moyenne de {numerateur}, au-delà du quantile {indicateur.quantile}"
        case "evolution":
            return f"{numerateur} ÷ le même, {indicateur.recul_mois} mois avant, − 1"
        case "moyenne" if indicateur.denominateur is None:
            return f"moyenne de {numerateur}"
    quotient = f"{numerateur} ÷ {_describe_terme(indicateur.denominateur or ())}"
    if indicateur.type == "dispersion":
        return f"plus grand ÷ plus petit, entre caisses, de {quotient}"
    return quotient


def _describe_terme(terme: Sequence[Composant]) -> str:
    texte = " + ".join(_describe_composant(c) for c in terme)
    return f"({texte})" if len(terme) > 1 else texte


def _describe_composant(c: Composant) -> str:
    modalite = "" if c.modalite is None else f"[{'toutes' if c.modalite == TOUTES else c.modalite}]"
    bornes = ""
    if c.classe_min is not None or c.classe_max is not None:
        mini, maxi = c.classe_min, c.classe_max
        bornes = f" de {mini or 0} à {maxi}" if maxi is not None else f" à partir de {mini}"
    poids = "" if c.poids == 1 else f"{_decimal(c.poids)} × "
    return f"{poids}`{c.mesure}{modalite}`{bornes}"


def _format_page(dictionnaire: Sequence[Indicateur]) -> str:
    lignes = [_ENTETE, "| indicateur | libellé | nature | type | formule |", "|---|---|---|---|---|"]
    lignes += [
        f"| [{i.code}, version {i.version}](#{i.code}-version-{i.version}) | {i.libelle} | {i.nature} | "
        f"{_TYPES[i.type]} | {describe_formule(i)} |"
        for i in dictionnaire
    ]
    for indicateur in dictionnaire:
        lignes += ["", *_format_fiche(indicateur)]
    return "\n".join(lignes) + "\n"


def _format_fiche(i: Indicateur) -> Iterator[str]:
    yield f"## {i.code}, version {i.version}"
    yield ""
    yield f"**{i.libelle}.** {i.definition.strip()}"
    yield ""
    cibles = " ; ".join(f"{_decimal(v)} au {jour:%d/%m/%Y}" for jour, v in sorted(i.cibles.items()))
    champs = {
        "Formule": describe_formule(i),
        "Unité, sens": f"{i.unite}, {_SENS[i.sens]}",
        "Niveaux": ", ".join(_NIVEAUX[niveau] for niveau in i.niveaux),
        "Fréquence": i.frequence,
        "Périodes cumulées": ", ".join(_PERIODES[p] for p in i.periodes),
        "Nature": "indicateur de résultat (IR)" if i.nature == "IR" else "indicateur de suivi (IS)",
        "Axe": i.axe,
        "Points": i.points and _decimal(i.points),
        "Valeur d'origine": i.valeur_origine is not None and _decimal(i.valeur_origine),
        "Cibles": cibles,
        "Quasi atteint": i.bande_quasi_atteint and f"à {_decimal(i.bande_quasi_atteint)} près",
        "Décisions": " ; ".join(
            f"{d.mois} : {d.atteinte.replace('_', ' ')} ({d.date:%d/%m/%Y}, {d.raison})" for d in i.decisions
        ),
        "Part minimale de caisses": i.part_minimale_caisses and _decimal(i.part_minimale_caisses),
        "Biais": i.biais.strip(),
        "Levier": i.levier.strip(),
        "Source": i.source,
        "Valable": f"du {i.valable_du:%d/%m/%Y}" + (f" au {i.valable_au:%d/%m/%Y}" if i.valable_au else ""),
        "Abandonné": i.abandonne and f"le {i.abandonne:%d/%m/%Y}",
        "Journal": " ; ".join(i.journal),
    }
    for nom, valeur in champs.items():
        if valeur:
            yield f"- {nom} : {valeur}"


def _format_csv(dictionnaire: Sequence[Indicateur]) -> str:
    flux = io.StringIO(newline="")
    ecrivain = csv.DictWriter(
        flux, _COLONNES_CSV, delimiter=";", lineterminator="\r\n", extrasaction="ignore"
    )
    ecrivain.writeheader()
    for champs in export_dictionnaire(dictionnaire):
        ecrivain.writerow({nom: _cellule(valeur) for nom, valeur in champs.items()})
    return "\ufeff" + flux.getvalue()


def _cellule(valeur: object) -> str:
    if isinstance(valeur, dict):
        return " | ".join(f"{cle} : {v}" for cle, v in valeur.items())
    if isinstance(valeur, list):
        return " | ".join(map(str, valeur))
    return "" if valeur is None else str(valeur).strip()


def _decimal(valeur: object) -> str:
    return str(valeur).replace(".", ",")
