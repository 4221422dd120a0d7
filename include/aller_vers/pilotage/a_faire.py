"""« À faire »: what waits for a person, whatever its month, the gravest first, each with its one action."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from typing import Literal

from sqlalchemy import Connection

from aller_vers.pilotage.etats import EtatAffiche
from aller_vers.pilotage.le_mois import PORTES, load_alertes
from aller_vers.pilotage.sante import load_boite, load_echus
from aller_vers.qualite.decisions import list_lots_retenus
from aller_vers.qualite.libelles import explain_motif
from aller_vers.retours.relances import (
    Copie,
    list_destructions,
    list_en_attente,
    list_retours_en_retard,
)
from aller_vers.socle.calendrier import PARIS, add_jours_ouvres, count_jours_ouvres
from aller_vers.socle.francais import count, write_jour
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.acteurs import name_acteur
from aller_vers.suivi.conventions import count_signatures, list_finissantes

Gravite = Literal["bloque", "detruire", "retard", "prevoir"]
GRAVITES: dict[Gravite, str] = {
    "bloque": "Bloqué : rien n'avance sans une décision ou une réparation",
    "detruire": "À détruire ou à mettre à l'abri",
    "retard": "En retard",
    "prevoir": "À corriger ou à prévoir",
}
# The day on which the instruction asked for them (IT 2025-098, « Date de publication »).
_CONVENTIONS_DEMANDEES = date(2025, 5, 16)
_FORMES = {"mensuel": "mensuel", "semestriel": "semestriel", "profil": "de profils", "mesure": "de mesures"}


@dataclass(frozen=True)
class Genre:
    """A kind of thing to do: its gravity, what its chip says, and the words of its one action."""

    code: str
    gravite: Gravite
    puce: EtatAffiche
    action: str


@dataclass(frozen=True)
class Tache:
    """A thing that waits: what, since when, and where its action is taken.

    ``code_caf``, ``mois``: empty where it is about none. ``lien``: a path of the page, or the DAG in Airflow.
    """

    genre: Genre
    quoi: str
    depuis: date
    lien: str
    mois: str = ""
    code_caf: str = ""
    dans_airflow: bool = False

    @cached_property
    def qui(self) -> str:
        """The Caf's label, or nothing."""
        caf = load_caf().get(self.code_caf)
        return caf.libelle if caf else self.code_caf


@dataclass(frozen=True)
class Groupe:
    """What waits of one gravity, kind by kind."""

    gravite: Gravite
    titre: str
    genres: tuple[tuple[Genre, tuple[Tache, ...]], ...]

    @property
    def nombre(self) -> int:
        """How many things wait there."""
        return sum(len(taches) for _, taches in self.genres)


def _genre(code: str, gravite: Gravite, etat: str, signe: str, puce: str, action: str) -> Genre:
    return Genre(code, gravite, EtatAffiche(etat, puce, signe), action)


# In the order in which they are told.
_ECHEC = _genre("echec", "bloque", "retenu", "▲", "Exécution en échec", "Ouvrir dans Airflow")
_LENTEUR = _genre("lenteur", "bloque", "retenu", "▲", "Exécution en retard", "Ouvrir dans Airflow")
_PORTE = _genre("porte", "bloque", "retenu", "■", "Mois retenu", "Voir pourquoi")
_DECISION = _genre("decision", "bloque", "retenu", "■", "Lot retenu", "Décider")
_SUSPENDU = _genre("suspendu", "bloque", "retenu", "■", "Lot non déposé", "Voir le lot")
_AVIS = _genre("avis", "bloque", "retenu", "▲", "Avis refusés", "Voir la boîte d'envoi")
_QUARANTAINE = _genre("quarantaine", "detruire", "retenu", "■", "Fichier en quarantaine", "Voir le fichier")
_DESTRUCTION = _genre("destruction", "detruire", "retenu", "▲", "Destruction en retard", "Voir la purge")
_COPIE = _genre("copie", "detruire", "retard", "▲", "Copie périmée chez une Cpam", "Voir la Caf")
_CERTIFICAT = _genre("certificat", "detruire", "retard", "▲", "Certificat en retard", "Voir la Caf")
_TRANSMISSION = _genre("transmission", "retard", "retard", "▲", "Accusé en retard", "Inscrire l'accusé")
_RETOUR = _genre("retour", "retard", "retard", "▲", "Retour en retard", "Voir la Caf")
_RETOUR_RETENU = _genre("retour_retenu", "prevoir", "retenu", "■", "Retour retenu", "Voir le retour")
_FICHIER = _genre("fichier", "prevoir", "retard", "▲", "Fichier refusé", "Voir le fichier")
_CONVENTION = _genre("convention", "prevoir", "depose", "◔", "Convention", "Voir les conventions")


