"""What is somebody's e-mail, telephone or NIR, what could be, and what is nobody's."""

from __future__ import annotations

import time

import pytest

from aller_vers.socle.donnees_personnelles import check_motif, find_soupcon, tells_of_somebody
from aller_vers.socle.erreurs import ErreurAllerVers

CERTAINS = [
    "claire@example.org", "voir claire@example.org, merci", "claire.m+av@caf.example.org", "claire @ example.org",
    "claire\uff20example.org", "claire (at) example.org", "claire[at]example[dot]org", "claire at example.org",
    "claire arobase example point org", "01 99 00 12 34", "0199001234", "01.99.00.12.34", "01,99,00,12,34",
    "01/99/00/12/34", "01 - 99 - 00 - 12 - 34", "01:99:00:12:34", "01\u00a099\u00a000\u00a012\u00a034",
    "01\u200799\u200700\u200712\u200734", "01\u201199\u201100\u201112\u201134", "01\u00b799\u00b700\u00b712\u00b734",
    "\uff10\uff11\uff19\uff19\uff10\uff10\uff11\uff12\uff13\uff14", "01\u200b99\u200b00\u200b12\u200b34", "O1 99 OO 12 34",
    "0\ufe0f\u20e31\ufe0f\u20e39900\u2060123\u00ad4", "\u0660\u0661\u0669\u0669\u0660\u0660\u0661\u0662\u0663\u0664",
    "tél. 06-39-98-00-12", "Tél:0639980012", "+33 1 99 00 12 34", "0033199001234", "+33 (0)1.99.00.12.34",
    "(+33) 199001234", "+44 20 7946 0958", "+442079460958", "1 84 12 76 451 089 46", "184127645108946",
    "1841 2764 5108 946", "1-84-12-76-451-089-46", "2 85 01 2A 004 001 64", "285012b00400191",
    "claire%40example.org", "claire&#64;example.org", "claire_at_example.org", "claire-at-example-dot-org",
    "claire *at* example.org", "claire arobas example point org", "claire(arob)example.org", "1|84|12|76|451|089|46",
    "01~99~00~12~34",
]  # fmt: skip
DOUTEUX = [
    "199001234", "639980012", "33639980012", "1 99 00 12 34", "639 980 012", "(01) 99 00 12 34", "01, 99, 00, 12, 34",
    "01-99.00 12/34", "0 1 9 9 0 0 1 2 3 4", "0199 001 234", "tel0199001234", "REF-0199001234", "01 99 00 12 34 15",
    "01..99..00..12..34", "0044 20 7946 0958", "claire@exemple", "1 84 12 76 451 089", "1841276451089",
    "1 84 12 76 451 089 47", "2 85 01 2A 004 001", "285012b00400112",
    "claire@ example. org", "c l a i r e @ e x a m p l e . o r g", "01 99 00 I2 34", "0l 99 00 12 34", "01   99    00   12   34",
    "01 et 99 et 00 et 12 et 34", "01, puis 99, puis 00, puis 12, puis 34", "01x99x00x12x34", "0 199 001 234", "01 99 00.12.34",
    "zéro un quatre-vingt-dix-neuf zéro zéro douze", "Zero-six, trente-neuf", "33 1 99 00 12 34",
]  # fmt: skip
ANODINS = [
    "", "0", "831", "2025-06", "04/07/2025", "2025-07-04 10:30:00", "04/07/2025 10h30", "04/07/25 à 10 h 30",
    "04.07.2025 10:30:15", "1/7/2025 - 31/7/2025", "01/06/25-30/06/25", "01/07-31/07/2025", "01/06/2025 au 30/06/2025",
    "du 2025-06-01 au 2025-06-30", "comparé 2025-06 2025-07", "06/2025 07/2025 08/2025", "2025-07-01T04:05:00.123456+00:00",
    "manual__2025-07-01T04:05:00.123456+00:00", "20250701T040500123456", "20250704123456", "20250704-103000-0001",
    "1234567.89", "12345.6789", "1234567,89", "123 456 789,00", "1 012 345 678,90", "1.234.567,89", "0,698765432",
    "12 345 678", "1 234 567 890", "123456789 €", "BF-2025-0001234", "BF 831 202506 0001", "REF_831_202506_v1",
    "550e8400-e29b-41d4-a716-446655440000", "61234567890123456789012345678901", "184127645108947", "FR7630006000011234567890189",
    "831 061 011 751", "061, 011, 831, 751", "envoi n° 42", "@SUM(1)", "12 dossiers @ 3", "v10.2.33.4",
    "créé at 10:30 point fait", "le point est fait. Merci", "08h30-12h45, 14h30-16h00", "ouvert de 08h30 à 12h45 et de 14h à 17h30",
    "zéro erreur, un refus", "33 dossiers, 12 lots", "0 ; 123 456 789", "01 lot et 02 lots",
    "Accord de la Caf, reçu le 04/07/2025 10h30 : 12 personnes",
]  # fmt: skip
NOMINATIFS = [
    "Mme Durand confirme", "vu avec M. Martin", "MR  MARTIN", "monsieur jean martin", "Mlle\u00a0Durand", "Mme. Durand",
    "née le 12/03/1985", "ne\u0301 le 3 mars 1985", "habite 12 rue des Lilas", "12 bis, avenue Foch", "allocataire n° 1234567",
    "matricule 12345", "numal 1234567", "logée 3 quai de la Loire", "12 boulevard Foch", "4 impasse des Lilas",
    "1 chemin du Lac", "7 allée du Parc", "7 allee du Parc", "24 route de Nice",
]  # fmt: skip
IMPERSONNELS = [
    "Madame la directrice confirme", "M. le directeur de la Caf", "vu avec Mme l'agente comptable", "le programme du mois",
    "la gamme des seuils", "12 rues relues", "12345 allocataires", "allocataires : 12345",
    "confirmé le 3 mars", "M. et Mme",
]  # fmt: skip


