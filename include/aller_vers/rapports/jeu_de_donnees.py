"""The diffusion as open data: two CSV files, the dictionary, and a Frictionless data package that describes them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.socle.mois import Mois

_ATTEINTES = ["atteinte", "quasi_atteinte", "non_atteinte"]
PAQUET = "datapackage.json"
_Champ = tuple[str, str, str, dict[str, Any]]
_COMMUNS: tuple[_Champ, ...] = (
    ("code", "string", "Code de l'indicateur", {"required": True}),
    ("version", "integer", "Version de sa définition", {"required": True, "minimum": 1}),
    ("mois", "yearmonth", "Mois de référence", {"required": True}),
)
_INDICATEURS: tuple[_Champ, ...] = (
    *_COMMUNS,
    ("periode", "string", "Le mois, ou l'année close en décembre", {"enum": ["mois", "annee"], "required": True}),
    ("niveau", "string", "Niveau du territoire", {"enum": ["national", "region", "caf"], "required": True}),
    ("territoire", "string", "FR, code Insee de la région, ou code de la Caf", {"required": True}),
    ("numerateur", "number", "Numérateur, arrondi ; 0 se lit « 0 à base - 1 »", {}),
    ("denominateur", "number", "Dénominateur, arrondi ; 0 se lit « 0 à base - 1 »", {}),
    ("valeur", "number", "Valeur", {}),
    ("cible", "number", "Cible en vigueur à la fin du mois", {}),
    ("atteinte", "string", "Atteinte de la cible", {"enum": _ATTEINTES}),
    (
        "statut", "string", "publie ; petit : un compte de 0 à base - 1 ; trop_peu : trop peu de personnes pour un "
        "taux ; non_fourni : personne ne l'a transmis ; sans_objet : abandonné, ou dénominateur nul",
        {"enum": ["publie", "petit", "trop_peu", "non_fourni", "sans_objet"], "required": True},
    ),
    ("publie_le", "date", "Date de la publication", {"required": True}),
    ("corrige_le", "date", "Date de la dernière correction", {}),
)  # fmt: skip
_HOMOGENEITE: tuple[_Champ, ...] = (
    *_COMMUNS,
    *((nom, "number", libelle, {}) for nom, libelle in (
        ("mini", "Plus petite valeur publiée d'une Caf, sur l'année"), ("d1", "Premier décile des Caf"),
        ("mediane", "Médiane des Caf"), ("d9", "Neuvième décile des Caf"),
        ("maxi", "Plus grande valeur publiée d'une Caf"),
    )),
    ("nb_caf", "integer", "Caf dont la valeur est publiée", {"required": True, "minimum": 1}),
    ("nb_atteint", "integer", "Dont à la cible", {"minimum": 0}),
)  # fmt: skip
_DICTIONNAIRE: tuple[_Champ, ...] = (
    ("code", "string", "Code de l'indicateur", {"required": True}),
    ("version", "integer", "Version de la définition", {"required": True, "minimum": 1}),
    ("libelle", "string", "Libellé", {"required": True}),
    ("definition", "string", "Définition", {"required": True}),
    ("type", "string", "Formule", {"required": True}),
    ("unite", "string", "Unité", {"required": True}),
    (
        "sens",
        "string",
        "Ce qui est mieux : plus, ou moins ; neutre : décrit",
        {"enum": ["plus", "moins", "neutre"]},
    ),
    ("biais", "string", "Ce que l'indicateur ne voit pas", {}),
    ("source", "string", "Document et page", {}),
    ("valable_du", "date", "Début de validité", {"required": True}),
    ("valable_au", "date", "Fin de validité", {}),
    (
        "empreinte",
        "string",
        "Empreinte de ce qui a donné les valeurs du mois : formule, puis SQL et réglages",
        {},
    ),
)
_CLES = {
    "indicateurs": ["mois", "periode", "code", "version", "niveau", "territoire"],
    "homogeneite": ["mois", "code", "version"],
    "dictionnaire": ["code", "version"],
}
_TABLES = {"indicateurs": _INDICATEURS, "homogeneite": _HOMOGENEITE, "dictionnaire": _DICTIONNAIRE}


def build_jeu(
    mois: Mois,
    indicateurs: Iterable[Mapping[str, Any]],
    homogeneite: Iterable[Mapping[str, Any]],
    dictionnaire: Sequence[Indicateur],
    base: int,
    empreintes: Mapping[tuple[str, int], str],
) -> dict[str, bytes]:
    """Return the files of the month's data set by name, ``datapackage.json`` last: it describes the others."""
    lignes = {
        "indicateurs": indicateurs,
        "homogeneite": homogeneite,
        "dictionnaire": [
            i.model_dump() | {"empreinte": empreintes.get((i.code, i.version))}
            for i in dictionnaire
            if i.diffusion.portee == "public"
        ],
    }
    fichiers = {f"{nom}.csv": _write_csv(nom, lignes[nom]) for nom in _TABLES}
    paquet = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"aller-vers-proches-aidants-{mois}",
        "title": f"Aller vers les proches aidants : indicateurs, {mois.libelle}",
        "description": f"Tout nombre de personnes est arrondi au hasard à un multiple de {base} voisin, "
        f"et un nombre arrondi à 0 se lit « 0 à {base - 1} ». Un total est arrondi pour lui-même : les parts ne "
        "s'additionnent pas. Taux, moyennes et quantiles sont calculés sur des nombres arrondis. La nation et les "
        "régions sont publiées au mois, les Caf à l'année ; une région de deux Caf ne l'est pas, car chacune y lirait "
        "l'autre. Une correction remplace, à sa date.",
        "version": str(mois),
        "licenses": [{"name": "etalab-2.0", "title": "Licence Ouverte 2.0"}],
        "resources": [_describe(nom, fichiers[f"{nom}.csv"]) for nom in _TABLES],
    }
    fichiers[PAQUET] = (json.dumps(paquet, ensure_ascii=False, indent=2) + "\n").encode()
    return fichiers


def is_a_jour(paquet: bytes | None, indicateurs: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether a data set, by its description, holds these values."""
    if paquet is None:
        return False
    ressources = {r["name"]: r["hash"] for r in json.loads(paquet)["resources"]}
    return ressources.get("indicateurs") == _hash(_write_csv("indicateurs", indicateurs))


def _hash(octets: bytes) -> str:
    return f"sha256:{hashlib.sha256(octets).hexdigest()}"


def _write_csv(nom: str, lignes: Iterable[Mapping[str, Any]]) -> bytes:
    colonnes = [champ for champ, *_ in _TABLES[nom]]
    flux = io.StringIO()
    ecrit = csv.writer(flux, delimiter=",", lineterminator="\r\n")
    ecrit.writerow(colonnes)
    for ligne in sorted(lignes, key=lambda li: [str(li[c]) for c in _CLES[nom]]):
        ecrit.writerow([_write(ligne[c]) for c in colonnes])
    return flux.getvalue().encode()


def _write(valeur: Any) -> str:
    if valeur is None:
        return ""
    return f"{valeur:f}" if isinstance(valeur, Decimal) else " ".join(str(valeur).split())


def _describe(nom: str, octets: bytes) -> dict[str, Any]:
    return {
        "name": nom,
        "type": "table",
        "path": f"{nom}.csv",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(octets),
        "hash": _hash(octets),
        "schema": {
            "fields": [
                {"name": champ, "type": type_, "description": libelle, "constraints": contraintes}
                for champ, type_, libelle, contraintes in _TABLES[nom]
            ],
            "missingValues": [""],
            "primaryKey": _CLES[nom],
        },
    }
