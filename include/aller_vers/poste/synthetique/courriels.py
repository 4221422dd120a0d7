"""E-mail addresses of nobody: every domain is reserved (RFC 2606: example.org, .com, .net; .test, .invalid).

Valid addresses are on subdomains of example.org, .com and .net: email-validator refuses .test as special use.
"""

import unicodedata
from collections.abc import Callable

from aller_vers.poste.synthetique.genres import GenreCourriel
from aller_vers.poste.synthetique.tirages import Colonne, Entiers, pick

DOMAINES = (
    "courriel.example.org",
    "poste.example.com",
    "messagerie.example.net",
    "boite.example.org",
    "mail.example.com",
)
_PRENOMS = (
    *(
        "marie",
        "claire",
        "sophie",
        "isabelle",
        "nathalie",
        "fatima",
        "sylvie",
        "valerie",
        "aminata",
        "laurence",
    ),
    *("helene", "celine", "julie", "camille", "yasmine", "christine", "pascale", "emilie", "jeanne", "lucie"),
    *("thomas", "nicolas", "ahmed", "philippe", "laurent", "karim", "pierre", "mathieu", "francois", "bruno"),
)
_NOMS = (
    *("martin", "bernard", "dubois", "robert", "richard", "petit", "durand", "leroy", "moreau", "simon"),
    *("laurent", "lefebvre", "michel", "garcia", "david", "bertrand", "roux", "vincent", "fournier", "morel"),
    *("girard", "andre", "mercier", "dupont", "lambert", "bonnet", "martinez", "diallo", "nguyen", "benali"),
    *("payet", "hoarau", "le-gall", "de-souza", "faure", "rousseau", "blanc", "guerin", "boyer", "traore"),
)
_TEXTES = ("inconnu", "neant", "néant", "pas de mail", "NC", "aucun", "sans", "refuse", "@", "-")
_FORMULES = ("=CMD|'/C calc'!A0", "+33199001234", "@SUM(1+1)", "-2+3", "\t=1+1")
_ACCENTS = {"e": "é", "a": "à", "i": "ï", "o": "ô", "u": "ù", "c": "ç"}


def build_adresses(tirages: Entiers, suffixes: Colonne) -> Colonne:
    """Return a valid address for each draw in [0, 10**6); the suffixes keep two people apart."""
    prenoms = pick(_PRENOMS, tirages % len(_PRENOMS))
    noms = pick(_NOMS, tirages // len(_PRENOMS) % len(_NOMS))
    domaines = pick(DOMAINES, tirages // (len(_PRENOMS) * len(_NOMS)) % len(DOMAINES))
    return [f"{p}.{n}{s}@{d}" for p, n, s, d in zip(prenoms, noms, suffixes, domaines, strict=True)]


def render_courriel(genre: GenreCourriel, adresse: str, tirage: int, telephone: str) -> str | None:
    """Return what the field holds for this kind, from a valid address."""
    if genre is GenreCourriel.ABSENT:
        return None
    if genre in (GenreCourriel.TELEPHONE, GenreCourriel.INVERSE):
        return telephone
    return _RENDUS[genre](adresse, tirage)


def _accentuate(adresse: str, tirage: int) -> str:
    nom, _, domaine = adresse.partition("@")
    lettre = next((c for c in nom if c in _ACCENTS), "")
    accentue = nom.replace(lettre, _ACCENTS[lettre], 1) if lettre else f"é{nom}"
    # Half in decomposed form, as a Mac types it.
    return f"{unicodedata.normalize('NFD', accentue) if tirage % 2 else accentue}@{domaine}"


_RENDUS: dict[GenreCourriel, Callable[[str, int], str]] = {
    GenreCourriel.VALIDE: lambda a, _t: a,
    GenreCourriel.MAJUSCULES: lambda a, t: a.upper() if t % 2 else a.title(),
    GenreCourriel.ESPACES_AUTOUR: lambda a, t: (f" {a}", f"{a} ", f"  {a} ")[t % 3],
    GenreCourriel.INSECABLE: lambda a, t: f"{a}\u00a0" if t % 2 else f"\u202f{a}",
    GenreCourriel.INVISIBLE: lambda a, t: f"\u200b{a}" if t % 2 else a.replace("@", "\u200d@"),
    GenreCourriel.MAILTO: lambda a, t: f"{('mailto:', 'MAILTO: ', 'mail : ')[t % 3]}{a}",
    GenreCourriel.PONCTUATION_FINALE: lambda a, t: a + ".,;"[t % 3],
    GenreCourriel.ACCENTS: _accentuate,
    GenreCourriel.DEUX_ADRESSES: lambda a, t: f"{a}{(';', ' ; ', ', ', ' ou ', '/')[t % 5]}conjoint.{a}",
    GenreCourriel.ESPACE_INTERNE: lambda a, t: a.replace("." if t % 2 else "@", " " if t % 2 else " @ ", 1),
    GenreCourriel.SANS_AROBASE: lambda a, t: a.replace("@", ("", ".", " chez ", "à")[t % 4]),
    GenreCourriel.DOUBLE_AROBASE: lambda a, _t: a.replace("@", "@@"),
    GenreCourriel.DOMAINE_INCOMPLET: lambda a, t: (
        a.partition("@")[0] + ("@", "@courriel", "@example.")[t % 3]
    ),
    GenreCourriel.DOMAINE_RESERVE: lambda a, t: (
        a.partition("@")[0] + ("@poste.test", "@poste.invalid")[t % 2]
    ),
    GenreCourriel.TEXTE: lambda _a, t: _TEXTES[t % len(_TEXTES)],
    GenreCourriel.FORMULE: lambda _a, t: _FORMULES[t % len(_FORMULES)],
    GenreCourriel.TROP_LONG: lambda a, _t: "tres-" * 60 + a,
    GenreCourriel.CHAINE_VIDE: lambda _a, t: ("", " ")[t % 2],
}
