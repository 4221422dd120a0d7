"""Lots read back from the share: they have to be what core holds, and what the ledger says.

Reading counts, by Caf, what is not as it has to be; the suite ``expectations/depots_caf.yml`` judges the counts.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from aller_vers.lots.a_deposer import drops_lots
from aller_vers.lots.contenu import A_REPARTIR, Contenu, Ligne, load_contenu
from aller_vers.lots.documents import SANS_CONVENTION
from aller_vers.lots.etat import find_courant
from aller_vers.lots.manifeste import NOM, Fichier, Manifeste, ManifesteIllisibleError
from aller_vers.lots.presentation import TrouverSecret, decrypt, has_no_secret, read_personnes, weigh
from aller_vers.partage.partage import Partage
from aller_vers.qualite.porte import CLE, judge
from aller_vers.qualite.suites import load_suite
from aller_vers.qualite.verdicts import Jugement, save_jugement
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.entrepot import translate_errors
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.sql import run_sql

GATE = "depots"


@dataclass(frozen=True)
class Releve:
    """What reading one Caf's lot back has found: counts, 0 where all is as it has to be.

    ``lots`` and ``retenus`` are the exception: 1 where a lot stands, 1 where none may, for a reason that is named;
    ``retenu_sans_raison`` where the ledger names none.
    """

    lots: int = 0
    retenus: int = 0
    retenu_sans_raison: int = 0
    lot_absent: int = 0
    manifeste_illisible: int = 0
    registre_different: int = 0
    fichier_altere: int = 0
    fichier_inconnu: int = 0
    fichier_illisible: int = 0
    colonnes_inexactes: int = 0
    cellules_evaluables: int = 0
    ligne_sans_contact: int = 0
    lignes_differentes: int = 0
    lignes_manquantes: int = 0
    lignes_inconnues: int = 0
    lignes_autre_caf: int = 0
    personnes_partagees: int = 0
    sans_convention: int = 0


# Goes from one Caf to the next, and reads the lot of each.
Tour = Callable[[Sequence[str], Callable[[str], Releve]], Iterable[Releve]]


def _in_turn(codes: Sequence[str], read: Callable[[str], Releve]) -> list[Releve]:
    return [read(code) for code in codes]


def profile_lots(
    entrepot: Connection,
    partage: Partage,
    mois: Mois,
    run_id: str,
    trouver_secret: TrouverSecret = has_no_secret,
    codes: Sequence[str] | None = None,
    each: Tour = _in_turn,
) -> int:
    """Read lots of the month back as ``av_etl``, if it drops any, into ``dq.profil_depots``; return how many Caf.

    ``codes``: whose; None: those of every Caf. What the run has read of others stands. ``each`` goes from one Caf to
    the next: it may name those whose lot could not be read.
    """
    releves = (
        read_lots(entrepot, partage, mois, trouver_secret, codes, each) if drops_lots(entrepot, mois) else {}
    )
    lock(entrepot, "profil_depots", mois, run_id)
    run_sql(entrepot, "lots/delete_profil.sql", mois=mois, run_id=run_id, codes=list(releves))
    run_sql(
        entrepot, "lots/insert_profil.sql", mois=mois, run_id=run_id,
        comptes=json.dumps({code_caf: asdict(releve) for code_caf, releve in releves.items()}),
    )  # fmt: skip
    return len(releves)


def list_non_lues(entrepot: Connection, mois: Mois, run_id: str) -> list[str]:
    """Return the codes of the Caf whose lot this run has to read: not read back yet, or judged already."""
    return list(run_sql(entrepot, "lots/select_non_lues.sql", mois=mois, run_id=run_id).scalars())


def judge_lots(qualite: Connection, mois: Mois, run_id: str) -> Jugement:
    """Judge the run's profile as ``av_qualite``, and record the verdicts of the gate « depots »."""
    lignes = run_sql(qualite, "qualite/select_profil_depots.sql", mois=mois, run_id=run_id)
    jugement = _judge({ligne.code_caf: ligne.comptes for ligne in lignes})
    save_jugement(qualite, mois, GATE, run_id, jugement)
    return jugement


