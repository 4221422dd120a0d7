"""The mailbox of a Caf, ``<caf>/retours/``: each file is taken, refused, put aside, destroyed, or left alone."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from aller_vers.partage.partage import Partage
from aller_vers.partage.support import Entree
from aller_vers.retours.depots import find_cpam
from aller_vers.retours.fichiers.annonce import announce_equipe, announce_refus, record_pris, write_recu
from aller_vers.retours.fichiers.conservation import MODELES, RECU, REFUSES, RETOURS, TRAITES, make_horodatage
from aller_vers.retours.fichiers.formes import Forme, Nom, find_forme, rename_synonymes
from aller_vers.retours.fichiers.noms import (
    EN_COURS,
    is_system,
    is_temporary,
    make_en_cours,
    make_safe,
    sort_key,
)
from aller_vers.retours.fichiers.par_caf import gather_refus, split_par_caf
from aller_vers.retours.fichiers.quarantaine import ADMIS, Quarantaine, name_ecarte, purge_quarantaine
from aller_vers.retours.fichiers.refus import DonneeDouteuseError, DonneePersonnelleError, FichierRefuseError
from aller_vers.retours.fichiers.sujets import TOUT, list_sujets
from aller_vers.retours.fichiers.tableau import Tableau
from aller_vers.socle.entrepot import translate_errors
from aller_vers.socle.erreurs import ErreurAllerVers, ValeurRefuseeError
from aller_vers.socle.francais import write_instant, write_jour
from aller_vers.socle.partitions import lock
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.reglages_reception import Limites
from aller_vers.suivi.avis import EQUIPE, queue_avis

# A disk without a clock, or an archive without dates, says 1980: that proves no rest.
_DATES_SURES = datetime(2000, 1, 1, tzinfo=UTC)
_REPOS_TEMPORAIRE = timedelta(days=1)
Read = Callable[[bytes, str, Limites, bool], Tableau]
Take = Callable[[Connection, str, Forme, Tableau], object]
OpenEntrepot = Callable[[], AbstractContextManager[Connection]]
Jugement = tuple[Forme, Tableau] | FichierRefuseError


@dataclass(frozen=True)
class BilanReception:
    """What became of the files: counts, and the Caf of which one could not be handled at all."""

    pris: int = 0
    refuses: int = 0
    detruits: int = 0
    ecartes: int = 0
    bloques: tuple[str, ...] = ()

    def __add__(self, autre: BilanReception) -> BilanReception:
        return BilanReception(
            self.pris + autre.pris,
            self.refuses + autre.refuses,
            self.detruits + autre.detruits,
            self.ecartes + autre.ecartes,
            tuple(sorted({*self.bloques, *autre.bloques})),
        )

    def require_all(self) -> None:
        """Make sure that no file is stuck.

        Raises:
            ErreurAllerVers: some are; the Caf are named, every other file has been handled.
        """
        if self.bloques:
            raise ErreurAllerVers(
                f"Des fichiers de retours/ n'ont pu être ni pris ni refusés (Caf {', '.join(self.bloques)}).",
                "lire le journal, vérifier les droits sur ces dossiers, puis relancer : les autres sont traités.",
            )


@dataclass(frozen=True)
class Boite:
    """How files are received: the share, the limits, the instant, the shapes, and the function that takes them."""

    open_entrepot: OpenEntrepot
    partage: Partage
    limites: Limites
    maintenant: datetime
    repos: timedelta
    quarantaine: Quarantaine
    formes: Collection[Nom]
    read: Read
    take: Take
    wait: Callable[[float], None] = time.sleep

    @classmethod
    def of(
        cls, reglages: Reglages, open_entrepot: OpenEntrepot, partage: Partage, maintenant: datetime,
        formes: Collection[Nom], read: Read, take: Take,
    ) -> Boite:  # fmt: skip
        """Return how files are received by these settings."""
        return cls(
            open_entrepot, partage, Limites.of(reglages), maintenant,
            timedelta(seconds=reglages.reception_fraicheur_secondes), Quarantaine.of(reglages), formes, read, take,
        )  # fmt: skip


@dataclass(frozen=True)
class _Recu:
    """A file of a Caf; ``admis``: a person has said that it holds nobody's data."""

    code_caf: str
    dossier: str
    entree: Entree
    admis: bool = False

    @property
    def chemin(self) -> str:
        return f"{self.dossier}/{self.entree.nom}"

    @property
    def nom(self) -> str:
        """The name that its author knows, or a safe one."""
        trouve = EN_COURS.fullmatch(self.entree.nom)
        return trouve["nom"] if trouve else self.entree.nom


