"""Templates of the returns, codes prefilled, in ``<caf>/retours/modeles/``: what a Caf hands to its Cpam."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from aller_vers.mesures.declarees import MesureDeclaree, load_mesures_declarees, load_profils
from aller_vers.partage.partage import Partage
from aller_vers.retours.controles import find_controles
from aller_vers.retours.depots import list_depots_cpam
from aller_vers.retours.fichiers.conservation import MODELES, RETOURS
from aller_vers.retours.fichiers.formes import PAR_NOM, PREFIXES, Nom
from aller_vers.socle import tableur
from aller_vers.socle.gabarits import write_notice
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf, load_cpam
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql

_LISEZMOI = "LISEZMOI_RETOURS.txt"
LISEZMOI_CPAM = "LISEZMOI_CPAM.txt"
_SIENS = (LISEZMOI_CPAM, *(f"{prefixe}_" for prefixe in PREFIXES.values()))
# What a Cpam may say of a version in place, and of one that no longer stands.
_PAR_VERSION: dict[bool, tuple[Nom, str]] = {
    True: ("opposition", "Oppositions"), False: ("certificat", "Certificats"),
}  # fmt: skip
# The same, for all of the Caf that sent it a month.
_DU_MOIS: dict[bool, tuple[Nom, str]] = {
    True: ("mensuel", "Retour mensuel"), False: ("certificat", "Certificats"),
}  # fmt: skip
_FIN = "9999-12"


@dataclass(frozen=True)
class Attendu:
    """A version that a Cpam was sent, or is to be; ``en_place``: its return is awaited, a former one is to destroy.

    ``a_accuser``: its sending too; ``certifie``: it is destroyed, and only the half-year still tells of it; ``lignes``:
    people of the lot, where it has a single recipient.
    """

    mois: str
    code_caf: str
    code_cpam: str
    version: int = 1
    en_place: bool = True
    a_accuser: bool = False
    certifie: bool = False
    lignes: int | None = None


def list_attendus(entrepot: Connection, depuis: Mois) -> dict[str, list[Attendu]]:
    """Return, by Caf, the lots since this month, and the former versions to destroy."""
    par_caf: dict[str, list[Attendu]] = {}
    for ligne in run_sql(entrepot, "retours/select_attendus.sql", mois=depuis):
        par_caf.setdefault(ligne.code_caf, []).append(Attendu(**ligne._mapping))
    return par_caf


def write_modeles(
    partage: Partage, attendus: dict[str, list[Attendu]], jour: date, reglages: Reglages
) -> int:  # fmt: skip
    """Bring the templates of each Caf and Cpam to what is still awaited; return how many files changed."""
    par_cpam: dict[str, list[Attendu]] = {}
    for siens in attendus.values():
        for attendu in siens:
            par_cpam.setdefault(attendu.code_cpam, []).append(attendu)
    depots = {c: plan_modeles(c, a, jour) if (a := attendus.get(c)) else {} for c in load_caf()}
    for depot in list_depots_cpam(reglages.dossier_cpam):
        code = depot.rpartition("/")[2]
        lignes = par_cpam.get(code)
        depots[depot] = plan_modeles_cpam(code, lignes, jour, reglages) if lignes else {}
    changes = 0
    for depot, voulus in depots.items():
        dossier = f"{depot}/{RETOURS}/{MODELES}"
        presents = set(partage.list(dossier))
        for nom, build in voulus.items():
            # What is still awaited changes: the notice that lists it is read again, no workbook is.
            if nom not in presents or (nom == LISEZMOI_CPAM and partage.read(f"{dossier}/{nom}") != build()):
                partage.write(f"{dossier}/{nom}", build())
                changes += 1
        for nom in presents - set(voulus):
            if nom.startswith(_SIENS):
                partage.remove(f"{dossier}/{nom}")
                changes += 1
    return changes


def plan_modeles(code_caf: str, attendus: Sequence[Attendu], jour: date) -> dict[str, Callable[[], bytes]]:
    """Return what builds each template of a Caf, by name: one a month and version, those of the last closed half-year.

    Most are on the share already, every day: only what is not there is built.
    """
    modeles: dict[str, Callable[[], bytes]] = {
        _LISEZMOI: partial(write_notice, Path(__file__).with_name(f"{_LISEZMOI}.j2"))
    }
    transmis, attendus = attendus, [a for a in attendus if not a.certifie]
    for mois, version, en_place in sorted({(a.mois, a.version, a.en_place) for a in attendus}):
        rangees = [
            {"code_cpam": a.code_cpam, "code_caf": code_caf, "mois": mois, "version": str(version)}
            for a in attendus
            if (a.mois, a.version, a.en_place) == (mois, version, en_place)
        ]
        forme, nom = _PAR_VERSION[en_place]
        suffixe = f"{code_caf}_{mois.replace('-', '')}_v{version}"
        modeles[f"{nom.upper()}_{suffixe}.xlsx"] = partial(
            build_modele, forme, rangees, f"{nom} {mois} v{version}"
        )
    attendus = [a for a in attendus if a.en_place]
    for mois, version in sorted({(a.mois, a.version) for a in attendus if a.a_accuser}):
        rangees = [
            {"code_caf": code_caf, "mois": mois, "version": str(version), "cpam": a.code_cpam,
             "lignes": "" if a.lignes is None else str(a.lignes),
             "portail": "interne" if load_cpam()[a.code_cpam].is_caisse_commune else ""}
            for a in attendus if a.a_accuser and (a.mois, a.version) == (mois, version)
        ]  # fmt: skip
        nom = f"ACCUSE_{code_caf}_{mois.replace('-', '')}_v{version}.xlsx"
        modeles[nom] = partial(build_modele, "accuse", rangees, f"Accusé {mois} v{version}")
    for mois in sorted({a.mois for a in attendus}):
        rangees = [
            {"code_cpam": a.code_cpam, "code_caf": code_caf, "mois": mois} for a in attendus if a.mois == mois
        ]
        nom = f"RETOUR_{code_caf}_{mois.replace('-', '')}.xlsx"
        modeles[nom] = partial(build_modele, "mensuel", rangees, f"Retour mensuel {mois}")
    clos = find_semestre_clos(jour)
    if min((a.mois for a in transmis if a.en_place), default=_FIN) > _last_mois(clos):
        return modeles
    cpam = sorted({a.code_cpam for a in transmis if a.en_place})
    suffixe = f"{code_caf}_{clos.replace('-', '')}.xlsx"
    mesures = [
        rangee
        for declaree in load_mesures_declarees().values()
        for rangee in _list_mesures(declaree, code_caf, cpam, clos)
    ]
    if mesures:
        modeles[f"MESURES_{suffixe}"] = partial(build_modele, "mesure", mesures, f"Mesures {clos}")
    return modeles


def plan_modeles_cpam(
    code_cpam: str, attendus: Sequence[Attendu], jour: date, reglages: Reglages
) -> dict[str, Callable[[], bytes]]:
    """Return what builds each template of a Cpam's own folder, by name: what it owes, a month and a half-year.

    The half-year's stay once every lot is certified: it is told afterwards.
    """
    dus = [a for a in attendus if not a.certifie]
    modeles: dict[str, Callable[[], bytes]] = {
        LISEZMOI_CPAM: partial(_build_lisezmoi_cpam, code_cpam, dus, reglages)
    }
    for mois, en_place in sorted({(a.mois, a.en_place) for a in dus}):
        siens = sorted({(a.code_caf, a.version) for a in dus if (a.mois, a.en_place) == (mois, en_place)})
        rangees = [
            {"code_cpam": code_cpam, "code_caf": code_caf, "mois": mois, "version": str(version)}
            for code_caf, version in siens
        ]
        forme, titre = _DU_MOIS[en_place]
        modeles[f"{PREFIXES[forme]}_{code_cpam}_{mois.replace('-', '')}.xlsx"] = partial(
            build_modele, forme, rangees, f"{titre} {mois}"
        )
    clos = find_semestre_clos(jour)
    if min((a.mois for a in attendus if a.en_place), default=_FIN) > _last_mois(clos):
        return modeles
    suffixe = f"{code_cpam}_{clos.replace('-', '')}.xlsx"
    modeles[f"BILAN_{suffixe}"] = partial(
        build_modele, "semestriel", [{"code_cpam": code_cpam, "semestre": clos}], f"Bilan {clos}"
    )
    profils = [
        {"code_cpam": code_cpam, "semestre": clos, "dimension": dimension, "modalite": modalite}
        for dimension, modalites in load_profils().items()
        for modalite in modalites
    ]
    modeles[f"PROFILS_{suffixe}"] = partial(build_modele, "profil", profils, f"Profils {clos}")
    return modeles


def _build_lisezmoi_cpam(code_cpam: str, attendus: Iterable[Attendu], reglages: Reglages) -> bytes:
    caf = load_caf()
    dus = sorted({(a.mois, a.code_caf) for a in attendus if a.en_place})
    copies = sorted({(a.mois, a.code_caf, a.version) for a in attendus if not a.en_place})
    return write_notice(
        Path(__file__).with_name(f"{LISEZMOI_CPAM}.j2"),
        cpam=load_cpam()[code_cpam],
        dus=[f"{Mois.parse(mois).libelle}, {caf[code].nom} ({code})" for mois, code in dus],
        copies=[
            f"{Mois.parse(mois).libelle}, {caf[code].nom} ({code}), version {version}"
            for mois, code, version in copies
        ],
        relaye=code_cpam not in reglages.adresses_cpam,
        contact=reglages.contact_equipe,
    )


def build_modele(forme: Nom, rangees: Iterable[dict[str, str]], titre: str) -> bytes:
    """Return a workbook with the titles of a shape and these cells prefilled; every cell a text."""
    colonnes = PAR_NOM[forme].colonnes
    return tableur.build_classeur(
        titre,
        date(2025, 6, 1),
        "retour",
        ((colonne, max(12, len(colonne) + 2)) for colonne in colonnes),
        ([rangee.get(colonne) for colonne in colonnes] for rangee in rangees),
        controles=find_controles(forme),
    )


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
