"""Every part of a received file is searched for somebody's data, also where no table shows it."""

from __future__ import annotations

import bz2
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from xml.parsers import expat

from aller_vers.retours.fichiers.parties import read_partie
from aller_vers.socle.donnees_personnelles import Soupcon, find_soupcon, is_plausible
from aller_vers.socle.reglages_reception import Limites

_ZIP = b"PK\x03\x04"
_PROFONDEUR = 3
# What a hostile text costs is proportional to what has to be looked at twice.
SIGNES_EXAMINES = 200_000
_IMPRIMABLE = re.compile(rb"[\x20-\x7e\x80-\xff]{5,}")
_CELLULES = re.compile(r'[\n\r\t;<>"=]+')
# In bytes that are no text, a chance « a@b.c » is nobody's: what is plainly an address or a French telephone is.
_COURRIEL_NET = re.compile(
    rb"[A-Za-z0-9_.+-]{3,64}@[A-Za-z0-9-]{3,60}(?:\.[A-Za-z0-9-]{2,30})*\.[A-Za-z]{2,10}\b"
)
_TELEPHONE_NET = re.compile(rb"(?<![\d.])0[1-9](?:[ .-]?\d{2}){4}(?![\d.])")
_FLUX_PDF = re.compile(rb"stream\r?\n")


@dataclass
class _Budget:
    octets: int
    signes: int = SIGNES_EXAMINES
    epuise: bool = False


def search(octets: bytes, limites: Limites) -> tuple[Soupcon | None, bool]:
    """Look for somebody's data in a file, whatever it is.

    Returns:
        What was found, and whether the whole of it could be looked at: an archive with a secret, or one that hides
        more than ``limites`` in it, could not.
    """
    budget, pire = _Budget(limites.octets_decompresses), None
    for soupcon in _search(octets, limites, budget, _PROFONDEUR):
        if soupcon == "certain":
            return soupcon, True
        pire = pire or soupcon
    return pire, not budget.epuise


def _search(octets: bytes, limites: Limites, budget: _Budget, profondeur: int) -> Iterator[Soupcon]:
    if profondeur == 0:
        budget.epuise = True
    elif octets.startswith(_ZIP):
        yield from _search_zip(octets, limites, budget, profondeur)
    elif octets.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")):
        yield from _search(_decompress(octets, budget), limites, budget, profondeur - 1)
    elif octets.startswith((b"7z\xbc\xaf", b"Rar!")):
        budget.epuise = True
    elif octets.startswith(b"%PDF"):
        yield from _search_binaire(octets)
        flux = [debut.end() for debut in islice(_FLUX_PDF.finditer(octets), limites.entrees + 1)]
        budget.epuise |= len(flux) > limites.entrees
        for debut, fin in pairwise([*flux[: limites.entrees], len(octets)]):
            yield from _search_binaire(_inflate(octets[debut:fin], budget, zlib.MAX_WBITS))
    elif octets.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<"):
        if octets.count(b"<") > limites.balises:
            budget.epuise = True
        else:
            yield from _search_xml(octets, budget)
    else:
        yield from _search_octets(octets, budget)


def _search_zip(octets: bytes, limites: Limites, budget: _Budget, profondeur: int) -> Iterator[Soupcon]:
    if octets.count(b"PK\x01\x02") > limites.entrees:
        budget.epuise = True
        return
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            entrees = archive.infolist()
            for entree in entrees:
                yield from _judge([entree.filename.rpartition(".")[0].rpartition("/")[2]], budget)
                if entree.flag_bits & 1 or entree.compress_type not in (0, 8, 12, 14) or budget.octets <= 0:
                    budget.epuise = True
                    continue
                with archive.open(entree) as flux:
                    partie = flux.read(min(entree.file_size, budget.octets) + 1)
                budget.octets -= len(partie)
                yield from _search(partie, limites, budget, profondeur - 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        OSError,
        EOFError,
        RuntimeError,
        NotImplementedError,
        ValueError,
    ):
        yield from _search_binaire(octets)


def _search_xml(octets: bytes, budget: _Budget) -> Iterator[Soupcon]:
    try:
        partie = read_partie(octets)
    except (expat.ExpatError, ValueError, LookupError):
        yield from _search_octets(octets, budget)
        return
    yield from _judge(partie.textes, budget)
    for soupcon in _judge(partie.auteurs, budget):  # an agent's own address, often: not for us to destroy
        yield "douteux" if soupcon else soupcon


def _search_octets(octets: bytes, budget: _Budget) -> Iterator[Soupcon]:
    for encodage in (
        ("utf-16", "utf-8-sig") if octets[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    ):
        try:
            texte = octets.decode(encodage)
        except UnicodeDecodeError:
            continue
        if "\x00" not in texte[:1000]:
            yield from _judge(_CELLULES.split(texte), budget)
            return
    yield from _search_binaire(octets)


def _search_binaire(octets: bytes) -> Iterator[Soupcon]:
    for lus in (octets, octets.replace(b"\x00", b"")):
        if any(_COURRIEL_NET.search(t) or _TELEPHONE_NET.search(t) for t in _IMPRIMABLE.findall(lus)):
            yield "certain"


def _judge(textes: list[str], budget: _Budget) -> Iterator[Soupcon]:
    for texte in dict.fromkeys(textes):
        if not is_plausible(texte):
            continue
        budget.signes -= len(texte)
        if budget.signes < 0:
            budget.epuise = True
            return
        if soupcon := find_soupcon(texte):
            yield soupcon


def _decompress(octets: bytes, budget: _Budget) -> bytes:
    if octets.startswith(b"\x1f\x8b"):
        return _inflate(octets, budget, zlib.MAX_WBITS | 16)
    lecteur = (
        bz2.BZ2Decompressor() if octets.startswith(b"BZh") else lzma.LZMADecompressor(memlimit=100_000_000)
    )
    try:
        lus = lecteur.decompress(octets, max(budget.octets, 0))
    except (OSError, EOFError, lzma.LZMAError):
        lus = b""
    budget.octets -= len(lus)
    budget.epuise |= not lecteur.eof
    return lus


def _inflate(octets: bytes, budget: _Budget, fenetre: int) -> bytes:
    lecteur = zlib.decompressobj(fenetre)
    try:
        lus = lecteur.decompress(octets, max(budget.octets, 1))
    except zlib.error:
        lus = b""
    budget.octets -= len(lus)
    return lus
