"""Reference files that people drop: checked as a whole, taken as one set, told in the trace.

A set stands beside the former ones in ``prises/`` of the folder where files are dropped: every process reads it at its
next question, and nothing is restarted. What is refused changes nothing.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from aller_vers.socle.donnees_personnelles import check_motif
from aller_vers.socle.dossiers_reference import PRISES, find_depot, find_dossier, find_installe, list_prises
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.fichiers_edites import FichierEditeError, refuse
from aller_vers.socle.francais import write_jour
from aller_vers.socle.groupes import load_groupes
from aller_vers.socle.partitions import lock
from aller_vers.socle.referentiel import load_caf, load_conventions, load_cpam, load_perimetres
from aller_vers.socle.referentiel_entrepot import load_reference
from aller_vers.socle.sql import run_sql

# What may be dropped; the domains of the Internet are the world's, and come with the program.
FICHIERS = (
    "caf.csv",
    "code_postal.csv",
    "convention.csv",
    "cpam.csv",
    "groupe.csv",
    "perimetre.csv",
    "region.csv",
)
_DEPOSES = "fichiers_deposes.txt"


@dataclass(frozen=True)
class Prise:
    """A set that is in force: its name, the files that were dropped, those of which the content has just changed."""

    nom: str
    deposes: tuple[str, ...]
    changes: tuple[str, ...]


def apply_reference(entrepot: Connection, *, acteur: str, motif: str, exemples: bool) -> Prise:
    """Put what was dropped in force, over the installed files; dropped again, the same changes nothing.

    A file that is no longer there gives its place back to the installed one.

    Raises:
        FichierEditeError: a file is not what it has to be; it is named, with the line, the column and what to do.
        ErreurAllerVers: there is no folder, nothing was ever dropped, or the reason names a person.
    """
    motif = check_motif(motif)
    if len(motif) < 10:
        raise ErreurAllerVers(
            "La référence ne change pas sans motif écrit.", "écrire pourquoi, en 10 signes au moins."
        )
    depot = find_depot()
    if depot is None or not depot.is_dir():
        raise ErreurAllerVers(
            "Aucun dossier ne reçoit de fichiers de référence.",
            "donner ce dossier par la variable AV_DEPOT_REFERENCE (docs/exploitation.md, « Changer la référence »).",
        )
    deposes = {f.name: f for f in sorted(depot.glob("*.csv"))}
    if inconnus := sorted(set(deposes) - set(FICHIERS)):
        raise refuse(
            depot / inconnus[0],
            "la référence n'a pas de fichier de ce nom",
            f"le nommer {', '.join(FICHIERS)}.",
        )
    if not deposes and not list_prises():
        raise ErreurAllerVers(
            f"Rien n'est déposé dans {depot}.", f"y déposer un de ces fichiers : {', '.join(FICHIERS)}."
        )
    return _take(entrepot, depot, deposes, acteur, motif, exemples)


def renew_reference(entrepot: Connection, *, exemples: bool) -> Prise | None:
    """Put the dropped files that are in force over those of a new version; nothing that waits is taken.

    Raises:
        FichierEditeError: they do not go with the new files; what was in force stays.
    """
    depot, prises = find_depot(), list_prises()
    if depot is None or not prises:
        load_reference(entrepot, exemples=exemples)
        return None
    noms = (prises[-1] / _DEPOSES).read_text(encoding="utf-8").split()
    deposes = {nom: prises[-1] / nom for nom in noms}
    return _take(entrepot, depot, deposes, "preparer", "nouvelle version installée", exemples)


def _take(
    entrepot: Connection, depot: Path, deposes: Mapping[str, Path], acteur: str, motif: str, exemples: bool
) -> Prise:
    lock(entrepot, "reference")
    avant = find_dossier()
    (depot / PRISES).mkdir(exist_ok=True)
    essai = Path(tempfile.mkdtemp(prefix=".essai-", dir=depot / PRISES))
    try:
        sources = {nom: deposes.get(nom, find_installe() / nom) for nom in FICHIERS}
        for nom, source in sources.items():
            shutil.copyfile(source, essai / nom)
        _check(essai, avant, sources)
        (essai / _DEPOSES).write_text("".join(f"{nom}\n" for nom in deposes), encoding="utf-8")
        changes = tuple(nom for nom in FICHIERS if _digest(essai / nom) != _digest(avant / nom))
        prise = _put_in_force(essai, changes)
        try:
            load_reference(entrepot, exemples=exemples)
            _record(entrepot, prise, deposes, acteur, motif)
        except BaseException:
            if prise != avant:
                prise.rename(essai)
            raise
    finally:
        shutil.rmtree(essai, ignore_errors=True)
    return Prise(prise.name, tuple(deposes), changes)


def _check(essai: Path, avant: Path, sources: Mapping[str, Path]) -> None:
    """Judge the set as a whole; a refusal names the file that a person dropped, not its copy."""
    try:
        _check_dossier(essai)
        load_groupes(essai)
        if perdues := sorted(set(load_caf(avant)) - set(load_caf(essai))):
            raise refuse(
                essai / "caf.csv", f"la Caf {perdues[0]} n'y est plus",
                "l'y remettre : ses mois passés portent son code. Si elle a fusionné, écrire son dernier jour dans "
                "valable_au, et son code dans anciens_codes de celle qui lui succède.",
            )  # fmt: skip
        if perdues := sorted(set(load_cpam(avant)) - set(load_cpam(essai))):
            raise refuse(
                essai / "cpam.csv", f"la Cpam {perdues[0]} n'y est plus",
                "l'y remettre : ses retours sont encore attendus ; ce sont ses conventions qui prennent fin.",
            )  # fmt: skip
    except FichierEditeError as refus:
        constat = refus.constat
        for nom, source in sources.items():
            constat = constat.replace(str(essai / nom), str(source))
        raise FichierEditeError(constat, refus.remede) from None


def _check_dossier(dossier: Path) -> None:
    """Make sure that the files of a folder are whole, each and together."""
    load_conventions(dossier)
    load_perimetres(dossier)
    par_departement = {d for caf in load_caf(dossier).values() for d in caf.departements}
    _check_vies(dossier)
    for cpam in load_cpam(dossier).values():
        if cpam.departements[0] not in par_departement:
            quoi = f"aucune Caf n'a le premier département de la Cpam {cpam.code_cpam}"
            raise refuse(dossier / "cpam.csv", quoi, "corriger la colonne departements, ici ou dans caf.csv.")


def _check_vies(dossier: Path) -> None:
    """A Caf that ends has one successor, that stands after it: nothing that bears its code is lost, nor told twice."""
    fichier, caf = dossier / "caf.csv", load_caf(dossier)
    for finie in (c for c in caf.values() if c.valable_au < date.max):
        suivantes = [c for c in caf.values() if finie.code_caf in c.anciens_codes and c != finie]
        if len(suivantes) != 1 or suivantes[0].valable_au <= finie.valable_au:
            quoi = f"la Caf {finie.code_caf} prend fin sans qu'une Caf, et une seule, lui succède"
            raise refuse(fichier, quoi, "écrire son code dans anciens_codes de celle qui lui succède.")
    for code, autre in (
        (a, c) for c in caf.values() for a in c.anciens_codes if a in caf and a != c.code_caf
    ):
        if caf[code].valable_au == date.max:
            quoi = f"la Caf {code}, ancien code de la Caf {autre.code_caf}, n'a pas de dernier jour"
            raise refuse(fichier, quoi, "écrire ce jour dans valable_au de sa ligne.")
    cpam = load_cpam(dossier)
    for c in load_conventions(dossier):
        if (c.date_fin or date.max) > (fin := min(caf[c.code_caf].valable_au, cpam[c.code_cpam].valable_au)):
            quoi = f"la convention de la Caf {c.code_caf} et de la Cpam {c.code_cpam} dure plus qu'une des deux caisses"
            raise refuse(
                dossier / "convention.csv",
                quoi,
                f"écrire dans date_fin un jour qui ne passe pas le {write_jour(fin)}.",
            )


def _put_in_force(essai: Path, changes: tuple[str, ...]) -> Path:
    """Give the set its number and its place; the last one stands when it is the same."""
    prises = list_prises()
    memes = prises and not changes and _digest(essai / _DEPOSES) == _digest(prises[-1] / _DEPOSES)
    if prises and memes:
        return prises[-1]
    empreinte = hashlib.sha256("".join(_digest(essai / nom) for nom in FICHIERS).encode()).hexdigest()
    essai.chmod(0o755)
    return essai.rename(essai.with_name(f"{len(prises) + 1:06d}-{empreinte[:12]}"))


def _record(entrepot: Connection, prise: Path, deposes: Mapping[str, Path], acteur: str, motif: str) -> None:
    for nom in FICHIERS:
        run_sql(
            entrepot, "socle/insert_prise.sql", prise=prise.name, fichier=nom, depose=nom in deposes,
            empreinte=_digest(prise / nom), acteur=acteur, motif=motif,
        )  # fmt: skip


def _digest(fichier: Path) -> str:
    return hashlib.sha256(fichier.read_bytes()).hexdigest()
