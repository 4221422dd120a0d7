"""Names in a mailbox: those that systems and transfers give, those that we give; what a share and a screen take."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata

from aller_vers.socle.donnees_personnelles import find_soupcon

# A file that is ours to read, under the name that its author's next copy cannot take.
EN_COURS = re.compile(r"\.lecture-[0-9a-f]{16}_(?P<nom>.+)")
# What systems put into a folder by themselves, and owner files of spreadsheets: nobody sends them.
_SYSTEME = re.compile(
    r"\.(?!\.)|~|(?:thumbs|ehthumbs\w*)\.db$|desktop\.ini$|__macosx$|lost\+found$|system volume information$|recycler$"
    r"|network trash folder$|temporary items$",
    flags=re.IGNORECASE,
)
_DOSSIER_SYSTEME = re.compile(r"[@#$]")
# What transfers and spreadsheets write before the name that they mean.
_TEMPORAIRE = re.compile(
    r".*\.(?:filepart|part|partial|crdownload|opdownload|download|tmp|temp|swp|lock|lck|aria2|!ut|upload(?:ing)?)"
    r"|[0-9A-F]{8}|.*\.(?:csv|xlsx|xls|ods)\.[A-Za-z0-9]{6}",
    flags=re.IGNORECASE,
)
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}")
_INTERDITS = re.compile(r"[^\w .()'’-]+")
_RESERVES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", flags=re.IGNORECASE)
_OCTETS = 100


def is_system(nom: str, *, dossier: bool) -> bool:
    """Tell whether a system has put this name into the folder."""
    return bool(_SYSTEME.match(nom) or (dossier and _DOSSIER_SYSTEME.match(nom)))


def is_temporary(nom: str) -> bool:
    """Tell whether a transfer or a spreadsheet gives this name before another."""
    return _TEMPORAIRE.fullmatch(nom) is not None


def make_en_cours(nom: str) -> str:
    """Return the name under which a file is read; no other file has it."""
    return f".lecture-{secrets.token_hex(8)}_{make_safe(nom)}"


def make_safe(nom: str) -> str:
    """Return a name that any share and screen takes, its extension kept.

    Distinct names stay distinct; a name that may be a person's is not repeated.
    """
    debut, point, fin = nom.rpartition(".")
    tige, extension = (debut, f".{fin}") if debut and _EXTENSION.fullmatch(point + fin) else (nom, "")
    if find_soupcon(tige[:500]):
        return f"fichier_{secrets.token_hex(4)}{extension}"
    net = _INTERDITS.sub("_", unicodedata.normalize("NFC", tige[:300]))
    net = net.encode("utf-8", "replace")[:_OCTETS].decode("utf-8", "ignore").strip(" .")
    if net == tige and not _RESERVES.match(net):
        return nom
    marque = hashlib.sha256(nom.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{net or 'fichier'}_{marque}{extension}"


def sort_key(nom: str) -> list[tuple[bool, int, str]]:
    """Order names as people number them: ``v9`` before ``v10``, ``RETOUR`` before ``RETOUR (1)``."""
    tige = nom.rpartition(".")[0] or nom
    return [(m.isdecimal(), int(m) if m.isdecimal() else 0, m) for m in re.split(r"(\d{1,18})", tige) if m]