def collect(boite: Boite, codes_caf: Iterable[str], note: Callable[[str], None]) -> BilanReception:
    """Handle every file of these Caf, oldest first; safe to interrupt between any two acts, and to run twice at once.

    A file is renamed before it is read: a newer one of the same name is then never taken for it. It is taken in one
    transaction, then moved to ``retours/traites/``; a crash between the two has it taken again, and nothing changes.
    Of a Cpam's file, the rows of each Caf are taken or refused without regard to the others'. A refused file goes to
    ``refuses/``, its reason first. A file that holds somebody's data is destroyed, one that may hold some goes to the
    quarantine; the reason stays. A shape of another task is left to it. Each mailbox and file fails alone.

    Args:
        boite: see there.
        codes_caf: whose folders are read.
        note: told, without any value or name, of what could not be handled.
    """
    boite.partage.scan("")  # a share that is not there is one failure, not one a Caf
    purge_quarantaine(boite.partage, boite.quarantaine, boite.maintenant)
    total, incertains = BilanReception(), dict[str, set[bytes]]()
    for code_caf in codes_caf:
        preuves: set[bytes] = set()
        total += _collect_caf(boite, code_caf, note, preuves, None)
        if preuves:
            incertains[code_caf] = preuves
    if incertains:  # what no date says to be at rest is looked at twice
        boite.wait(boite.repos.total_seconds())
        for code_caf, vus in incertains.items():
            total += _collect_caf(boite, code_caf, note, set(), vus)
    if total.refuses or total.detruits or total.ecartes:
        with boite.open_entrepot() as entrepot:
            announce_equipe(entrepot, boite.maintenant)
    return total


def _collect_caf(
    boite: Boite, code_caf: str, note: Callable[[str], None], incertains: set[bytes], vus: set[bytes] | None
) -> BilanReception:
    total = BilanReception()
    try:
        if (bilan := _refuse_boite(boite, code_caf)) is not None:
            return bilan
        if not _list_recus(boite, code_caf):
            return total
        with boite.open_entrepot() as verrou:  # held until the Caf is done: a second run waits here
            lock(verrou, "retours", code_caf)
            for recu in _list_recus(boite, code_caf):
                try:
                    preuve = None if _has_rested(boite, recu) else _fingerprint(boite, recu)
                    if preuve is None or preuve in (vus or ()):
                        total += _handle(boite, recu)
                    else:
                        incertains.add(preuve)
                except Exception as erreur:  # noqa: BLE001 - one file stops no other; the run says so at its end
                    total += _note(note, code_caf, "un fichier n'a pu être ni pris ni refusé", erreur)
    except Exception as erreur:  # noqa: BLE001 - one mailbox stops no other
        total += _note(note, code_caf, "son dossier ne se lit pas", erreur)
    return total


def _note(note: Callable[[str], None], code_caf: str, quoi: str, erreur: Exception) -> BilanReception:
    texte = str(erreur) if isinstance(erreur, ErreurAllerVers) else type(erreur).__name__
    note(f"Caf {code_caf} : {quoi} ({texte}).")
    return BilanReception(bloques=(code_caf,))


def _list_recus(boite: Boite, code_caf: str) -> list[_Recu]:
    """Return what is there to be read, oldest first: of two files for one key, the newer one has the last word."""
    admis = f"{boite.quarantaine.dossier}/{name_ecarte(code_caf)}/{ADMIS}"
    recus = [_Recu(code_caf, f"{code_caf}/{RETOURS}", e) for e in boite.partage.scan(f"{code_caf}/{RETOURS}")]
    recus = [recu for recu in recus if _is_recu(boite, recu)]
    recus += [_Recu(code_caf, admis, entree, admis=True) for entree in boite.partage.scan(admis)]
    return sorted(recus, key=lambda r: (r.entree.modifie_le or boite.maintenant, sort_key(r.nom)))


def _is_recu(boite: Boite, recu: _Recu) -> bool:
    entree = recu.entree
    if EN_COURS.fullmatch(entree.nom):
        return True
    if is_system(entree.nom, dossier=entree.dossier) or (entree.dossier and entree.nom in (TRAITES, MODELES)):
        return False
    age, temporaire = _find_age(boite, entree), is_temporary(entree.nom)
    return not temporaire if age is None else age >= (_REPOS_TEMPORAIRE if temporaire else boite.repos)


