"""« Le mois »: where the month stands, what needs a person, how it compares with the month before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Connection

from aller_vers.mois import Mois
from aller_vers.pilotage.etats import ATTENDU, ETATS, RETARD, RETENU, VIDE, Etat, SuiviCaf, load_etats
from aller_vers.sql import run_sql

Avancement = Literal["fait", "en_cours", "a_venir", "alerte"]
PORTES = {
    "requete": ("Requête nationale", "requete_nationale"),
    "depots": ("Lots relus", "depots_caf"),
    "retours": ("Retours des Cpam", "retours_cpam"),
    "marts": ("Indicateurs", "marts_indicateurs"),
}
_CHIFFRES = (
    ("Demandeurs", "demandeurs", "tous"),
    ("Transmissibles à leur Cpam", "contacts_utilisables", "tous"),
    ("Lots déposés", "lots", "deposes"),
    ("Lots retenus", "lots", "retenus"),
    ("Lots transmis", "transmissions", "transmises"),
    ("Personnes appelées", "retour_mensuel", "personnes_appelees"),
    ("Personnes jointes", "retour_mensuel", "personnes_jointes"),
    ("Rendez-vous honorés", "retour_mensuel", "rdv_honores"),
)


@dataclass(frozen=True)
class Porte:
    """The last judgement of a gate: the nation's verdict and the Caf counted by verdict."""

    gate: str
    run_id: str
    rendu_le: datetime
    nation: str | None
    conformes: int
    avertissements: int
    retenues: int

    @property
    def libelle(self) -> str:
        """The gate's name."""
        return PORTES.get(self.gate, (self.gate, ""))[0]

    @property
    def dag(self) -> str:
        """The DAG that holds the gate."""
        return PORTES.get(self.gate, ("", ""))[1]


@dataclass(frozen=True)
class Etape:
    """A step of the month: how far it is, said in a sentence, and when it last moved."""

    titre: str
    avancement: Avancement
    phrase: str
    le: datetime | None = None
    dag: str | None = None
    run_id: str | None = None


@dataclass(frozen=True)
class Chiffre:
    """A national figure and that of the month before; None: not provided."""

    libelle: str
    valeur: int | None
    precedente: int | None

    @property
    def ecart(self) -> int | None:
        """The difference, where both are known."""
        return None if self.valeur is None or self.precedente is None else self.valeur - self.precedente


@dataclass(frozen=True)
class VueMois:
    """All that the screen shows."""

    mois: Mois
    etapes: tuple[Etape, ...]
    suivis: tuple[SuiviCaf, ...]
    compte: tuple[tuple[Etat, int], ...]
    chiffres: tuple[Chiffre, ...]
    portes: tuple[Porte, ...]

    @property
    def a_decider(self) -> tuple[SuiviCaf, ...]:
        """Lots that wait for a person: held, then late."""
        return tuple(s for etat in (RETENU, RETARD) for s in self.suivis if s.etat is etat)


def list_mois(pilotage: Connection) -> list[Mois]:
    """Return the months that something is known of, newest first."""
    return [Mois.parse(ligne.mois) for ligne in run_sql(pilotage, "pilotage/select_mois.sql")]


def load_portes(pilotage: Connection, mois: Mois) -> tuple[Porte, ...]:
    """Return the last judgement of each gate, in the order of the month."""
    rang = list(PORTES)
    portes = [
        Porte(p.gate, p.run_id, p.rendu_le, p.nation, p.conformes, p.avertissements, p.retenues)
        for p in run_sql(pilotage, "pilotage/select_portes.sql", mois=str(mois))
    ]
    return tuple(sorted(portes, key=lambda p: rang.index(p.gate) if p.gate in rang else len(rang)))


def load_mois(pilotage: Connection, mois: Mois, aujourd_hui: date, jours_ouvres_transmission: int) -> VueMois:
    """Read the month as ``av_pilotage``."""
    portes = load_portes(pilotage, mois)
    suivis = load_etats(pilotage, mois, aujourd_hui, jours_ouvres_transmission)
    nombre = run_sql(pilotage, "pilotage/select_marts.sql", mois=str(mois)).scalar_one()
    compte = Counter(s.etat for s in suivis)
    return VueMois(
        mois,
        build_etapes({p.gate: p for p in portes}, suivis, nombre),
        tuple(suivis),
        tuple((etat, compte[etat]) for etat in ETATS if compte[etat]),
        _load_chiffres(pilotage, mois),
        portes,
    )