@pytest.mark.parametrize("texte", NOMINATIFS)
def test_a_reason_names_nobody(texte: str) -> None:
    assert tells_of_somebody(texte)


@pytest.mark.parametrize("texte", [*IMPERSONNELS, *ANODINS])
def test_a_reason_may_speak_of_functions_dates_and_counts(texte: str) -> None:
    assert not tells_of_somebody(texte)


@pytest.mark.parametrize("texte", CERTAINS)
def test_what_has_the_form_of_somebody_s_data_is_certain(texte: str) -> None:
    assert find_soupcon(texte) == "certain"
    assert find_soupcon(f"rappeler ({texte}) ; merci") == "certain"


@pytest.mark.parametrize("texte", DOUTEUX)
def test_what_could_be_somebody_s_data_is_doubtful(texte: str) -> None:
    assert find_soupcon(texte) == "douteux"


@pytest.mark.parametrize("texte", ANODINS)
def test_dates_amounts_and_references_are_nobody_s(texte: str) -> None:
    assert find_soupcon(texte) is None


@pytest.mark.parametrize("texte", [CERTAINS[0], DOUTEUX[0]])
def test_a_reason_refuses_both_levels_without_repeating_them(texte: str) -> None:
    with pytest.raises(ErreurAllerVers, match="ressemble à une donnée personnelle") as refus:
        check_motif(f"vu avec {texte}")
    assert texte not in str(refus.value)
    assert check_motif("vu\x00\x07 par\ud800 tous") == "vu par tous"
    assert check_motif("  vu le\n04/07/2025 10h30 ") == "vu le 04/07/2025 10h30"


def test_combining_marks_cost_no_more_than_letters() -> None:
    debut = time.process_time()
    assert find_soupcon("a\u0300\u0316" * 40_000) is None
    assert time.process_time() - debut < 1