def check_lots(
    entrepot: Connection, partage: Partage, mois: Mois, trouver_secret: TrouverSecret = has_no_secret
) -> Jugement:
    """Read every lot of the month back and judge; record nothing."""
    releves = read_lots(entrepot, partage, mois, trouver_secret)
    return _judge({code_caf: asdict(releve) for code_caf, releve in releves.items()})


def _judge(comptes: dict[str, dict[str, int]]) -> Jugement:
    import pandas as pd

    colonnes = list(asdict(Releve()))
    suite = load_suite("depots_caf").require_colonnes(colonnes, [*colonnes, "caf", "sans_raison"])
    profil = pd.DataFrame([{CLE: code, **lus} for code, lus in comptes.items()], columns=[CLE, *colonnes])
    total = profil[colonnes].sum(skipna=False)
    nation = pd.DataFrame([{CLE: NATION, **total.to_dict()}]).assign(
        caf=len(profil), sans_raison=len(profil) - int(total["lots"]) - int(total["retenus"])
    )
    return judge(suite, profil, nation)


def read_lots(
    entrepot: Connection, partage: Partage, mois: Mois, trouver_secret: TrouverSecret = has_no_secret,
    codes: Sequence[str] | None = None, each: Tour = _in_turn,
) -> dict[str, Releve]:  # fmt: skip
    """Read lots of the month back, all of them or those of these Caf: what was found, by Caf of the reference."""
    demandees = None if codes is None else list(codes)
    attendus = run_sql(entrepot, "lots/select_attendus.sql", mois=mois, codes=demandees).all()
    conventions = run_sql(entrepot, "lots/select_conventions.sql").all()
    lecteur = _Lecteur(entrepot, partage, mois, trouver_secret, conventions)
    par_caf = {attendu.code_caf: attendu for attendu in attendus}

    def read(code_caf: str) -> Releve:
        # In here: whoever goes from one Caf to the next tells our errors alone by their text.
        with translate_errors("av_entrepot"):
            return lecteur.read(par_caf[code_caf])

    return dict(zip(par_caf, each(list(par_caf), read), strict=True))


