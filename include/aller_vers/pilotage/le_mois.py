"""« Le mois »: where the month stands, what needs a person, how it compares with the month before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from aller_vers.pilotage.etats import ATTENDU, ETATS, RETARD, RETENU, VIDE, EtatAffiche, SuiviCaf, load_etats
from aller_vers.socle.francais import count, is_pluriel
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.conventions import count_signatures

Avancement = Literal["fait", "en_cours", "a_venir", "alerte"]
# Gate: its name, its DAG, the task that judges there.
PORTES = {
    "requete": ("Requête nationale", "requete_nationale", "judge_requete"),
    "depots": ("Lots relus", "depots_caf", "check_lots"),
    "retours": ("Retours des Cpam", "retours_cpam", "judge_retours"),
    "marts": ("Indicateurs", "marts_indicateurs", "compute_indicateurs"),
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
        return PORTES[self.gate][0] if self.gate in PORTES else self.gate

    @property
    def dag(self) -> str:
        """The DAG that holds the gate."""
        return PORTES[self.gate][1] if self.gate in PORTES else ""

    @property
    def tache(self) -> str:
        """The task that judges, whose log says why."""
        return PORTES[self.gate][2] if self.gate in PORTES else ""


@dataclass(frozen=True)
class Etape:
    """A step of the month: how far it is, said in a sentence, and when it last moved; ``avant``: the month before."""

    titre: str
    avancement: Avancement
    phrase: str
    le: datetime | None = None
    dag: str | None = None
    run_id: str | None = None
    tache: str | None = None
    avant: datetime | None = None


@dataclass(frozen=True)
class AlerteDag:
    """A DAG that failed or is late, and has not recovered since."""

    dag: str
    mois: str
    code_caf: str
    tache: str
    retard: bool
    depuis: datetime


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
class ComptesIndicateurs:
    """How many national indicators of a month have a value, some of them provisional, among how many."""

    fournis: int
    provisoires: int
    nombre: int

    @property
    def phrase(self) -> str:
        """The same count wherever it is told."""
        suite = f", dont {count(self.provisoires, 'provisoire')}" if self.provisoires else ""
        ont = "ont" if is_pluriel(self.fournis) else "a" if self.fournis else "n'a"
        return f"{count(self.fournis, 'indicateur')} sur {self.nombre} {ont} une valeur{suite}"


@dataclass(frozen=True)
class VueMois:
    """All that the screen shows."""

    mois: Mois
    etapes: tuple[Etape, ...]
    suivis: tuple[SuiviCaf, ...]
    compte: tuple[tuple[EtatAffiche, int], ...]
    chiffres: tuple[Chiffre, ...]
    portes: tuple[Porte, ...]
    alertes: tuple[AlerteDag, ...]

    @property
    def a_decider(self) -> tuple[SuiviCaf, ...]:
        """Lots that wait for a person: to decide on, then held for another reason, then late."""
        tenus = [s for s in self.suivis if s.etat is RETENU and s.decision != "garde"]
        return (
            *sorted(tenus, key=lambda s: s.decision != "a_decider"),
            *(s for s in self.suivis if s.etat is RETARD),
        )


def list_mois(pilotage: Connection) -> list[Mois]:
    """Return the months that something is known of, newest first."""
    return [Mois.parse(ligne.mois) for ligne in run_sql(pilotage, "pilotage/select_mois.sql")]


def load_portes(pilotage: Connection, mois: Mois) -> tuple[Porte, ...]:
    """Return the last judgement of each gate, in the order of the month."""
    rang = list(PORTES)
    portes = [
        Porte(p.gate, p.run_id, p.rendu_le, p.nation, p.conformes, p.avertissements, p.retenues)
        for p in run_sql(pilotage, "pilotage/select_portes.sql", mois=mois)
    ]
    return tuple(sorted(portes, key=lambda p: rang.index(p.gate) if p.gate in rang else len(rang)))


def count_indicateurs(pilotage: Connection, mois: Mois) -> ComptesIndicateurs:
    """Return how many national indicators of the month have a value."""
    ligne = run_sql(pilotage, "pilotage/select_marts.sql", mois=mois).one()
    return ComptesIndicateurs(ligne.fournis, ligne.provisoires, ligne.nombre)


def load_mois(pilotage: Connection, mois: Mois, aujourd_hui: date, jours_ouvres_transmission: int) -> VueMois:
    """Read the month as ``av_pilotage``."""
    portes, avant = load_portes(pilotage, mois), load_portes(pilotage, mois.shift(-1))
    suivis = load_etats(pilotage, mois, aujourd_hui, jours_ouvres_transmission)
    comptes = count_indicateurs(pilotage, mois)
    compte = Counter(s.etat for s in suivis)
    return VueMois(
        mois,
        build_etapes({p.gate: p for p in portes}, suivis, comptes, {p.gate: p.rendu_le for p in avant}),
        tuple(suivis),
        tuple((etat, compte[etat]) for etat in ETATS if compte[etat]),
        (*_load_chiffres(pilotage, mois), _load_conventions(pilotage, mois)),
        portes,
        load_alertes(pilotage),
    )


def load_alertes(pilotage: Connection) -> tuple[AlerteDag, ...]:
    """Return the DAGs that failed or are late, oldest first, whatever their month."""
    alertes = []
    for a in run_sql(pilotage, "pilotage/select_alertes.sql"):
        dag, _, code_caf = a.sujet.removeprefix("dag:").partition("/")
        alertes.append(
            AlerteDag(dag, a.mois, code_caf, a.regle.partition("/")[2], a.gravite == "retard", a.depuis)
        )
    return tuple(alertes)


def build_etapes(
    portes: Mapping[str, Porte],
    suivis: list[SuiviCaf],
    comptes: ComptesIndicateurs,
    avant: Mapping[str, datetime],
) -> tuple[Etape, ...]:
    """Return the steps of the month, from what the gates and the ledger say; ``avant``: the gates a month before."""
    deposes = [s for s in suivis if s.depose_le]
    retenus = [s for s in suivis if s.etat is RETENU]
    a_transmettre = [s for s in deposes if s.etat is not VIDE]
    transmis = [s for s in a_transmettre if s.transmis >= max(s.destinataires, 1)]
    retards = [s for s in suivis if s.etat is RETARD]
    traites = [s for s in a_transmettre if s.traites]
    detruits = [s for s in a_transmettre if s.detruits]
    expires = [s for s in suivis if s.expire_le]
    fini = bool(deposes) and all(s.expire_le for s in deposes)
    commence = any(s.etat is not ATTENDU for s in suivis)
    return (
        _judge(portes.get("requete"), "Requête nationale", avant.get("requete")),
        Etape(
            "Lots sur le partage",
            "a_venir" if not commence else "alerte" if retenus else _progress(len(deposes), len(suivis)),
            f"{count(len(deposes), 'déposé')} sur {len(suivis)}"
            + (f", {count(len(retenus), 'retenu')}" if retenus else ""),
            _last(s.depose_le for s in deposes),
            "depots_caf",
        ),
        _judge(portes.get("depots"), "Relecture des lots", avant.get("depots")),
        Etape(
            "Transmissions aux Cpam",
            "a_venir"
            if not deposes
            else "alerte"
            if retards
            else _progress(len(transmis), len(a_transmettre)),
            f"{len(transmis)} sur {len(a_transmettre)}" + (f", {len(retards)} en retard" if retards else ""),
            _last(s.transmis_dit_le for s in suivis),
            "suivi_transmissions",
        ),
        Etape(
            "Retours des Cpam",
            _progress(len(traites), len(a_transmettre)) if transmis or traites else "a_venir",
            f"{count(len(traites), 'lot traité')} sur {len(a_transmettre)}",
            _last(s.traite_dit_le for s in suivis),
            "retours_cpam",
        ),
        Etape(
            "Indicateurs",
            "fait" if comptes.fournis else "a_venir",
            comptes.phrase if comptes.fournis else "Pas encore calculés",
            portes["marts"].rendu_le if "marts" in portes else None,
            "marts_indicateurs",
            portes["marts"].run_id if "marts" in portes else None,
            "compute_indicateurs",
            avant.get("marts"),
        ),
        Etape(
            "Destruction",
            "fait" if fini else "en_cours" if detruits or expires else "a_venir",
            "Tous les lots sont détruits ici, certificats établis"
            if fini
            else f"{len(expires)} sur {len(deposes)} ici, {len(detruits)} sur {len(a_transmettre)} par les Cpam",
            _last(s.expire_le or s.detruit_dit_le for s in suivis),
            "purge",
        ),
    )


def _last(instants: Iterable[datetime | None]) -> datetime | None:
    return max((i for i in instants if i), default=None)


def _judge(porte: Porte | None, titre: str, avant: datetime | None) -> Etape:
    if porte is None:
        return Etape(titre, "a_venir", "Pas encore jugée", avant=avant)
    lieu = (porte.rendu_le, porte.dag, porte.run_id, porte.tache, avant)
    if porte.nation in ("retenu", "non_evalue"):
        phrase = "Le mois est retenu : rien n'est déposé" if porte.gate == "requete" else "À revoir"
        return Etape(titre, "alerte", phrase, *lieu)
    reserves = [
        count(nombre, nom)
        for nombre, nom in ((porte.retenues, "Caf retenue"), (porte.avertissements, "avertissement"))
        if nombre
    ]
    phrase = ", ".join((count(porte.conformes, "Caf conforme", feminin=True), *reserves))
    return Etape(titre, "alerte" if porte.retenues else "fait", phrase, *lieu)


def _progress(faits: int, attendus: int) -> Avancement:
    return "fait" if attendus and faits >= attendus else "en_cours"


def _load_conventions(pilotage: Connection, mois: Mois) -> Chiffre:
    """Count the Caf whose conventions are all signed, at the end of the month and of the one before."""
    fins = (date.fromisoformat(f"{m}-01") - timedelta(days=1) for m in (mois.shift(1), mois))
    ici, avant = (count_signatures(pilotage, fin).nb_signees for fin in fins)
    return Chiffre("Caf aux conventions signées", ici, avant)


def _load_chiffres(pilotage: Connection, mois: Mois) -> tuple[Chiffre, ...]:
    lus: dict[tuple[str, str], object] = {
        (c.mesure, c.modalite): c
        for c in run_sql(pilotage, "pilotage/select_chiffres.sql", mois=mois, precedent=mois.shift(-1))
    }
    return tuple(
        Chiffre(libelle, _whole(lus, cle, "valeur"), _whole(lus, cle, "precedente"))
        for libelle, *cle in _CHIFFRES
    )


def _whole(lus: Mapping[tuple[str, str], object], cle: list[str], champ: str) -> int | None:
    valeur = getattr(lus.get((cle[0], cle[1])), champ, None)
    return None if valeur is None else int(valeur)
