"""Telephone numbers that nobody answers.

Metropolitan numbers come from the ranges that Arcep reserves for fiction (numbering plan, decision
2018-0881): 01 99 00, 02 61 91, 03 53 01, 04 65 71, 05 36 49, and 06 39 98 for mobiles. libphonenumber
(9.0.43) holds 06 39 98 invalid, in FR as in YT: to it 0639 is Mayotte's, and 98 is no block of Mayotte. So
« valid » numbers are fixed ones, and the mobile range is a kind of its own.

No range reserved for fiction overseas was found: overseas numbers are improbable ones. In Guadeloupe, Martinique and
Guyane their blocks have no operator known to libphonenumber. In La Réunion and Mayotte fixed ones begin with zeros,
mobile ones end with zeros.

Foreign numbers: United Kingdom +44 20 7946 0xxx (Ofcom, drama), United States +1 202 555 01xx (NANPA),
Germany +49 30 23125 xxx (Bundesnetzagentur, drama); none is reserved in Belgium: +32 450 00 00 xx is
improbable. Reserved ranges are small: at scale, many people have the same number.
"""

from collections.abc import Callable

from aller_vers.poste.synthetique.genres import GenreTelephone
from aller_vers.poste.synthetique.territoire import ZONES
from aller_vers.poste.synthetique.tirages import Colonne, Entiers

_LARGEUR = 10**4
PREFIXES: dict[str, tuple[tuple[str, int], ...]] = {
    "01": (("019900", _LARGEUR),),
    "02": (("026191", _LARGEUR),),
    "03": (("035301", _LARGEUR),),
    "04": (("046571", _LARGEUR),),
    "05": (("053649", _LARGEUR),),
    "GP": tuple((f"06900{n}", _LARGEUR) for n in range(1, 5)),
    "MQ": tuple((prefixe, _LARGEUR) for prefixe in ("069612", "069613", "069614", "069615", "069750")),
    "GF": (("069410", _LARGEUR), ("069411", _LARGEUR)),
    "RE": (("069200", 1), ("069300", 1), ("026200", _LARGEUR)),
    "YT": (("063900", 1), ("026900", _LARGEUR)),
}
"""For each zone, prefixes of six figures and how many of the numbers below each may be used."""

INDICATIFS = {"GP": "590", "MQ": "596", "GF": "594", "RE": "262", "YT": "262"}
"""Country codes; 33 elsewhere."""

_OUTRE_MER = tuple(zone for zone in ZONES if zone in INDICATIFS)
_ETRANGERS = ("+44 20 7946 0{:03d}", "+1 202 555 01{:02d}", "0049 30 23125{:03d}", "+32 450 00 00 {:02d}")
_TEXTES = ("inconnu", "néant", "pas de téléphone", "non communiqué", "NC", "liste rouge", "voir conjoint")
_FORMULES = ("=CMD|'/C calc'!A0", "+SOMME(1;1)", "@SOMME(1;1)", "-2+3", '=HYPERLINK("http://example.org")')


def build_numeros(zones: Entiers, tirages: Entiers) -> Colonne:
    """Return a national number of ten figures for each zone (rank in `ZONES`), from draws in [0, 10**6)."""
    table = [PREFIXES[zone] for zone in ZONES]
    return [_build_numero(table[z], t) for z, t in zip(zones.tolist(), tirages.tolist(), strict=True)]


def render_telephone(genre: GenreTelephone, numero: str, zone: str, tirage: int, courriel: str) -> str | None:
    """Return what the field holds for this kind, from a valid number of ten figures in its zone."""
    if genre is GenreTelephone.ABSENT:
        return None
    if genre is GenreTelephone.COURRIEL:
        return courriel
    if genre is GenreTelephone.OUTRE_MER:
        return _build_numero(PREFIXES[_OUTRE_MER[tirage % len(_OUTRE_MER)]], tirage // 7)
    if genre is GenreTelephone.ETRANGER:
        forme = _ETRANGERS[tirage % len(_ETRANGERS)]
        return forme.format(tirage // 7 % (1000 if ":03d" in forme else 100))
    return _RENDUS[genre](numero, INDICATIFS.get(zone, "33"), tirage)


def _build_numero(prefixes: tuple[tuple[str, int], ...], tirage: int) -> str:
    prefixe, largeur = prefixes[tirage // _LARGEUR % len(prefixes)]
    return f"{prefixe}{tirage % largeur:04d}"


def _join(separateur: str) -> Callable[[str, str, int], str]:
    return lambda numero, _indicatif, _tirage: separateur.join(
        numero[debut : debut + 2] for debut in range(0, len(numero), 2)
    )


def _pairs_after_zero(numero: str) -> str:
    return " ".join([numero[1], *(numero[debut : debut + 2] for debut in range(2, 10, 2))])


def _repeat(_numero: str, _indicatif: str, tirage: int) -> str:
    # Looks typed in haste, and stays in a reserved range: 01 99 00 00 00, 05 36 49 49 49, 06 39 98 98 98...
    prefixe = ("019900", "026191", "035301", "046571", "053649", "063998")[tirage % 6]
    return prefixe + prefixe[-2:] * 2


_RENDUS: dict[GenreTelephone, Callable[[str, str, int], str]] = {
    GenreTelephone.VALIDE: lambda n, _i, _t: n,
    GenreTelephone.ESPACES: _join(" "),
    GenreTelephone.POINTS: _join("."),
    GenreTelephone.TIRETS: _join("-"),
    GenreTelephone.BARRES: _join("/"),
    GenreTelephone.INTERNATIONAL: lambda n, i, _t: f"+{i}{n[1:]}",
    GenreTelephone.ZERO_ENTRE_PARENTHESES: lambda n, i, _t: f"+{i} (0){_pairs_after_zero(n)}",
    GenreTelephone.PREFIXE_00: lambda n, i, _t: f"00{i}{n[1:]}",
    GenreTelephone.INSECABLE: _join("\u00a0"),
    GenreTelephone.INVISIBLE: lambda n, _i, _t: f"\u200e{n}\u200b",
    GenreTelephone.ZERO_PERDU: lambda n, _i, _t: n[1:],
    GenreTelephone.MOBILE_FICTION: lambda _n, _i, t: f"063998{t % _LARGEUR:04d}",
    GenreTelephone.DEUX_NUMEROS: lambda n, _i, t: f"{n}{(' / ', ' ou ', ' ')[t % 3]}053649{t % _LARGEUR:04d}",
    GenreTelephone.TROP_COURT: lambda n, _i, t: n[: 6 + t % 3],
    GenreTelephone.TROP_LONG: lambda n, _i, t: n + str(t % 90 + 10),
    GenreTelephone.ZEROS: lambda _n, _i, _t: "0000000000",
    GenreTelephone.REPETE: _repeat,
    GenreTelephone.TEXTE: lambda _n, _i, t: _TEXTES[t % len(_TEXTES)],
    GenreTelephone.FORMULE: lambda _n, _i, t: _FORMULES[t % len(_FORMULES)],
    GenreTelephone.CHAINE_VIDE: lambda _n, _i, _t: "",
}
