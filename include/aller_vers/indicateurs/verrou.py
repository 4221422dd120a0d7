"""The lock of definitions: what forbids a silent change (IGAS 2013-164R, rec. 2).

``include/indicateurs/verrou.json`` keeps, for each definition, a hash of its formula, one of the SQL and settings that
give its measures, one of the rest of its card, and the number of lines of its journal. Another formula is another
version; another SQL, setting or word is a dated line of journal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from aller_vers.indicateurs.dictionnaire import DOSSIER, Indicateur
from aller_vers.mesures.calculs import describe_calculs
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.fichiers_edites import read_texte, refuse
from aller_vers.socle.reglages import Reglages

# What a value depends on; targets, axis, points and words are the card.
FORMULE = frozenset({
    "type", "definition", "maille", "frequence", "numerateur", "denominateur", "quantile", "recul_mois", "unite",
    "sens",
})  # fmt: skip
_FICHIER = "verrou.json"


class Sceau(NamedTuple):
    """A definition as the lock keeps it."""

    formule: str
    calcul: str
    fiche: str
    journal: int


def compute_empreintes(dictionnaire: Sequence[Indicateur], reglages: Reglages) -> dict[str, str]:
    """Return, by ``code/version``, the hash of what gives a value here: formula, and SQL with the settings in force.

    Where no setting differs from its default, it is the lock's own.
    """
    calculs = describe_calculs(reglages)
    sceaux = {i.cle: seal(i, calculs) for i in dictionnaire}
    return {cle: f"{s.formule}-{s.calcul}" for cle, s in sceaux.items()}


def seal(indicateur: Indicateur, calculs: Mapping[str, str] | None = None) -> Sceau:
    """Return the seal of a definition, with the SQL of today and, unless given, the default settings."""
    calculs = _load_calculs() if calculs is None else calculs
    # Who is shown a figure says nothing of the figure.
    champs = indicateur.model_dump(mode="json", exclude={"journal", "diffusion"})
    formule = {nom: valeur for nom, valeur in champs.items() if nom in FORMULE}
    fiche = {nom: valeur for nom, valeur in champs.items() if nom not in FORMULE}
    calcul = {mesure: calculs.get(mesure, "") for mesure in sorted(indicateur.mesures)}
    return Sceau(_hash(formule), _hash(calcul), _hash(fiche), len(indicateur.journal))


def read_verrou(dossier: Path = DOSSIER) -> dict[str, Sceau]:
    """Return the lock of a folder: empty where there is none."""
    fichier = dossier / _FICHIER
    if not fichier.is_file():
        return {}
    try:
        lu = json.loads(read_texte(fichier))
        return {cle: Sceau(**sceau) for cle, sceau in lu.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise refuse(
            fichier, "ce n'est pas le verrou des définitions",
            "ne pas le corriger à la main : le rétablir tel qu'il était, ou python -m aller_vers dictionnaire.",
        ) from None  # fmt: skip


def find_changements(verrou: dict[str, Sceau], dictionnaire: Sequence[Indicateur]) -> list[str]:
    """Return what the lock refuses, as French sentences; additions are welcome."""
    sceaux = {i.cle: seal(i) for i in dictionnaire}
    refus = [
        f"{cle} a disparu : une définition qui a servi reste, fermée par valable_au"
        for cle in sorted(verrou.keys() - sceaux.keys())
    ]
    for cle in sorted(verrou.keys() & sceaux.keys()):
        avant, apres = verrou[cle], sceaux[cle]
        if avant.formule != apres.formule:
            refus.append(f"{cle} ne calcule plus la même chose : en faire une nouvelle version")
        elif avant.calcul != apres.calcul and apres.journal <= avant.journal:
            refus.append(
                f"{cle} lit une mesure dont le SQL ou les réglages ont changé, sans version ni ligne de journal"
            )
        elif avant.fiche != apres.fiche and apres.journal <= avant.journal:
            refus.append(f"{cle} a changé sans nouvelle ligne de journal")
        elif apres.journal < avant.journal:
            refus.append(f"{cle} a perdu des lignes de son journal")
    return refus


def lock_definitions(dictionnaire: Sequence[Indicateur], dossier: Path = DOSSIER) -> list[str]:
    """Bring the lock to this dictionary; return the definitions that are new or have a new card.

    Raises:
        ErreurAllerVers: a definition changed without a new version, or a card without a line of journal.
    """
    verrou = read_verrou(dossier)
    refus = find_changements(verrou, dictionnaire)
    if refus:
        raise ErreurAllerVers(
            f"Le verrou des définitions refuse : {' ; '.join(refus)}.",
            "créer <code>_v<n>.yml avec sa ligne de journal. (Une définition qui n'a jamais servi s'efface de "
            f"{_FICHIER}.)",
        )
    sceaux = {i.cle: seal(i) for i in dictionnaire}
    lignes = ",\n".join(f'  "{cle}": {json.dumps(sceaux[cle]._asdict())}' for cle in sorted(sceaux))
    (dossier / _FICHIER).write_text(f"{{\n{lignes}\n}}\n", encoding="utf-8")
    return [cle for cle in sorted(sceaux) if verrou.get(cle) != sceaux[cle]]


@cache
def _load_calculs() -> Mapping[str, str]:
    defauts = {nom: champ.default for nom, champ in Reglages.model_fields.items()}
    return describe_calculs(Reglages.model_construct(**defauts))


def _hash(champs: Mapping[str, object]) -> str:
    canonique = json.dumps(champs, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonique.encode()).hexdigest()[:16]
