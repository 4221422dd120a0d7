"""E-mail addresses, as people type them."""

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from hypothesis import given
from hypothesis import strategies as st

from aller_vers.requete.nettoyage.courriel import clean_courriel

LOCAL_64 = "a" * 64
DOMAINE_189 = f"{'d' * 63}.{'e' * 63}.{'f' * 57}.org"

USABLE = [
    pytest.param("claire.martin@example.org", "claire.martin@example.org", id="simple"),
    pytest.param("Claire.MARTIN@Example.ORG", "claire.martin@example.org", id="majuscules"),
    pytest.param("  claire@example.org ", "claire@example.org", id="espaces autour"),
    pytest.param("claire@example.org\u00a0", "claire@example.org", id="espace insécable"),
    pytest.param("\u202fclaire@example.org\r\n", "claire@example.org", id="espace fine et fin de ligne"),
    pytest.param("\u200bclaire@example.org\ufeff", "claire@example.org", id="caractères invisibles autour"),
    pytest.param("'claire@example.org'", "claire@example.org", id="entre apostrophes"),
    pytest.param("‘claire@example.org’", "claire@example.org", id="entre apostrophes typographiques"),
    pytest.param("« claire@example.org »", "claire@example.org", id="entre guillemets français"),
    pytest.param("“claire@example.org”.", "claire@example.org", id="entre guillemets anglais, point final"),
    pytest.param("claire\u200d@example.org", "claire@example.org", id="caractère invisible dedans"),
    pytest.param("mailto:claire@example.org", "claire@example.org", id="mailto"),
    pytest.param("MAILTO: claire@example.org", "claire@example.org", id="mailto en majuscules"),
    pytest.param("mail : claire@example.org", "claire@example.org", id="étiquette"),
    pytest.param("claire@example.org.", "claire@example.org", id="point final"),
    pytest.param("claire@example.org;", "claire@example.org", id="point-virgule final"),
    pytest.param("<claire@example.org>", "claire@example.org", id="chevrons"),
    pytest.param("Claire Martin <claire@example.org>", "claire@example.org", id="nom affiché"),
    pytest.param("claire+caf@example.org", "claire+caf@example.org", id="plus"),
    pytest.param("o'brien@example.org", "o'brien@example.org", id="apostrophe"),
    pytest.param("claire@société.example.org", "claire@xn--socit-esab.example.org", id="domaine accentué"),
    pytest.param(f"{LOCAL_64}@example.org", f"{LOCAL_64}@example.org", id="64 caractères avant @"),
    pytest.param(f"{LOCAL_64}@{DOMAINE_189}", f"{LOCAL_64}@{DOMAINE_189}", id="254 caractères en tout"),
]
UNUSABLE = [
    pytest.param(None, "courriel_absent", id="nul"),
    pytest.param("", "courriel_absent", id="vide"),
    pytest.param(" \u00a0\u200b\t", "courriel_absent", id="blancs et invisibles"),
    pytest.param("néant", "courriel_invalide", id="texte"),
    pytest.param("@", "courriel_invalide", id="arobase seule"),
    pytest.param("claire.example.org", "courriel_invalide", id="sans arobase"),
    pytest.param("claire@@example.org", "courriel_invalide", id="double arobase"),
    pytest.param("claire @ example.org", "courriel_invalide", id="espaces autour de @"),
    pytest.param("claire martin@example.org", "courriel_invalide", id="espace dedans"),
    pytest.param("hélène@example.org", "courriel_invalide", id="accent avant @"),
    pytest.param("he\u0301lene@example.org", "courriel_invalide", id="accent décomposé avant @"),
    pytest.param("claire@courriel", "courriel_invalide", id="domaine sans point"),
    pytest.param("claire@example.", "courriel_invalide", id="domaine inachevé"),
    pytest.param("claire@example.org2", "courriel_invalide", id="extension finissant par un chiffre"),
    pytest.param("claire@ab--cd.org", "courriel_invalide", id="double tiret réservé"),
    pytest.param("claire@-example.org", "courriel_invalide", id="tiret en tête du domaine"),
    pytest.param(".claire@example.org", "courriel_invalide", id="point en tête"),
    pytest.param("claire.@example.org", "courriel_invalide", id="point avant @"),
    pytest.param("claire..martin@example.org", "courriel_invalide", id="deux points de suite"),
    pytest.param('"claire martin"@example.org', "courriel_invalide", id="guillemets"),
    pytest.param("claire@[192.0.2.1]", "courriel_invalide", id="adresse IP"),
    pytest.param(f"{LOCAL_64}a@example.org", "courriel_invalide", id="65 caractères avant @"),
    pytest.param(f"{LOCAL_64}@d{DOMAINE_189[63:]}{'g' * 63}", "courriel_invalide", id="extension de 66"),
    pytest.param(f"{LOCAL_64}@{'h' * 1}.{DOMAINE_189}", "courriel_invalide", id="256 caractères en tout"),
    pytest.param("a" * 5000 + "@example.org", "courriel_invalide", id="démesuré"),
    pytest.param("=CMD|'/C calc'!A0", "courriel_invalide", id="formule"),
    pytest.param("claire@example.org;paul@example.net", "courriel_multiple", id="deux adresses"),
    pytest.param("claire@example.org ou paul@example.net", "courriel_multiple", id="deux adresses, ou"),
    pytest.param("claire@example.org/paul@example.net", "courriel_multiple", id="deux adresses, barre"),
    pytest.param('"claire@example.org" <paul@example.net>', "courriel_multiple", id="une adresse pour nom"),
    pytest.param("01 99 00 12 34", "champs_inverses", id="un téléphone"),
    pytest.param("+33199001234", "champs_inverses", id="un téléphone international"),
]


@pytest.mark.parametrize(("brut", "net"), USABLE)
def test_a_usable_address_is_kept_in_its_plain_form(brut: str, net: str) -> None:
    assert clean_courriel(brut) == (net, None)


@pytest.mark.parametrize(("brut", "motif"), UNUSABLE)
def test_an_unusable_address_becomes_empty_with_its_reason(brut: str | None, motif: str) -> None:
    assert clean_courriel(brut) == (None, motif)


@pytest.mark.parametrize("domaine", sorted(SPECIAL_USE_DOMAIN_NAMES))
def test_a_special_use_domain_is_refused(domaine: str) -> None:
    assert clean_courriel(f"claire@poste.{domaine}") == (None, "courriel_invalide")


@pytest.mark.parametrize("domaine", ["example.org", "courriel.example.com", "boite.example.net"])
def test_domains_reserved_for_examples_pass(domaine: str) -> None:
    assert clean_courriel(f"claire@{domaine}").valeur == f"claire@{domaine}"


@given(st.text(max_size=80) | st.emails())
def test_whatever_is_typed_the_answer_is_a_plain_address_or_a_reason(brut: str) -> None:
    valeur, motif = clean_courriel(brut)
    assert (valeur is None) != (motif is None)
    if valeur is not None:
        assert valeur.isascii()
        assert valeur == valeur.lower().strip()
        assert len(valeur) <= 254
        assert clean_courriel(valeur) == (valeur, None)
