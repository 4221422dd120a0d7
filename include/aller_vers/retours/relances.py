"""Lots without acknowledgement and treatments without certificate: listed, reminded once a step, escalated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import Connection

from aller_vers.lots.inscription import locate
from aller_vers.socle.calendrier import count_jours_ouvres
from aller_vers.socle.francais import count, write_de, write_jour
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.avis import EQUIPE, queue_avis
from aller_vers.suivi.conventions import remind_conventions


@dataclass(frozen=True)
class Attendue:
    """A lot that stands and one Cpam for which no acknowledgement has come; ``lignes``: people of the whole lot.

    ``seule``: it is all for this Cpam, the only one; of several, nobody but the Caf knows how many were for each.
    """

    mois: str
    code_caf: str
    libelle: str
    version: int
    code_cpam: str
    nom_cpam: str
    depose_le: date
    lignes: int
    seule: bool

    @property
    def cle(self) -> str:
        """How an address or a form names it."""
        return f"{self.mois}-{self.code_caf}-{self.version}-{self.code_cpam}"


@dataclass(frozen=True)
class Certificat:
    """A Cpam that has not certified the destruction in time; the end of its treatment, if it told it."""

    mois: str
    code_caf: str
    libelle: str
    code_cpam: str
    nom_cpam: str
    transmis_le: date
    date_fin_traitement: date | None
    a_detruire_avant: date


@dataclass(frozen=True)
class RetourEnRetard:
    """A Cpam that was sent a month and has given no return in time."""

    mois: str
    code_caf: str
    libelle: str
    code_cpam: str
    nom_cpam: str
    transmis_le: date
    du_le: date


@dataclass(frozen=True)
class Copie:
    """A version that a Cpam received and that no longer stands; ``place``: ``remplacee`` or ``retenue``."""

    mois: str
    code_caf: str
    libelle: str
    version: int
    code_cpam: str
    nom_cpam: str
    place: str
    depuis: date


def list_retours_en_retard(
    connexion: Connection, jour: date, jours_retour: int
) -> tuple[RetourEnRetard, ...]:
    """Return the returns that are due on this day and have not come, oldest transmission first."""
    lignes = run_sql(connexion, "retours/select_retours_en_retard.sql", jour=jour, jours=jours_retour)
    return tuple(RetourEnRetard(**ligne._mapping) for ligne in lignes)


def list_en_attente(connexion: Connection) -> tuple[Attendue, ...]:
    """Return every recipient whose acknowledgement has not come, oldest drop first."""
    lignes = run_sql(connexion, "retours/select_en_attente.sql")
    return tuple(Attendue(**ligne._mapping) for ligne in lignes)


def list_destructions(
    connexion: Connection, jour: date, mois_certificat: int, jours_retour: int
) -> tuple[Certificat | Copie, ...]:
    """Return what Cpam have to destroy and have not certified, oldest first.

    A lot in place, whose certificate is late on this day; a version that was replaced or held after it was sent.
    """
    lignes = run_sql(
        connexion, "retours/select_destructions_dues.sql",
        jour=jour, mois_certificat=mois_certificat, jours_retour=jours_retour,
    )  # fmt: skip
    return tuple(
        Copie(li.mois, li.code_caf, li.libelle, li.version, li.code_cpam, li.nom_cpam, li.place, li.depuis)
        if li.depuis
        else Certificat(
            li.mois, li.code_caf, li.libelle, li.code_cpam, li.nom_cpam, li.transmis_le, li.date_fin_traitement,
            li.a_detruire_avant,
        )
        for li in lignes
    )  # fmt: skip


def find_etape(jours: int, etapes: Iterable[int]) -> int | None:
    """Return the last step that so many business days have reached: after a silence, one reminder, not all of them."""
    return max((etape for etape in etapes if etape <= jours), default=None)


def remind(entrepot: Connection, jour: date, reglages: Reglages) -> dict[str, int]:
    """Put into the outbox the reminders that are due on this day: one a lot and a step, never twice.

    Returns:
        The number of new notices by kind: ``equipe`` is of lots without an acknowledgement, as ``caf``.
    """
    comptes = {"caf": 0, "equipe": 0, "certificats": 0, "retours": 0, "copies": 0, "conventions": 0}
    par_lot = groupby(list_en_attente(entrepot), key=lambda a: (a.mois, a.code_caf, a.version))
    for (mois, code_caf, version), groupe in par_lot:
        attendues = list(groupe)
        jours = count_jours_ouvres(attendues[0].depose_le, jour, code_caf)
        cle = f"relance/{mois}/{code_caf}/v{version}"
        etape = find_etape(jours, reglages.relances_caf_jours)
        if etape is not None:
            comptes["caf"] += _remind_caf(entrepot, attendues, f"{cle}/J{etape}", jours, reglages)
        if jours >= reglages.relance_equipe_jours:
            comptes["equipe"] += _remind_equipe(entrepot, attendues, f"{cle}/equipe", jours)
    for due in list_destructions(entrepot, jour, reglages.mois_certificat, reglages.jours_retour):
        if isinstance(due, Copie):
            comptes["copies"] += _remind_copie(entrepot, due, jour, reglages)
        else:
            comptes["certificats"] += _remind_certificat(entrepot, due, jour, reglages)
    for retard in list_retours_en_retard(entrepot, jour, reglages.jours_retour):
        comptes["retours"] += _remind_retour(entrepot, retard, jour, reglages)
    comptes["conventions"] = remind_conventions(entrepot, jour)
    return comptes


def _name_retours(code_caf: str, reglages: Reglages) -> str:
    return locate(reglages, f"{code_caf}/retours")


def _remind_caf(
    entrepot: Connection, attendues: list[Attendue], cle: str, jours: int, reglages: Reglages
) -> bool:
    lot = attendues[0]
    return queue_avis(
        entrepot,
        cle=cle,
        destinataire=f"caf:{lot.code_caf}",
        objet=f"Proches aidants : accusé attendu pour le {_write_lot(lot.mois)}, version {lot.version}",
        corps=f"Le {_write_lot(lot.mois)} (version {lot.version}), déposé le "
        f"{write_jour(lot.depose_le)}, n'a pas d'accusé de transmission depuis {count(jours, 'jour ouvré')} "
        f"pour : {_name(attendues)}. S'il est envoyé, compléter "
        f"ACCUSE_{lot.code_caf}_{lot.mois.replace('-', '')}.csv et le déposer dans "
        f"{_name_retours(lot.code_caf, reglages)} ; sinon l'envoyer par BlueFiles ou PEPS. Si rien n'est pour une "
        "Cpam, écrire 0 dans la colonne lignes.",
    )


def _remind_equipe(entrepot: Connection, attendues: list[Attendue], cle: str, jours: int) -> bool:
    lot = attendues[0]
    return queue_avis(
        entrepot,
        cle=cle,
        destinataire=EQUIPE,
        objet=f"Proches aidants : {_write_lot(lot.mois)} sans accusé, Caf {lot.libelle} ({lot.code_caf})",
        corps=f"Le {_write_lot(lot.mois)} (version {lot.version}) de la Caf {lot.libelle}, déposé le "
        f"{write_jour(lot.depose_le)}, n'a pas d'accusé de transmission après {count(jours, 'jour ouvré')} et les "
        f"relances, pour : {_name(attendues)}.",
    )


def _remind_certificat(entrepot: Connection, certificat: Certificat, jour: date, reglages: Reglages) -> int:
    cle = f"certificat/{certificat.mois}/{certificat.code_caf}/{certificat.code_cpam}"
    qui = f"la Cpam {certificat.code_cpam} ({certificat.nom_cpam})"
    lot = _write_lot(certificat.mois)
    traitement = (
        f"le traitement du {lot} par {qui} s'est terminé le {write_jour(certificat.date_fin_traitement)}"
        if certificat.date_fin_traitement
        else f"le {lot}, transmis à {qui} le {write_jour(certificat.transmis_le)}, n'a pas de date de fin de traitement"
    )
    constat = (
        f"{traitement} ; la destruction, due au plus tard le {write_jour(certificat.a_detruire_avant)} "
        "(IT 2025-098 §2.2), n'est pas certifiée."
    )
    caf = queue_avis(
        entrepot,
        cle=cle,
        destinataire=f"caf:{certificat.code_caf}",
        objet=f"Proches aidants : destruction à certifier, {lot}",
        corps=f"{constat[0].upper()}{constat[1:]} Demander à la Cpam la date de destruction, la porter dans le retour "
        f"mensuel (date_destruction) et le déposer de nouveau dans {_name_retours(certificat.code_caf, reglages)}.",
    )
    tard = (
        count_jours_ouvres(certificat.a_detruire_avant, jour, certificat.code_caf)
        >= reglages.relance_equipe_jours
    )
    return caf + (
        tard
        and queue_avis(
            entrepot,
            cle=f"{cle}/equipe",
            destinataire=EQUIPE,
            objet=f"Proches aidants : destruction non certifiée, Caf {certificat.libelle}, {lot}",
            corps=f"Caf {certificat.libelle} : {constat}",
        )
    )


def _remind_retour(entrepot: Connection, retard: RetourEnRetard, jour: date, reglages: Reglages) -> int:
    qui, mois = f"la Cpam {retard.code_cpam} ({retard.nom_cpam})", Mois.parse(retard.mois).libelle
    constat = (
        f"le retour de {qui} pour {mois}, transmis le {write_jour(retard.transmis_le)}, était attendu le "
        f"{write_jour(retard.du_le)} et n'est pas arrivé."
    )
    return _escalate(
        entrepot, f"relance/retour/{retard.mois}/{retard.code_caf}/{retard.code_cpam}", retard.code_caf,
        count_jours_ouvres(retard.du_le, jour, retard.code_caf), reglages,
        f"Proches aidants : retour attendu de la Cpam {retard.code_cpam}, {mois}",
        f"D'après vos accusés, {constat} Le demander à la Cpam (modèles dans retours/modeles/), et le déposer dans "
        f"{_name_retours(retard.code_caf, reglages)}.",
        f"Caf {retard.libelle} : {constat}",
    )  # fmt: skip


def _remind_copie(entrepot: Connection, copie: Copie, jour: date, reglages: Reglages) -> int:
    qui, lot = f"la Cpam {copie.code_cpam} ({copie.nom_cpam})", _write_lot(copie.mois)
    devenu = "retenue" if copie.place == "retenue" else "remplacée"
    constat = (
        f"la version {copie.version} du {lot}, transmise à {qui}, est {devenu} depuis le "
        f"{write_jour(copie.depuis)} ; sa destruction par la Cpam n'est pas certifiée."
    )
    return _escalate(
        entrepot,
        f"relance/copie/{copie.mois}/{copie.code_caf}/v{copie.version}/{copie.code_cpam}/{copie.depuis}",
        copie.code_caf, count_jours_ouvres(copie.depuis, jour, copie.code_caf), reglages,
        f"Proches aidants : version {copie.version} du {lot} à faire détruire par la Cpam {copie.code_cpam}",
        f"Attention, {constat} Demander à la Cpam de la détruire aussitôt et d'en donner la date, la porter dans le "
        f"modèle CERTIFICATS_…_v{copie.version}.xlsx (retours/modeles/) et le déposer dans "
        f"{_name_retours(copie.code_caf, reglages)}.",
        f"Caf {copie.libelle} : {constat}",
    )  # fmt: skip


def _escalate(
    entrepot: Connection, cle: str, code_caf: str, jours: int, reglages: Reglages, objet: str, a_la_caf: str,
    a_l_equipe: str,
) -> int:  # fmt: skip
    """Remind the Caf at once, then at each step of business days; tell the team once the last one has passed."""
    etape = find_etape(jours, (0, *reglages.relances_caf_jours))
    caf = queue_avis(
        entrepot, cle=f"{cle}/J{etape}", destinataire=f"caf:{code_caf}", objet=objet, corps=a_la_caf
    )
    tard = jours >= reglages.relance_equipe_jours
    return caf + (
        tard
        and queue_avis(
            entrepot,
            cle=f"{cle}/equipe",
            destinataire=EQUIPE,
            objet=f"{objet}, Caf {code_caf}",
            corps=a_l_equipe,
        )
    )


def _write_lot(mois: str) -> str:
    return f"lot {write_de(Mois.parse(mois).libelle)}"


def _name(attendues: list[Attendue]) -> str:
    return ", ".join(f"{a.nom_cpam} ({a.code_cpam})" for a in attendues)
