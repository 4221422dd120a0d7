"""« Valid » numbers are valid where they claim to be, and nobody answers them."""

import re

import phonenumbers
import pytest
from phonenumbers import PhoneNumber

from aller_vers.poste.synthetique.genres import TELEPHONES_SURS, GenreTelephone
from aller_vers.poste.synthetique.telephones import PREFIXES, render_telephone
from aller_vers.poste.synthetique.territoire import ZONES
from aller_vers.socle.referentiel import find_region_telephone

ARCEP = re.compile(r"(019900|026191|035301|046571|053649)\d{4}")


def parse_somewhere(texte: str) -> PhoneNumber | None:
    """Read a number as some French region, as the cleaning does."""
    for region in ("FR", "GP", "MQ", "GF", "RE", "YT"):
        try:
            numero = phonenumbers.parse(texte, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(numero):
            return numero
    return None


@pytest.mark.parametrize("zone", ZONES)
def test_every_block_of_a_zone_is_valid_in_its_region(zone: str) -> None:
    region = zone if zone.isalpha() else find_region_telephone("75001")
    for prefixe, largeur in PREFIXES[zone]:
        for rang in {0, largeur // 2, largeur - 1}:
            numero = phonenumbers.parse(f"{prefixe}{rang:04d}", region)
            assert phonenumbers.is_valid_number_for_region(numero, region), (prefixe, rang)
            if region == "FR":
                assert ARCEP.fullmatch(f"{prefixe}{rang:04d}")


@pytest.mark.parametrize("genre", sorted(TELEPHONES_SURS))
@pytest.mark.parametrize("zone", ZONES)
def test_sure_kinds_are_valid_for_libphonenumber(genre: GenreTelephone, zone: str) -> None:
    numero = f"{PREFIXES[zone][0][0]}0000"
    region = zone if zone.isalpha() else "FR"
    for tirage in (0, 1, 2, 3, 4, 123_456, 999_999):
        rendu = render_telephone(genre, numero, zone, tirage, "a@courriel.example.org")
        assert rendu is not None
        try:
            valide = phonenumbers.is_valid_number(phonenumbers.parse(rendu, region))
        except phonenumbers.NumberParseException:
            valide = False
        assert valide or parse_somewhere(rendu) is not None, rendu


@pytest.mark.parametrize(
    "genre",
    [
        GenreTelephone.TROP_COURT,
        GenreTelephone.TROP_LONG,
        GenreTelephone.ZEROS,
        GenreTelephone.TEXTE,
        GenreTelephone.COURRIEL,
        GenreTelephone.FORMULE,
        GenreTelephone.CHAINE_VIDE,
        GenreTelephone.MOBILE_FICTION,
    ],
)
def test_unusable_kinds_are_valid_nowhere(genre: GenreTelephone) -> None:
    for tirage in range(0, 1000, 37):
        rendu = render_telephone(genre, "0199001234", "01", tirage, "a@courriel.example.org")
        assert parse_somewhere(rendu or "") is None, rendu