def build_etapes(portes: dict[str, Porte], suivis: list[SuiviCaf], indicateurs: int) -> tuple[Etape, ...]:
    """Return the steps of the month, from what the gates and the ledger say."""
    deposes = [s for s in suivis if s.depose_le]
    retenus = [s for s in suivis if s.etat is RETENU]
    a_transmettre = [s for s in deposes if s.etat is not VIDE]
    transmis = [s for s in a_transmettre if s.transmis >= max(s.destinataires, 1)]
    retards = [s for s in suivis if s.etat is RETARD]
    traites = [s for s in a_transmettre if s.traites]
    detruits = [s for s in a_transmettre if s.detruits]
    expires = [s for s in suivis if s.expire_le]
    commence = any(s.etat is not ATTENDU for s in suivis)
    return (
        _judge(portes.get("requete"), "Requête nationale"),
        Etape(
            "Lots sur le partage",
            "a_venir" if not commence else "alerte" if retenus else _progress(len(deposes), len(suivis)),
            f"{len(deposes)} sur {len(suivis)} déposés"
            + (f", {len(retenus)} retenus" if len(retenus) > 1 else ", 1 retenu" if retenus else ""),
            max((s.depose_le for s in deposes if s.depose_le), default=None),
            "depots_caf",
        ),
        _judge(portes.get("depots"), "Relecture des lots"),
        Etape(
            "Transmissions aux Cpam",
            "a_venir"
            if not deposes
            else "alerte"
            if retards
            else _progress(len(transmis), len(a_transmettre)),
            f"{len(transmis)} sur {len(a_transmettre)}" + (f", {len(retards)} en retard" if retards else ""),
            dag="suivi_transmissions",
        ),
        Etape(
            "Retours des Cpam",
            _progress(len(traites), len(a_transmettre)) if transmis or traites else "a_venir",
            f"{len(traites)} lots traités sur {len(a_transmettre)}",
            dag="retours_cpam",
        ),
        Etape(
            "Indicateurs",
            "fait" if indicateurs else "a_venir",
            f"{indicateurs} indicateurs nationaux fournis" if indicateurs else "Pas encore calculés",
            portes["marts"].rendu_le if "marts" in portes else None,
            "marts_indicateurs",
        ),
        Etape(
            "Destruction",
            "fait" if expires else _progress(len(detruits), len(a_transmettre)) if detruits else "a_venir",
            "Le mois est détruit, certificat établi"
            if expires
            else f"{len(detruits)} destructions certifiées par les Cpam sur {len(a_transmettre)}",
            max((s.expire_le for s in expires if s.expire_le), default=None),
            "purge",
        ),
    )


def _judge(porte: Porte | None, titre: str) -> Etape:
    if porte is None:
        return Etape(titre, "a_venir", "Pas encore jugée")
    if porte.nation in ("retenu", "non_evalue"):
        phrase = "Le mois est retenu : rien n'est déposé" if porte.gate == "requete" else "À revoir"
        return Etape(titre, "alerte", phrase, porte.rendu_le, porte.dag, porte.run_id)
    reserves = [
        f"{nombre} {nom}{'s' if nombre > 1 else ''}"
        for nombre, nom in ((porte.retenues, "Caf retenue"), (porte.avertissements, "avertissement"))
        if nombre
    ]
    phrase = f"{porte.conformes} Caf conformes" + "".join(f", {r.replace('Cafs', 'Caf')}" for r in reserves)
    return Etape(
        titre, "alerte" if porte.retenues else "fait", phrase, porte.rendu_le, porte.dag, porte.run_id
    )


def _progress(faits: int, attendus: int) -> Avancement:
    return "fait" if attendus and faits >= attendus else "en_cours"


def _load_chiffres(pilotage: Connection, mois: Mois) -> tuple[Chiffre, ...]:
    lus: dict[tuple[str, str], object] = {
        (c.mesure, c.modalite): c
        for c in run_sql(
            pilotage, "pilotage/select_chiffres.sql", mois=str(mois), precedent=str(mois.shift(-1))
        )
    }
    return tuple(
        Chiffre(libelle, _whole(lus, cle, "valeur"), _whole(lus, cle, "precedente"))
        for libelle, *cle in _CHIFFRES
    )


def _whole(lus: Mapping[tuple[str, str], object], cle: list[str], champ: str) -> int | None:
    valeur = getattr(lus.get((cle[0], cle[1])), champ, None)
    return None if valeur is None else int(valeur)
