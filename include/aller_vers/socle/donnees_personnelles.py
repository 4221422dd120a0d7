"""What looks like somebody's e-mail, telephone or NIR; and the reasons that a person writes, which hold none.

One rule, said again in SQL by ``suivi.soupcon_personnel``, which has the last word: a test holds them equal. A text is
judged as it is written, once Unicode's other ways of writing the same characters are undone. ``certain``: the form is
that of an address, of a telephone, of a NIR with its key. ``douteux``: it could be one; a person has to look.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from aller_vers.socle.erreurs import ErreurAllerVers

Soupcon = Literal["certain", "douteux"]
LONGUEUR_MAXIMALE = 500

# Normalising is quadratic in a run of combining marks: by pieces, a hostile text costs no more than another.
_MORCEAU = 256
_INVISIBLES = (
    "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062"
    "\u2063\u2064\u2066\u2067\u2068\u2069\u20e3\u3164\ufe00\ufe0e\ufe0f\ufeff\uffa0"
)
_ECRITURES = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ~\t\n\x0b\x0c\r\x85\u1680\u2028\u2029"
    "\u2010\u2012\u2013\u2014\u2015\u2212\u2043\u00b7\u2022\u2027\u30fb\u2044\u2215"
    "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8"
    "\u06f9",
    "abcdefghijklmnopqrstuvwxyz-         -------....//01234567890123456789",
    _INVISIBLES,
)
_DOMAINE = r"[a-z0-9-]{1,63}(?:[.][a-z0-9-]{1,63}){0,3}[.][a-z]{2}"
_AROBASES = (
    (re.compile(r"%40|&(?:#64|#x40|commat);| ?[({<[] ?at ?[])}>] ?"), "@"),
    (re.compile(r"[^0-9a-z@]{1,3}(?:arr?oba(?:s|se|ses)?|arob)[^0-9a-z@]{1,3}"), "@"),
    (re.compile(r"[^0-9a-z]{1,3}(?:dot|point)[^0-9a-z]{1,3}"), "."),
    (re.compile(r"(?:[^0-9a-z@]{1,3}at[^0-9a-z@]{1,3}|[({<[]a[])}>])(?=" + _DOMAINE + ")"), "@"),
)
_EMPREINTE = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,})(?![0-9a-z])"
)

# As written, then nobody's: months, days, hours, whatever separates them.
_HEURE = (
    r"(?:(?:t|,? {1,2}|,? a )[0-2]?[0-9] ?[h:](?: ?[0-5][0-9])?(?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
    r"(?: ?(?:z|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_DATES = tuple(
    re.compile(motif)
    for motif in (
        r"(?<![0-9])20[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9]t[0-9]{6,12}(?![0-9])",
        r"(?<![0-9])(?:19|20)[0-9]{2}[-/.](?:0[1-9]|1[0-2])(?:[-/.][0-3][0-9]" + _HEURE + r")?(?![0-9])",
        r"(?<![0-9])[0-3]?[0-9]([-/. ])[01]?[0-9]\1(?:19|20)[0-9]{2}" + _HEURE + r"(?![0-9])",
        # Two figures of a year may be those of a telephone: then two pairs follow, or come before.
        r"(?<![0-9])(?<![0-9]{2}[-./_ ,][0-9]{2}[-./_ ,])[0-3]?[0-9]([-/.])[01]?[0-9]\1[0-9]{2}" + _HEURE
        + r"(?![0-9]|[-./_ ,]{1,3}[0-9]{2}[-./_ ,]{1,3}[0-9]{2}(?![-0-9/.]))",
    )
)  # fmt: skip
_MONTANT = re.compile(
    r"(?<![0-9.,])(?<![0-9][-/_ ])(?:[1-9][0-9]*|0)[.,][0-9]+(?![0-9]|[.,][0-9])"
    r"|(?<![0-9])[1-9][0-9]{0,2}(?:[ .][0-9]{3}){1,4},[0-9]{1,2}(?![0-9])"
    r"|(?<![0-9])[1-9][0-9]{0,2}(?: [0-9]{3}){1,4}[.][0-9]{1,2}(?![0-9])"
)

_COURRIEL = re.compile(r'[^ @] ?@ ?[^ @,;:<>()"|/.]{1,63}(?:[.][^ @,;:<>()"|/.]{1,63}){0,5}[.][a-z][a-z0-9]')
_TELEPHONES = tuple(
    re.compile(motif)
    for motif in (
        # Five pairs, one separator throughout.
        r"(?<![0-9a-z])(?<![0-9][-./_, :])[0o][1-9]( ?[-./_:*|] ?|,| {1,3})[0-9o]{2}\1[0-9o]{2}\1[0-9o]{2}\1[0-9o]{2}"
        r"(?![0-9a-z])(?![-./_, :][0-9])",
        # Ten figures in a row, which nothing makes a part of a reference.
        r"(?<![0-9a-z])(?<![0-9a-z][-./_,])[0o][1-9][0-9]{8}(?![0-9a-z])(?![-./_,][0-9a-z])",
        r"(?<![0-9a-z+])(?:[+][(]?|[(][+]|00) ?33[)]?[-./_ ]{0,3}(?:[(]?0[)]?[-./_ ]{0,3})?[1-9]"
        r"(?:[-./_ ]{0,2}[0-9]){8}(?![0-9])",
        r"(?<![0-9a-z+])[+][(]?[1-9][0-9]{0,2}[)]?[-./_ ]{1,3}[(]?[0-9](?:[-./_ ()]{0,3}[0-9]){6,12}(?![0-9])",
        r"(?<![0-9a-z+])[+][1-9][0-9]{9,14}(?![0-9]|[.,][0-9])",
    )
)
# Sex, year, month, department or Corsica, commune, order, key: however it is spaced, its key proves it.
_NIR = re.compile(
    r"(?<![0-9a-z])[1-478](?:[-./_ ,:|]?[0-9]){4}[-./_ ,:|]?(?:[0-9][-./_ ,:|]?[0-9]|2[-./_ ,:|]?[ab])"
    r"(?:[-./_ ,:|]?[0-9]){8}(?![0-9a-z])"
)
_DOUTES = tuple(
    re.compile(motif)
    for motif in (
        r"[^ @]@|(?:[a-z0-9.-] ){2}@(?: [a-z0-9.-]){3}",
        # A telephone said in letters.
        r"(?<![a-z])z[eé]ro[ ,-]{1,3}(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf)(?![a-z])",
    )
)
_DOUTES_CHIFFRES = tuple(
    re.compile(motif)
    for motif in (
        # Ten figures of a telephone, whatever separates them, letters that look like some among them; or in pairs,
        # with a word between.
        r"(?<![0-9])[0o][-. ]?[1-9il](?:[^0-9a-z~]{0,6}[0-9oil]){8}(?![0-9])",
        r"(?<![0-9a-z])0[1-9]([^0-9~]{1,7})[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[0-9]{2}(?![0-9])",
        r"(?<![0-9a-z])33([-. ])[1-9]\1[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[0-9]{2}(?![0-9])",
        r"(?<![0-9a-z])0([-./_ ,])[1-9](?:\1[0-9]){8}(?![0-9a-z])",
        r"(?<![0-9a-z.,])00[-. ]?[1-9](?:[-. ]?[0-9]){8,13}(?![0-9]|[.,][0-9])",
        # Without the zero that a spreadsheet has taken off.
        r"(?<![0-9a-z])(?<![0-9a-z][-./_,])(?:33)?[1-9][0-9]{8}(?![0-9a-z])(?![-./_,][0-9a-z]| ?(?:€|eur))",
        r"(?<![0-9a-z])(?<![0-9][-./_, ])[1-9]([-. ])[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[0-9]{2}(?![0-9])(?![-. ][0-9])",
        r"(?<![0-9a-z])(?<![0-9][. ])[67][0-9]{2}([ .])[0-9]{3}\1[0-9]{3}(?![0-9]|[ .,][0-9]| ?(?:€|eur))",
        # A NIR without its key; then as a person writes one, whatever its month and key: its groups, or its letter
        # of Corsica, even with the commune alone after it.
        r"(?<![0-9a-z])(?<![0-9a-z][-./_])[1-478][0-9]{2}(?:0[1-9]|1[0-2])[0-9]{8}(?![0-9a-z])(?![-./_][0-9a-z])",
        r"(?<![0-9a-z])[1-478]([-./_ ])[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[0-9]{3}\1[0-9]{3}(?![0-9a-z])",
        r"(?<![0-9a-z])[1-478][-./_ ]?[0-9]{2}[-./_ ]?[0-9]{2}[-./_ ]?2[-./_ ]?[ab](?:[-./_ ]?[0-9]){3}"
        r"(?:(?:[-./_ ]?[0-9]){3}(?:[-./_ ]?[0-9]{2})?)?(?![0-9a-z])",
    )
)
# In what a person writes: a name after its civility, a birth, a street, a number of beneficiary. A name alone cannot be
# told from another word.
_PERSONNES = tuple(
    re.compile(motif)
    for motif in (
        r"(?<![a-z.])(?:mr|mme|mlle|monsieur|madame|mademoiselle|m[.]|mr[.]|mme[.]) +"
        r"(?!(?:le|la|les|de|du|des|et|ou|en|a)(?![a-zé])|l['’])[^ 0-9.,;:()]{2}",
        r"(?<![a-z])n(?:é|ée|ee)s? le [0-9]",
        r"(?<![0-9a-z])[0-9]{1,4} ?(?:bis|ter)?,? (?:rue|avenue|boulevard|impasse|chemin|allée|allee|route|quai) ",
        r"(?<![a-z])(?:allocataire|matricule|numal)(?!s)[^0-9]{0,12}[0-9]{5}",
    )
)
# A day, then four pairs; or a month, then the five pairs of a telephone.
_JOUR_OU_TELEPHONE = re.compile(r"(?<![0-9])20[0-9]{2}-(?:0[1-9]|1[0-2])-0[1-9](?: [0-9]{2}){4}(?![0-9])")
# Nine figures and nothing else, as a spreadsheet keeps a telephone: no count of people is so large.
_NOMBRE_NU = re.compile(r" *(?:33)?[1-9](?:[-./_ ]?[0-9]){8} *")
# Nothing is found where this is not, nor in an instant of a spreadsheet: most cells cost one look.
_INSTANT = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9](?:[ T][0-2][0-9]:[0-5][0-9](?::[0-5][0-9])?)?")
_CHIFFRES = re.compile(r"(?:[0-9o][^0-9o]{0,7}){9}")  # as many as the shortest of what figures may be
_PLAUSIBLE = re.compile(
    r"@|[aA][rR][oO][bB]|obas|%40|&[#c]|[^0-9a-zA-Z][aA][tT]?[^0-9a-zA-Z]|[zZ][eE][rR][oO][ ,-]|z\u00e9ro"
    r"|(?:[0-9oO][^0-9oO]{0,7}){9}"
)


def find_soupcon(texte: str) -> Soupcon | None:
    """Tell whether a text holds what is, or could be, somebody's e-mail, telephone or NIR; None: neither.

    Dates and hours, ranges of dates, amounts with their decimals, references, identifiers and hashes are nobody's.
    """
    if texte.isascii() and (not _PLAUSIBLE.search(texte) or _INSTANT.fullmatch(texte)):
        return None
    simple = _write_simply(texte)
    if not _PLAUSIBLE.search(simple):
        return None
    net = _hide_detours(simple)
    chiffres = _CHIFFRES.search(net) is not None
    if _COURRIEL.search(net) or (chiffres and any(motif.search(net) for motif in _TELEPHONES)):
        return "certain"
    douteux = chiffres and _JOUR_OU_TELEPHONE.search(net) is not None
    for motif in _DATES:
        net = motif.sub("~", net)
    chiffres = _CHIFFRES.search(net) is not None
    if chiffres and any(_has_cle(trouve[0]) for trouve in _NIR.finditer(net)):
        return "certain"
    net = _MONTANT.sub("~", net)
    if douteux or any(motif.search(net) for motif in _DOUTES):
        return "douteux"
    return "douteux" if chiffres and any(motif.search(net) for motif in _DOUTES_CHIFFRES) else None


def tells_of_somebody(texte: str) -> bool:
    """Tell whether a reason holds what is, or could be, somebody's: also a name, a birth, a street, a number.

    The same as ``suivi.parle_de_quelqu_un``.
    """
    if find_soupcon(texte):
        return True
    net = _write_simply(texte)
    return any(motif.search(net) for motif in _PERSONNES)


def is_plausible(texte: str) -> bool:
    """Tell whether a text is worth being judged; False is sure, and costs one look."""
    return not texte.isascii() or _PLAUSIBLE.search(texte) is not None


def is_bare_number(texte: str) -> bool:
    """Tell whether a cell is nothing but a telephone that has lost its zero."""
    return len(texte) >= 9 and _NOMBRE_NU.fullmatch(_write_simply(texte)) is not None


def check_motif(motif: str) -> str:
    """Return the reason, trimmed, on one line, without what no text keeps: control characters, halves of a sign.

    Raises:
        ErreurAllerVers: it is too long, or looks like somebody's data.
    """
    net = "".join(s for s in " ".join(motif.split()) if unicodedata.category(s) not in ("Cc", "Cs"))
    if len(net) > LONGUEUR_MAXIMALE:
        raise ErreurAllerVers(
            f"Le motif dépasse {LONGUEUR_MAXIMALE} caractères.", "l'abréger, puis relancer la tâche."
        )
    if tells_of_somebody(net):
        raise ErreurAllerVers(
            "Le motif ressemble à une donnée personnelle (courriel, téléphone, NIR, nom, adresse) : rien n'a été fait.",
            "récrire le motif sans ce qui désigne quelqu'un, puis relancer.",
        )
    return net


def _write_simply(texte: str) -> str:
    """Return a text in small letters and plain figures, spaces and dashes: ``suivi.ecrire_simplement``."""
    if not texte.isascii():
        morceaux = (texte[rang : rang + _MORCEAU] for rang in range(0, len(texte), _MORCEAU))
        texte = "".join(unicodedata.normalize("NFKC", morceau) for morceau in morceaux)
    return texte.translate(_ECRITURES)


def _hide_detours(simple: str) -> str:
    """Return a text with each way to write an @ or a dot written plainly, and « ~ » for a hash."""
    net = simple
    for motif, signe in _AROBASES:
        net = motif.sub(signe, net)
    return _EMPREINTE.sub("~", net)


def _has_cle(nir: str) -> bool:
    """Tell whether the last two figures are the key of the first thirteen signs."""
    chiffres = re.sub(r"[^0-9ab]", "", nir)
    numero = int(chiffres[:13].replace("2a", "19").replace("2b", "18"))
    return int(chiffres[13:]) == 97 - numero % 97
