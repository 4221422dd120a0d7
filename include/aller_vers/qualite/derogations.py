"""Derogations: one rule judged less severely, for one Caf and one month, by a dated and reasoned entry that expires."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Self

import yaml
from pydantic import Field, ValidationError, model_validator

from aller_vers.qualite.suites import DOSSIER as SUITES
from aller_vers.qualite.suites import Severite, load_suite
from aller_vers.qualite.verdicts import Jugement, Manquement, conclude
from aller_vers.socle.donnees_personnelles import check_motif
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import write_jour
from aller_vers.socle.modele_strict import ModeleStrict
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.yaml_strict import read_yaml

DOSSIER = SUITES / "derogations"
_DUREE_MAXIMALE = dt.timedelta(days=92)
_UN_CRAN: dict[Severite, Severite] = {"critical": "warning", "warning": "info", "info": "info"}


class Derogation(ModeleStrict, strict=True):
    """An entry; ``limite``: applicants that the rule may count, at most, for the entry to hold."""

    regle: str
    code_caf: str
    mois: Mois
    limite: int | None = Field(default=None, ge=1)
    motif: str = Field(min_length=10)
    par: str = Field(min_length=3)
    date: dt.date
    expire_le: dt.date

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.date < self.expire_le <= self.date + _DUREE_MAXIMALE:
            raise ValueError(f"expire_le suit date, de {_DUREE_MAXIMALE.days} jours au plus")
        try:
            check_motif(self.motif)
        except ErreurAllerVers as erreur:
            raise ValueError(erreur.constat) from None
        return self


class _Fichier(ModeleStrict):
    derogations: tuple[Derogation, ...]


def load_derogations(suite: str, dossier: Path = DOSSIER) -> tuple[Derogation, ...]:
    """Read ``expectations/derogations/<suite>.yml``.

    Raises:
        ErreurAllerVers: an entry is incomplete, has an unknown key, rule or Caf, stands twice, or expires after more
            than three months.
    """
    fichier = dossier / f"{suite}.yml"
    try:
        derogations = _Fichier.model_validate(read_yaml(fichier)).derogations
    except ValidationError as erreur:
        # Without the values: one of them may be what a reason must not hold.
        fautes = erreur.errors(include_input=False, include_url=False, include_context=False)
        raise _refusal(
            fichier, " ; ".join(f"{'.'.join(map(str, f['loc']))} : {f['msg']}" for f in fautes)
        ) from None
    except yaml.YAMLError as erreur:
        raise _refusal(fichier, str(erreur)) from None
    regles, caf = {attente.regle for attente in load_suite(suite).caf}, load_caf()
    cles = [(d.regle, d.code_caf, d.mois) for d in derogations]
    if inconnues := sorted({d.regle for d in derogations} - regles):
        raise _refusal(fichier, f"règles inconnues : {', '.join(inconnues)}")
    if inconnues := sorted({d.code_caf for d in derogations} - set(caf)):
        raise _refusal(fichier, f"Caf inconnues : {', '.join(inconnues)}")
    if doubles := sorted({"/".join(map(str, cle)) for cle in cles if cles.count(cle) > 1}):
        raise _refusal(fichier, f"en double : {', '.join(doubles)}")
    return derogations


def apply_derogations(
    jugement: Jugement, derogations: Collection[Derogation], mois: Mois, jour: dt.date
) -> Jugement:
    """Return the judgement with what these entries soften; each failure says what became of its entry.

    Args:
        jugement: of one gate and month.
        derogations: of that gate; those of other months and Caf change nothing.
        mois: the month judged.
        jour: the day of the judgement.
    """
    par_cle = {(d.code_caf, d.regle): d for d in derogations if d.mois == mois}
    manquements = [
        _soften(m, par_cle[m.code_caf, m.regle], jour)
        if m.code_caf and (m.code_caf, m.regle) in par_cle
        else m
        for m in jugement.manquements
    ]
    par_caf = conclude(jugement.par_caf, manquements).par_caf
    return Jugement(jugement.nation, {code: par_caf[code] for code in jugement.par_caf}, tuple(manquements))


def _soften(manquement: Manquement, derogation: Derogation, jour: dt.date) -> Manquement:
    texte = f"{derogation.motif} ({derogation.par}, le {write_jour(derogation.date)})"
    if not manquement.evaluee:
        return replace(manquement, derogation=f"sans effet, règle non évaluée : {texte}")
    if jour > derogation.expire_le:
        return replace(manquement, derogation=f"expirée le {write_jour(derogation.expire_le)} : {texte}")
    limite = derogation.limite
    if limite is not None and (manquement.nombre is None or manquement.nombre > limite):
        return replace(manquement, derogation=f"limite de {limite} dépassée : {texte}")
    return replace(
        manquement,
        severite=_UN_CRAN[manquement.severite],
        derogation=f"jusqu'au {write_jour(derogation.expire_le)} : {texte}",
    )


def _refusal(fichier: Path, detail: str) -> ErreurAllerVers:
    return ErreurAllerVers(
        f"Le fichier expectations/derogations/{fichier.name} est refusé : {detail}.",
        "corriger ce fichier ; tant qu'il est refusé, aucun lot n'est jugé.",
    )
