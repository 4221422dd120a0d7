"""Telephones, as people type them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, is_valid_number

from aller_vers.requete.nettoyage.telephone import clean_telephone

VAR, GUADELOUPE, REUNION = "83000", "97110", "97400"

USABLE = [
    pytest.param("0199001234", VAR, "01 99 00 12 34", id="dix chiffres"),
    pytest.param("01 99 00 12 34", VAR, "01 99 00 12 34", id="espaces"),
    pytest.param("01.99.00.12.34", VAR, "01 99 00 12 34", id="points"),
    pytest.param("01-99-00-12-34", VAR, "01 99 00 12 34", id="tirets"),
    pytest.param("01–99–00–12–34", VAR, "01 99 00 12 34", id="tirets demi-cadratins"),
    pytest.param("01/99/00/12/34", VAR, "01 99 00 12 34", id="barres"),
    pytest.param("01\u00a099\u00a000\u00a012\u00a034", VAR, "01 99 00 12 34", id="espaces insécables"),
    pytest.param("\u200e0199001234\u200b", VAR, "01 99 00 12 34", id="caractères invisibles"),
    pytest.param("Tél. : 01 99 00 12 34", VAR, "01 99 00 12 34", id="étiquette"),
    pytest.param("tel:+33199001234", VAR, "01 99 00 12 34", id="lien"),
    pytest.param("199001234", VAR, "01 99 00 12 34", id="zéro de tête perdu"),
    pytest.param("+33199001234", VAR, "01 99 00 12 34", id="international"),
    pytest.param("+33 (0)1 99 00 12 34", VAR, "01 99 00 12 34", id="zéro entre parenthèses"),
    pytest.param("0033 1 99 00 12 34", VAR, "01 99 00 12 34", id="préfixe 00"),
    pytest.param("33199001234", VAR, "01 99 00 12 34", id="plus perdu"),
    pytest.param("0690001234", GUADELOUPE, "06 90 00 12 34", id="Guadeloupe, chez soi"),
    pytest.param("0690001234", VAR, "06 90 00 12 34", id="Guadeloupe, depuis la métropole"),
    pytest.param("0690001234", None, "06 90 00 12 34", id="Guadeloupe, sans code postal"),
    pytest.param("+590690001234", VAR, "06 90 00 12 34", id="Guadeloupe, international"),
    pytest.param("+33690001234", GUADELOUPE, "06 90 00 12 34", id="Guadeloupe, indicatif de métropole"),
    pytest.param("262692000000", VAR, "06 92 00 00 00", id="La Réunion, plus perdu"),
    pytest.param("0199001234", REUNION, "01 99 00 12 34", id="métropole, depuis La Réunion"),
    pytest.param("(+33) 1 99 00 12 34", VAR, "01 99 00 12 34", id="indicatif entre parenthèses"),
    pytest.param("( 0033 ) 1 99 00 12 34", VAR, "01 99 00 12 34", id="préfixe 00 entre parenthèses"),
    pytest.param("+(33) 1 99 00 12 34", VAR, "01 99 00 12 34", id="chiffres seuls entre parenthèses"),
    pytest.param("(+32) 470 12 34 56", VAR, "0032 470 12 34 56", id="indicatif étranger entre parenthèses"),
    pytest.param("01\u202f99\u202f00\u202f12\u202f34", VAR, "01 99 00 12 34", id="espaces fines insécables"),
    pytest.param("01\u200999\u200700\u200312\u300034", VAR, "01 99 00 12 34", id="espaces typographiques"),
    pytest.param("'0199001234", VAR, "01 99 00 12 34", id="apostrophe de tableur"),
    pytest.param("’ 0199001234", VAR, "01 99 00 12 34", id="apostrophe typographique"),
    pytest.param("01 99 00 12 34 ;", VAR, "01 99 00 12 34", id="ponctuation finale"),
    pytest.param('="0199001234"', VAR, "01 99 00 12 34", id="formule qui garde un texte"),
    pytest.param("[+33] 1 99 00 12 34", VAR, "01 99 00 12 34", id="indicatif entre crochets"),
    pytest.param("O1 99 OO 12 34", VAR, "01 99 00 12 34", id="lettre O"),
    pytest.param("199001234.0", VAR, "01 99 00 12 34", id="point zéro"),
    pytest.param("199001234,00", VAR, "01 99 00 12 34", id="virgule zéro"),
    pytest.param("1.99001234E8", VAR, "01 99 00 12 34", id="puissance de dix, aucun chiffre perdu"),
    pytest.param("3,3199001234E+10", VAR, "01 99 00 12 34", id="puissance de dix, indicatif"),
    pytest.param("'0199001234'", VAR, "01 99 00 12 34", id="entre apostrophes"),
    pytest.param("« 01 99 00 12 34 »", VAR, "01 99 00 12 34", id="entre guillemets français"),
    pytest.param("“+33199001234”", VAR, "01 99 00 12 34", id="entre guillemets anglais"),
    pytest.param("1 99 00 12 34", VAR, "01 99 00 12 34", id="zéro perdu, par deux"),
    pytest.param("+32 470 12 34 56", VAR, "0032 470 12 34 56", id="Belgique"),
    pytest.param("0032470123456", VAR, "0032 470 12 34 56", id="Belgique, préfixe 00"),
    pytest.param("+44 (0)20 7946 0123", VAR, "0044 20 7946 0123", id="Royaume-Uni"),
    pytest.param("+1 202-555-0123", VAR, "001 202 555 0123", id="États-Unis"),
    pytest.param("+687 26 12 34", VAR, "00687 26 12 34", id="Nouvelle-Calédonie : son propre plan"),
]
UNUSABLE = [
    pytest.param(None, "telephone_absent", id="nul"),
    pytest.param("", "telephone_absent", id="vide"),
    pytest.param(" \u00a0\u200b\t", "telephone_absent", id="blancs et invisibles"),
    pytest.param("liste rouge", "telephone_invalide", id="texte"),
    pytest.param("-", "telephone_invalide", id="tiret"),
    pytest.param("1,99E+08", "telephone_invalide", id="puissance de dix, chiffres perdus"),
    pytest.param("1.9900123E8", "telephone_invalide", id="puissance de dix, un chiffre perdu ou zéro"),
    pytest.param("661 000 000", "telephone_invalide", id="neuf chiffres par trois : France ou Luxembourg"),
    pytest.param("621.123.456", "telephone_invalide", id="neuf chiffres par trois, points"),
    pytest.param(
        "621 12 34 56", "telephone_invalide", id="neuf chiffres, trois puis deux : France ou Luxembourg"
    ),
    pytest.param("OOOOOO1", "telephone_invalide", id="des lettres O, pas un numéro"),
    pytest.param("0000000000", "telephone_invalide", id="zéros"),
    pytest.param("019900123", "telephone_invalide", id="trop court"),
    pytest.param("01990012345", "telephone_invalide", id="trop long"),
    pytest.param("0639981234", "telephone_invalide", id="mobile de fiction (Arcep)"),
    pytest.param("3919", "telephone_invalide", id="numéro court"),
    pytest.param("01 99 00 12 34 (mari)", "telephone_invalide", id="numéro et mot"),
    pytest.param("01 99 00 12 34 poste 12", "telephone_invalide", id="poste interne"),
    pytest.param("0800 FLEURS", "telephone_invalide", id="lettres pour chiffres"),
    pytest.param("+SOMME(1;1)", "telephone_invalide", id="formule"),
    pytest.param("1" * 5000, "telephone_invalide", id="démesuré"),
    pytest.param("0199001234 / 0536491234", "telephone_multiple", id="deux numéros, barre"),
    pytest.param("0199001234 ou 05 36 49 12 34", "telephone_multiple", id="deux numéros, ou"),
    pytest.param("01 99 00 12 34 05 36 49 12 34", "telephone_multiple", id="deux numéros, espace"),
    pytest.param("+33199001234\n+33536491234", "telephone_multiple", id="deux numéros, deux lignes"),
    pytest.param("claire@example.org", "champs_inverses", id="un courriel"),
]


@pytest.mark.parametrize(("brut", "code_postal", "net"), USABLE)
def test_a_valid_number_is_kept_as_it_is_dialled(brut: str, code_postal: str | None, net: str) -> None:
    assert clean_telephone(brut, code_postal) == (net, None)


@pytest.mark.parametrize(("brut", "motif"), UNUSABLE)
def test_an_unusable_number_becomes_empty_with_its_reason(brut: str | None, motif: str) -> None:
    assert clean_telephone(brut, VAR) == (None, motif)


@given(
    st.text(max_size=40) | st.text(alphabet="0123456789+() .-/", max_size=24), st.none() | st.text(max_size=6)
)
def test_whatever_is_typed_the_answer_is_a_number_or_a_reason(brut: str, code_postal: str | None) -> None:
    valeur, motif = clean_telephone(brut, code_postal)
    assert (valeur is None) != (motif is None)
    if valeur is not None:
        assert valeur.startswith("0")
        assert set(valeur) <= set("0123456789 ")
        assert clean_telephone(valeur, code_postal) == (valeur, None)


def test_the_postcode_changes_the_order_of_trials_never_the_answer() -> None:
    tirage = random.Random(2025)
    formes = ("0{}", "{}", "33{}", "262{}", "590{}", "+33{}", "+262{}", "594{}", "596{}")
    for _ in range(1_000):
        brut = tirage.choice(formes).format(tirage.randrange(10**8, 10**9))
        reponses = {
            clean_telephone(brut, code)
            for code in (None, VAR, GUADELOUPE, "97200", "97300", REUNION, "97600")
        }
        assert len(reponses) == 1, brut


def test_what_is_dialled_in_france_is_what_the_library_holds_valid_in_one_of_its_regions() -> None:
    tirage = random.Random(2026)
    debuts = ("1", "26", "59", "590", "639", "69", "7", "709", "8", "93", "947", "976")
    lus = {True: 0, False: 0}
    for _ in range(2_000):
        debut = tirage.choice(debuts)
        national = debut + "".join(tirage.choices("0123456789", k=9 - len(debut)))
        valide = any(is_valid_number(PhoneNumber(code, int(national))) for code in (33, 262, 590, 594, 596))
        assert (clean_telephone(f"0{national}", VAR).valeur is not None) == valide, national
        lus[valide] += 1
    assert min(lus.values()) > 100