class _Lecteur:
    """Reads one Caf after the other; what all of them are compared with is read once."""

    def __init__(
        self, entrepot: Connection, partage: Partage, mois: Mois, trouver_secret: TrouverSecret,
        conventions: Any,
    ) -> None:  # fmt: skip
        self.entrepot, self.partage, self.mois = entrepot, partage, mois
        self.trouver_secret, self.conventions = trouver_secret, conventions
        self.caf_par_ligne: dict[Ligne, set[str]] | None = None

    def read(self, attendu: Any) -> Releve:
        if attendu.etat in ("retenu", "expire"):
            explique = attendu.etat == "expire" or bool(attendu.motif)
            return Releve(retenus=int(explique), retenu_sans_raison=int(not explique))
        dossier = f"{attendu.code_caf}/{self.mois}"
        try:
            manifeste = find_courant(self.partage, dossier)
        except ManifesteIllisibleError:
            return Releve(lots=1, manifeste_illisible=1)
        if manifeste is None:
            return Releve(lot_absent=1)
        releve = Releve(
            lots=1,
            personnes_partagees=attendu.personnes_partagees,
            sans_convention=self._count_sans_convention(attendu.code_caf, manifeste),
        )
        du_lot = (manifeste.code_caf, manifeste.mois) == (attendu.code_caf, self.mois)
        edition = (attendu.version, attendu.identite)
        if attendu.etat != "depose" or (manifeste.version, manifeste.identite) != edition or not du_lot:
            return replace(releve, registre_different=1)
        return self._read_fichiers(releve, attendu, manifeste, f"{dossier}/v{manifeste.version}")

    def _read_fichiers(self, releve: Releve, attendu: Any, manifeste: Manifeste, dossier: str) -> Releve:
        connus = {NOM, *(fichier.nom for fichier in manifeste.fichiers)}
        tailles = {entree.nom: entree.octets for entree in self.partage.scan(dossier)}
        personnes = max(attendu.lignes, attendu.lignes_registre or 0)
        retenues = manifeste.ecartes.get(SANS_CONVENTION, 0)
        comptes: Counter[str] = Counter(
            fichier_inconnu=len(set(tailles) - connus),
            lignes_differentes=abs(manifeste.lignes + retenues - attendu.lignes)
            + abs(manifeste.lignes - (attendu.lignes_registre or 0)),
        )
        contenu = load_contenu(self.entrepot, self.mois, attendu.code_caf)
        secret = self.trouver_secret(attendu.code_caf) if manifeste.chiffre else None
        for fichier in manifeste.fichiers:
            legere = tailles.get(fichier.nom, 0) <= weigh(personnes)
            octets = self.partage.read(f"{dossier}/{fichier.nom}") if legere else None
            if octets is None or not _is_same(octets, fichier):
                comptes["fichier_altere"] += 1
            elif fichier.lignes is not None:
                comptes.update(self._compare(octets, fichier, manifeste, secret, contenu, personnes))
        return replace(releve, **comptes)

    def _compare(
        self, octets: bytes, fichier: Fichier, manifeste: Manifeste, secret: str | None, contenu: Contenu,
        personnes: int,
    ) -> dict[str, int]:  # fmt: skip
        clair = decrypt(octets, secret, personnes) if secret else None if manifeste.chiffre else octets
        lu = read_personnes(clair, manifeste.format, personnes) if clair is not None else None
        if lu is None:
            return {"fichier_illisible": 1}
        comptes = {"cellules_evaluables": lu.cellules_evaluables}
        if lu.lignes is None:
            return comptes | {"colonnes_inexactes": 1}
        lues = Counter(lu.lignes)
        attendues = Counter(contenu.par_destinataire.get(fichier.destinataire, ()))
        inconnues = lues - attendues
        return comptes | {
            "ligne_sans_contact": sum(not (ligne.courriel or ligne.telephone) for ligne in lu.lignes),
            "lignes_differentes": abs(len(lu.lignes) - (fichier.lignes or 0)),
            "lignes_manquantes": (attendues - lues).total(),
            "lignes_inconnues": inconnues.total(),
            "lignes_autre_caf": sum(
                nombre for ligne, nombre in inconnues.items() if self._find_caf(ligne) - {manifeste.code_caf}
            ),
        }

    def _find_caf(self, ligne: Ligne) -> set[str]:
        if self.caf_par_ligne is None:
            self.caf_par_ligne = {}
            for rangee in run_sql(self.entrepot, "lots/select_lignes_nationales.sql", mois=self.mois):
                cle = Ligne(rangee.courriel, rangee.telephone, rangee.code_postal)
                self.caf_par_ligne.setdefault(cle, set()).add(rangee.code_caf)
        return self.caf_par_ligne.get(ligne, set())

    def _count_sans_convention(self, code_caf: str, manifeste: Manifeste) -> int:
        """Count the recipients of the lot that no convention bound on the day when it was made."""
        jour = manifeste.cree_le.astimezone(PARIS).date()
        en_vigueur = {
            c.code_cpam for c in self.conventions if c.code_caf == code_caf and _is_en_vigueur(c, jour)
        }
        destinataires = {f.destinataire for f in manifeste.fichiers if f.lignes is not None}
        return sum(
            not en_vigueur if destinataire in (None, A_REPARTIR) else destinataire not in en_vigueur
            for destinataire in destinataires
        )


def _is_en_vigueur(convention: Any, jour: date) -> bool:
    return convention.date_debut <= jour and (convention.date_fin is None or convention.date_fin >= jour)


def _is_same(octets: bytes, fichier: Fichier) -> bool:
    return (len(octets), hashlib.sha256(octets).hexdigest()) == (fichier.octets, fichier.sha256)
