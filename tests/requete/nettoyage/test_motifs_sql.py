"""The patterns never say otherwise than the libraries, and decide nearly all plain values."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from aller_vers.requete.nettoyage.courriel import clean_courriel
from aller_vers.requete.nettoyage.telephone import clean_telephone
from aller_vers.requete.nettoyage.valeur import Nettoye

NOMBRE = 50_000  # of each kind of contact
GRAINE = 202506
CODES_POSTAUX = (None, "83000", "97110", "97200", "97300", "97400", "97600", "97150")

LETTRES = "abcdefghijklmnopqrstuvwxyz0123456789"
INTRUS = ".._-+@ '\"/%&!#$*=?^`{|}~;,:<>()[]\\éÉßıİſKſ𝟙①ａ．＠\u00a0\u200b\u00ad\t\n"
EXTENSIONS = (
    *("fr", "com", "org", "FR", "Com", "c", "museum", "fr2", "2fr", "123", "xn--p1ai", "re", "paris"),
    *("test", "invalid", "local", "localhost", "onion", "arpa", "TEST", "tests", "contest", "example"),
)
SEPARATEURS = ("", " ", ".", "-", "/", "\u00a0", "  ", "_", "–", ",", " - ")
PREFIXES = (
    "0",
    "0",
    "0",
    "+33",
    "+33 ",
    "0033",
    "0033 ",
    "+33(0)",
    "+33 (0)",
    "+33 (0) ",
    "+330",
    "33",
    "",
    "+",
)
PREFIXES_OUTRE_MER = ("+590", "+262", "+594 ", "+596", "00262", "(0)", "+33-", "+33.", " 0", "0 ", "\t0", "O")


def draw_mot(tirage: random.Random, longueur: int) -> str:
    return "".join(tirage.choice(LETTRES + LETTRES.upper() + "--.._+") for _ in range(longueur))


def draw_courriel(tirage: random.Random) -> str:
    """Draw an address, plain, on the verge of a limit, or spoilt in one place or two."""
    local = draw_mot(tirage, tirage.choice((1, 2, 5, 8, 12, 12, 30, 62, 63, 64, 65, 66)))
    domaine = ".".join(
        draw_mot(tirage, tirage.choice((1, 2, 4, 8, 12, 30, 62, 63, 64)))
        for _ in range(tirage.choice((0, 1, 1, 2, 5)))
    )
    adresse = f"{local}@{domaine}{'.' if domaine else ''}{tirage.choice(EXTENSIONS)}"
    for _ in range(tirage.choice((0, 0, 0, 0, 1, 1, 2))):
        rang = tirage.randrange(len(adresse) + 1)
        adresse = adresse[:rang] + tirage.choice(INTRUS) + adresse[rang + tirage.randrange(2) :]
    return adresse


def draw_telephone(tirage: random.Random) -> str:
    """Draw a number of any range, with any separator, now and then spoilt in one place."""
    longueur = tirage.choice((9, 9, 9, 9, 9, 9, 8, 10))
    chiffres = tirage.choice((f"6{tirage.randrange(10**8):08d}", str(tirage.randrange(10**8, 10**9))))
    chiffres = (chiffres + "7")[:longueur]
    separateur = tirage.choice(SEPARATEURS)
    paires = [chiffres[0], *(chiffres[rang : rang + 2] for rang in range(1, len(chiffres), 2))]
    if tirage.random() < 0.1:
        paires = [paire + tirage.choice(SEPARATEURS) for paire in paires]
    numero = tirage.choice((*PREFIXES, *PREFIXES_OUTRE_MER) if tirage.random() < 0.3 else PREFIXES) + (
        separateur.join(paires)
    )
    if tirage.random() < 0.15:
        rang = tirage.randrange(len(numero) + 1)
        numero = numero[:rang] + tirage.choice("0+() .-/x#;,@A\u200b١٦²\n") + numero[rang:]
    return numero


def try_motif(entrepot: Connection, fonction: str, valeurs: Iterable[str]) -> list[str | None]:
    """Return what a pattern says of each value."""
    requete = text(
        f"SELECT {fonction}(v) FROM unnest(CAST(:valeurs AS text[])) WITH ORDINALITY AS u (v, n) ORDER BY n"
    )
    return list(entrepot.scalars(requete, {"valeurs": list(valeurs)}))


def find_desaccords(
    valeurs: list[str], motifs: list[str | None], juge: Callable[[str], Nettoye]
) -> list[tuple[str, str, Nettoye]]:
    """Return the values that a pattern made clean and that the library leaves otherwise."""
    assert len(valeurs) == len(motifs)
    return [
        (brut, par_motif, juge(brut))
        for brut, par_motif in zip(valeurs, motifs, strict=True)
        if par_motif is not None and juge(brut) != (par_motif, None)
    ]


def test_no_address_pattern_disagrees_with_the_library(entrepot: Connection) -> None:
    tirage = random.Random(GRAINE)
    valeurs = [draw_courriel(tirage) for _ in range(NOMBRE)]
    motifs = try_motif(entrepot, "staging.courriel_par_motif", valeurs)
    assert find_desaccords(valeurs, motifs, clean_courriel) == []
    assert sum(motif is not None for motif in motifs) > NOMBRE / 60, "too few values reach the pattern"


def test_no_telephone_pattern_disagrees_with_the_library_whatever_the_postcode(entrepot: Connection) -> None:
    tirage = random.Random(GRAINE)
    valeurs = [draw_telephone(tirage) for _ in range(NOMBRE)]
    motifs = try_motif(entrepot, "staging.telephone_par_motif", valeurs)
    code_postal = tirage.choice
    assert find_desaccords(valeurs, motifs, lambda v: clean_telephone(v, code_postal(CODES_POSTAUX))) == []
    assert sum(motif is not None for motif in motifs) > NOMBRE / 10, "too few values reach the pattern"


def test_every_range_that_the_telephone_pattern_opens_is_open_to_the_library(entrepot: Connection) -> None:
    valeurs = [f"0{tete}0000" for tete in range(10_000, 100_000)]
    motifs = try_motif(entrepot, "staging.telephone_par_motif", valeurs)
    assert find_desaccords(valeurs, motifs, lambda v: clean_telephone(v, None)) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.emails()
    | st.from_regex(r"\A[a-zA-Z0-9_.+-]{1,20}@([a-zA-Z0-9-]{1,10}\.){1,3}[a-zA-Z]{1,10}\Z")
    | st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=30)
)
def test_no_address_that_hypothesis_finds_divides_them(entrepot: Connection, brut: str) -> None:
    motifs = try_motif(entrepot, "staging.courriel_par_motif", [brut])
    assert find_desaccords([brut], motifs, clean_courriel) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.from_regex(r"\A(0|\+33 ?(\(0\) ?)?|0033 ?)?[0-9]([ ./-]?[0-9]{2}){3,5}\Z")
    | st.text("0123456789+() ./-\u00a0", max_size=24),
    st.sampled_from(CODES_POSTAUX),
)
def test_no_number_that_hypothesis_finds_divides_them(
    entrepot: Connection, brut: str, code_postal: str | None
) -> None:
    motifs = try_motif(entrepot, "staging.telephone_par_motif", [brut])
    assert find_desaccords([brut], motifs, lambda v: clean_telephone(v, code_postal)) == []


def test_what_sql_holds_blank_is_absent_to_the_library(entrepot: Connection) -> None:
    tirage = random.Random(GRAINE)
    valeurs = [
        "".join(tirage.choices(" \t\n\r\u00a0\u202f\u200b\ufeff\u2003a", k=tirage.randrange(4)))
        for _ in range(5_000)
    ]
    vides = [
        v for v, vide in zip(valeurs, try_motif(entrepot, "staging.est_vide", valeurs), strict=True) if vide
    ]
    assert len(vides) > 1_000
    assert {clean_courriel(vide).motif for vide in vides} == {"courriel_absent"}
    assert {clean_telephone(vide, None).motif for vide in vides} == {"telephone_absent"}
    assert entrepot.scalar(text("SELECT staging.est_vide(NULL)")) is True


@pytest.mark.parametrize(
    ("brut", "repare"),
    [
        pytest.param("83000", "83000", id="cinq chiffres"),
        pytest.param(" 83 000 ", "83000", id="espaces"),
        pytest.param("83\u00a0000", "83000", id="espace insécable"),
        pytest.param("83000.0", "83000", id="nombre d'un tableur"),
        pytest.param("83000,00", "83000", id="nombre d'un tableur français"),
        pytest.param("1000", "01000", id="zéro de tête perdu"),
        pytest.param("1000.0", "01000", id="zéro de tête perdu par un tableur"),
        pytest.param("O1OOo", "01000", id="lettre O"),
        pytest.param("830", None, id="trop court"),
        pytest.param("830000", None, id="trop long"),
        pytest.param("83000.5", None, id="nombre à virgule"),
        pytest.param("2A004", None, id="Corse, code de commune"),
        pytest.param("83000 TOULON", None, id="code et commune"),
        pytest.param("PARIS", None, id="texte"),
        pytest.param("٨٣٠٠٠", None, id="autres chiffres"),
        pytest.param("", None, id="vide"),
        pytest.param(None, None, id="nul"),
    ],
)
def test_a_postcode_is_repaired_only_when_no_doubt_remains(
    entrepot: Connection, brut: str | None, repare: str | None
) -> None:
    assert entrepot.scalar(text("SELECT staging.code_postal_repare(:brut)"), {"brut": brut}) == repare