def _find_age(boite: Boite, entree: Entree) -> timedelta | None:
    """Return for how long nobody has written to a file; None where its date proves nothing."""
    if entree.modifie_le is None or entree.modifie_le < _DATES_SURES or entree.modifie_le > boite.maintenant:
        return None
    return boite.maintenant - entree.modifie_le


def _has_rested(boite: Boite, recu: _Recu) -> bool:
    entree = recu.entree
    if recu.admis or not boite.repos or entree.lien or entree.dossier or EN_COURS.fullmatch(entree.nom):
        return True
    # A share that gives no date makes a file appear whole.
    return entree.modifie_le is None or _find_age(boite, entree) is not None


def _fingerprint(boite: Boite, recu: _Recu) -> bytes:
    octets = boite.partage.read(recu.chemin, limite=boite.limites.octets + 1) or b""
    lu = (recu.entree.nom, recu.entree.octets, recu.entree.modifie_le, hashlib.sha256(octets).hexdigest())
    return repr(lu).encode()


def _handle(boite: Boite, recu: _Recu) -> BilanReception:
    if recu.entree.lien or recu.entree.dossier:
        refus = FichierRefuseError(
            "Un lien ou un dossier a été déposé ici ; seuls des fichiers sont lus.",
            "déposer le fichier lui-même, directement dans retours/.",
        )
        return _refuse(boite, recu, refus)
    octets = boite.partage.read(recu.chemin, limite=boite.limites.octets + 1)
    if octets is None:  # another run, or its author, has just taken it away
        return BilanReception()
    jugement = _judge(boite, recu, octets)
    if _is_other(boite, recu, jugement):
        return BilanReception()
    if not EN_COURS.fullmatch(recu.entree.nom):
        pris = replace(recu, entree=replace(recu.entree, nom=make_en_cours(recu.nom)))
        boite.partage.move(recu.chemin, pris.chemin)
        recu = pris
        saisis = boite.partage.read(recu.chemin, limite=boite.limites.octets + 1)
        if saisis != octets:  # another file had come under this name
            jugement = _judge(boite, recu, saisis or b"")
            if _is_other(boite, recu, jugement):
                return BilanReception()
    if isinstance(jugement, FichierRefuseError):
        return _refuse(boite, recu, jugement, list_sujets(recu.code_caf, recu.nom, None, None))
    texte = _take(boite, recu, *jugement)
    if isinstance(texte, BilanReception):
        return texte
    garde = f"{recu.code_caf}/{RETOURS}/{TRAITES}/{make_horodatage(boite.maintenant)}_{make_safe(recu.nom)}"
    boite.partage.write(f"{garde}{RECU}", texte.replace("\n", "\r\n").encode("utf-8-sig"))
    boite.partage.move(recu.chemin, garde)
    return BilanReception(pris=1)


def _take(boite: Boite, recu: _Recu, forme: Forme, tableau: Tableau) -> str | BilanReception:
    """Take the rows of each Caf, all of them or none; return the receipt, or the refusal of a file that has one."""
    parties = split_par_caf(recu.code_caf, forme, tableau)
    refus: dict[str, FichierRefuseError] = {}
    texte = ""
    with boite.open_entrepot() as entrepot:
        for code, partie in parties.items():
            try:
                with translate_errors("av_entrepot"), entrepot.begin_nested():
                    boite.take(entrepot, recu.code_caf, forme, partie)
            except FichierRefuseError as un:
                refus[code] = un
            except (ValeurRefuseeError, UnicodeError):  # it would be refused at each run, and fail each one
                refus[code] = FichierRefuseError(
                    "Une valeur ne peut pas être enregistrée : trop grande, ou d'un signe inconnu.",
                    "vérifier les nombres et les signes spéciaux, puis déposer le fichier de nouveau.",
                )
        if prises := {code: partie for code, partie in parties.items() if code not in refus}:
            texte = write_recu(forme, prises, make_safe(recu.nom), boite.maintenant)
            record_pris(
                entrepot, recu.code_caf, make_safe(recu.nom), forme.libelle, _list_sujets(recu, forme, prises),
                boite.maintenant, texte,
            )  # fmt: skip
    if not refus:
        return texte
    refusees = {code: parties[code] for code in refus}
    return _refuse(boite, recu, gather_refus(refus, prises), _list_sujets(recu, forme, refusees))


def _list_sujets(recu: _Recu, forme: Forme, parties: Mapping[str, Tableau]) -> list[str]:
    return sorted(
        {s for partie in parties.values() for s in list_sujets(recu.code_caf, recu.nom, forme, partie)}
    )