def load_a_faire(pilotage: Connection, jour: date, reglages: Reglages) -> tuple[Groupe, ...]:
    """Return what waits on this day, the gravest first, then the kinds in their order, then the oldest.

    Args:
        pilotage: as ``av_pilotage``.
        jour: day on which something is late or not.
        reglages: the delays.
    """
    taches = [
        *_list_echecs(pilotage),
        *_list_portes(pilotage),
        *_list_decisions(pilotage),
        *_list_suspendus(pilotage),
        *_list_avis(pilotage),
        *_list_fichiers(pilotage, jour, reglages),
        *_list_destructions(pilotage, jour, reglages),
        *_list_chez_les_cpam(pilotage, jour, reglages),
        *_list_retours_retenus(pilotage),
        *_list_conventions(pilotage, jour),
    ]
    return group(taches)


def group(taches: Iterable[Tache]) -> tuple[Groupe, ...]:
    """Return these by gravity, kind and age; a gravity of which nothing waits is not there."""
    gravites = list(GRAVITES)
    rangs = {g.code: (gravites.index(g.gravite), rang) for rang, g in enumerate(_ORDRE)}
    tries = sorted(taches, key=lambda t: (rangs[t.genre.code], t.depuis, t.mois, t.code_caf, t.quoi))
    return tuple(
        Groupe(
            gravite, GRAVITES[gravite], tuple((g, tuple(ts)) for g, ts in groupby(lot, key=lambda t: t.genre))
        )
        for gravite, lot in groupby(tries, key=lambda t: t.genre.gravite)
    )


_ORDRE = (
    _ECHEC, _LENTEUR, _PORTE, _DECISION, _SUSPENDU, _AVIS, _QUARANTAINE, _DESTRUCTION, _COPIE, _CERTIFICAT,
    _TRANSMISSION, _RETOUR, _RETOUR_RETENU, _FICHIER, _CONVENTION,
)  # fmt: skip


def _list_echecs(pilotage: Connection) -> Iterator[Tache]:
    for a in load_alertes(pilotage):
        yield Tache(
            _LENTEUR if a.retard else _ECHEC,
            name_acteur(a.dag) + (f", tâche {a.tache}" if a.tache else ""),
            _day(a.depuis), f"/dags/{a.dag}", "" if a.mois == "sans-mois" else a.mois, a.code_caf, True,
        )  # fmt: skip


def _list_portes(pilotage: Connection) -> Iterator[Tache]:
    for p in run_sql(pilotage, "pilotage/select_portes_retenues.sql"):
        nom = PORTES[p.gate][0] if p.gate in PORTES else p.gate
        suite = " : rien n'est déposé" if p.gate == "requete" else ""
        yield Tache(_PORTE, f"{nom}{suite}", _day(p.rendu_le), f"/qualite?mois={p.mois}", p.mois)


def _list_decisions(pilotage: Connection) -> Iterator[Tache]:
    for lot in list_lots_retenus(pilotage):
        if lot.attend:
            yield Tache(
                _DECISION, " ; ".join(lot.constats), _day(lot.rendu_le),
                f"/decisions?mois={lot.mois}#lot-{lot.mois}-{lot.code_caf}", lot.mois, lot.code_caf,
            )  # fmt: skip


def _list_suspendus(pilotage: Connection) -> Iterator[Tache]:
    for lot in run_sql(pilotage, "pilotage/select_lots_suspendus.sql"):
        yield Tache(
            _SUSPENDU, explain_motif(lot.motif or ""), _day(lot.cree_le), _caf(lot), lot.mois, lot.code_caf
        )


def _list_avis(pilotage: Connection) -> Iterator[Tache]:
    boite = load_boite(pilotage)
    if boite.refuses and boite.depuis:
        quoi = f"{count(boite.refuses, 'avis')}, cause : {boite.derniere_erreur or 'inconnue'}"
        yield Tache(_AVIS, quoi, _day(boite.depuis), "/envois")