def _judge(boite: Boite, recu: _Recu, octets: bytes) -> Jugement:
    try:
        tableau = rename_synonymes(boite.read(octets, recu.nom, boite.limites, recu.admis))
        return find_forme(tableau, boite.formes), tableau
    except FichierRefuseError as refus:
        return refus


def _is_other(boite: Boite, recu: _Recu, jugement: Jugement) -> bool:
    # A Cpam's folder has no other task: what it may not hold is refused there, and never left without a word.
    return (
        not isinstance(jugement, FichierRefuseError)
        and jugement[0].nom not in boite.formes
        and find_cpam(recu.code_caf) is None
    )


def _refuse(
    boite: Boite, recu: _Recu, refus: FichierRefuseError, sujets: Sequence[str] = (TOUT,)
) -> BilanReception:
    nom = make_safe(recu.nom)
    if recu.entree.dossier and boite.partage.read(_motif(recu.code_caf, nom)) is not None:
        return BilanReception()  # said once: a folder is not ours to move
    _write_motif(boite, recu.code_caf, nom, refus)
    detruit, douteux = isinstance(refus, DonneePersonnelleError), isinstance(refus, DonneeDouteuseError)
    with boite.open_entrepot() as entrepot:
        announce_refus(
            entrepot, recu.code_caf, nom, "detruit" if detruit else "ecarte" if douteux else "refuse", refus,
            sujets, boite.maintenant,
        )  # fmt: skip
    if recu.entree.dossier:
        return BilanReception(refuses=1)
    if recu.entree.lien:
        boite.partage.remove(recu.chemin)
        return BilanReception(refuses=1)
    if detruit:
        boite.partage.remove(recu.chemin)
        return BilanReception(detruits=1)
    if douteux:
        return _set_aside(boite, recu, nom, refus)
    boite.partage.move(recu.chemin, f"{recu.code_caf}/{REFUSES}/{nom}")
    return BilanReception(refuses=1)


def _set_aside(boite: Boite, recu: _Recu, nom: str, refus: FichierRefuseError) -> BilanReception:
    garde = f"{make_horodatage(boite.maintenant)}_{nom}"
    fin = boite.maintenant + boite.quarantaine.duree
    cle = f"{name_ecarte(recu.code_caf)}/{garde}"
    with boite.open_entrepot() as entrepot:
        queue_avis(
            entrepot, cle=f"quarantaine/{cle}", destinataire=EQUIPE,
            objet=f"À décider : un fichier reçu de la Caf {recu.code_caf} est en quarantaine",
            corps=f"{refus.constat}\n\nIl est fermé à la Caf, et sera détruit sans être pris à la première purge qui "
            f"suit le {write_instant(fin)}.\n\nÀ faire : l'ouvrir sur le partage "
            f"({boite.quarantaine.dossier}/{cle}), puis « python -m aller_vers quarantaine --admettre {cle} » s'il ne "
            f"contient rien d'une personne, ou « --detruire {cle} ».",
        )  # fmt: skip
    boite.partage.move(recu.chemin, f"{boite.quarantaine.dossier}/{cle}")
    return BilanReception(ecartes=1)


def _refuse_boite(boite: Boite, code_caf: str) -> BilanReception | None:
    """Say once that ``retours`` is no folder; None where it is one, or where there is none."""
    autre = next((e for e in boite.partage.scan(code_caf) if e.nom == RETOURS and not e.dossier), None)
    if autre is None:
        return None
    if boite.partage.read(_motif(code_caf, RETOURS)) is not None:
        return BilanReception()
    refus = FichierRefuseError(
        "« retours » est un fichier ou un lien, non un dossier : rien ne peut y être lu.",
        "le renommer, créer à sa place un dossier « retours », et y déposer les fichiers.",
    )
    with boite.open_entrepot() as entrepot:
        queue_avis(
            entrepot, cle=f"boite/{code_caf}", destinataire=EQUIPE,
            objet=f"Le dossier retours/ de la Caf {code_caf} n'est pas un dossier", corps=refus.motif,
        )  # fmt: skip
    _write_motif(boite, code_caf, RETOURS, refus)
    return BilanReception(refuses=1)


def _motif(code_caf: str, nom: str) -> str:
    return f"{code_caf}/{REFUSES}/{nom}.motif.txt"


def _write_motif(boite: Boite, code_caf: str, nom: str, refus: FichierRefuseError) -> None:
    texte = f"Fichier : {nom}\r\nRefusé le {write_jour(boite.maintenant)}\r\n\r\n"
    texte += refus.motif.replace("\n", "\r\n") + "\r\n"
    boite.partage.write(_motif(code_caf, nom), texte.encode("utf-8-sig"))