def _list_fichiers(pilotage: Connection, jour: date, reglages: Reglages) -> Iterator[Tache]:
    gardes = datetime.combine(jour, time.min, PARIS) - timedelta(hours=reglages.heures_quarantaine)
    for f in run_sql(pilotage, "pilotage/select_fichiers_a_reprendre.sql", quarantaine=gardes):
        yield Tache(
            _QUARANTAINE if f.gardee else _FICHIER, f"{f.nom} : {f.detail}", _day(f.recu_le),
            f"/caf/{f.code_caf}#retours" if f.code_caf in load_caf() else "/transmissions#fichiers-recus",
            code_caf=f.code_caf,
        )  # fmt: skip


def _list_destructions(pilotage: Connection, jour: date, reglages: Reglages) -> Iterator[Tache]:
    for lot in load_echus(pilotage, jour, reglages):
        yield Tache(
            _DESTRUCTION, "La purge aurait dû détruire ce lot", lot.depose_le, "/dags/purge", str(lot.mois),
            lot.code_caf, True,
        )  # fmt: skip


def _list_chez_les_cpam(pilotage: Connection, jour: date, reglages: Reglages) -> Iterator[Tache]:
    for d in list_destructions(pilotage, jour, reglages.mois_certificat, reglages.jours_retour):
        if isinstance(d, Copie):
            devenue = "retenue" if d.place == "retenue" else "remplacée"
            quoi = f"Version {d.version} {devenue}, à détruire par {d.nom_cpam}"
            yield Tache(_COPIE, quoi, d.depuis, f"{_caf(d)}#cpam", d.mois, d.code_caf)
        else:
            quoi = f"{d.nom_cpam} devait détruire avant le {write_jour(d.a_detruire_avant)}"
            yield Tache(_CERTIFICAT, quoi, d.a_detruire_avant, f"{_caf(d)}#cpam", d.mois, d.code_caf)
    delai = reglages.jours_ouvres_transmission
    for a in list_en_attente(pilotage):
        if count_jours_ouvres(a.depose_le, jour, a.code_caf) <= delai:
            continue
        limite = add_jours_ouvres(a.depose_le, delai, a.code_caf)
        yield Tache(
            _TRANSMISSION, f"À transmettre à {a.nom_cpam} avant le {write_jour(limite)}", limite,
            f"/transmissions?mois={a.mois}&lot={a.mois}-{a.code_caf}-{a.version}-{a.code_cpam}#saisie", a.mois,
            a.code_caf,
        )  # fmt: skip
    for r in list_retours_en_retard(pilotage, jour, reglages.jours_retour):
        quoi = f"Retour de {r.nom_cpam} attendu le {write_jour(r.du_le)}"
        yield Tache(_RETOUR, quoi, r.du_le, f"{_caf(r)}#retours", r.mois, r.code_caf)


def _list_retours_retenus(pilotage: Connection) -> Iterator[Tache]:
    for r in run_sql(pilotage, "pilotage/select_retours_retenus.sql"):
        de = f" de {r.nom_cpam}" if r.nom_cpam else ""
        yield Tache(
            _RETOUR_RETENU, f"Retour {_FORMES.get(r.forme, r.forme)}{de}, {r.periode}", _day(r.recu_le),
            f"{_caf(r)}#retours" if r.code_caf in load_caf() else "/transmissions#retours-recus", r.mois, r.code_caf,
        )  # fmt: skip


def _list_conventions(pilotage: Connection, jour: date) -> Iterator[Tache]:
    for c in list_finissantes(pilotage, jour):
        lien = f"/registre?caf={c.code_caf}"
        yield Tache(_CONVENTION, c.write_constat(jour), c.date_fin, lien, code_caf=c.code_caf)
    signatures = count_signatures(pilotage, jour)
    if signatures.nb_a_signer:
        quoi = f"{signatures.nb_a_signer} Caf sur {signatures.nb_caf} ont une convention à signer"
        yield Tache(_CONVENTION, quoi, _CONVENTIONS_DEMANDEES, "/registre")


def _caf(ligne: object) -> str:
    return f"/caf/{getattr(ligne, 'code_caf', '')}?mois={getattr(ligne, 'mois', '')}"


def _day(instant: datetime) -> date:
    return instant.astimezone(PARIS).date()
