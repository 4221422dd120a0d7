"""Kinds of value that a contact field holds, and how often.

Weights are shares; they need not add up to 1. « Sure » kinds are usable whatever the cleaning does beyond
lower case and trim; « ambiguous » ones depend on how far it repairs, and stay near 2 %, so that the share of
valid values is known within a point or so whichever way it decides.
"""

from enum import StrEnum


class GenreCourriel(StrEnum):
    """What an e-mail field holds."""

    VALIDE = "valide"
    MAJUSCULES = "majuscules"
    ESPACES_AUTOUR = "espaces_autour"
    INSECABLE = "insecable"
    INVISIBLE = "invisible"
    MAILTO = "mailto"
    PONCTUATION_FINALE = "ponctuation_finale"
    ACCENTS = "accents"
    DEUX_ADRESSES = "deux_adresses"
    ESPACE_INTERNE = "espace_interne"
    SANS_AROBASE = "sans_arobase"
    DOUBLE_AROBASE = "double_arobase"
    DOMAINE_INCOMPLET = "domaine_incomplet"
    DOMAINE_RESERVE = "domaine_reserve"
    TEXTE = "texte"
    TELEPHONE = "telephone"
    INVERSE = "inverse"
    """Swapped: the telephone is here and the e-mail in the telephone field."""
    FORMULE = "formule"
    TROP_LONG = "trop_long"
    CHAINE_VIDE = "chaine_vide"
    ABSENT = "absent"


class GenreTelephone(StrEnum):
    """What a telephone field holds."""

    VALIDE = "valide"
    ESPACES = "espaces"
    POINTS = "points"
    TIRETS = "tirets"
    BARRES = "barres"
    INTERNATIONAL = "international"
    ZERO_ENTRE_PARENTHESES = "zero_entre_parentheses"
    PREFIXE_00 = "prefixe_00"
    ETRANGER = "etranger"
    OUTRE_MER = "outre_mer"
    """An overseas number, wherever the person lives."""
    INSECABLE = "insecable"
    INVISIBLE = "invisible"
    ZERO_PERDU = "zero_perdu"
    MOBILE_FICTION = "mobile_fiction"
    """06 39 98 xx xx: reserved by Arcep for fiction, and refused by libphonenumber (see `telephones`)."""
    DEUX_NUMEROS = "deux_numeros"
    TROP_COURT = "trop_court"
    TROP_LONG = "trop_long"
    ZEROS = "zeros"
    REPETE = "repete"
    TEXTE = "texte"
    COURRIEL = "courriel"
    FORMULE = "formule"
    CHAINE_VIDE = "chaine_vide"
    ABSENT = "absent"


class GenreCodePostal(StrEnum):
    """What a postcode field holds. A kind that cannot apply to a postcode leaves it as it is."""

    VALIDE = "valide"
    ZERO_PERDU = "zero_perdu"
    LETTRE_O = "lettre_o"
    POINT_ZERO = "point_zero"
    ESPACE = "espace"
    CEDEX = "cedex"
    INCONNU = "inconnu"
    TROP_COURT = "trop_court"
    TEXTE = "texte"
    CHAINE_VIDE = "chaine_vide"
    ABSENT = "absent"


COURRIELS_SURS = frozenset({GenreCourriel.VALIDE, GenreCourriel.MAJUSCULES, GenreCourriel.ESPACES_AUTOUR})
COURRIELS_AMBIGUS = frozenset(
    {
        GenreCourriel.INSECABLE,
        GenreCourriel.INVISIBLE,
        GenreCourriel.MAILTO,
        GenreCourriel.PONCTUATION_FINALE,
        GenreCourriel.ACCENTS,
        GenreCourriel.DEUX_ADRESSES,
    }
)
TELEPHONES_SURS = frozenset(
    {
        GenreTelephone.VALIDE,
        GenreTelephone.ESPACES,
        GenreTelephone.POINTS,
        GenreTelephone.TIRETS,
        GenreTelephone.BARRES,
        GenreTelephone.INTERNATIONAL,
        GenreTelephone.ZERO_ENTRE_PARENTHESES,
        GenreTelephone.PREFIXE_00,
        GenreTelephone.ETRANGER,
        GenreTelephone.OUTRE_MER,
    }
)
TELEPHONES_AMBIGUS = frozenset(
    {
        GenreTelephone.INSECABLE,
        GenreTelephone.INVISIBLE,
        GenreTelephone.ZERO_PERDU,
        GenreTelephone.DEUX_NUMEROS,
    }
)

# 69 % sure and 2 % ambiguous: 122 valid e-mails of 175, Var 2024 (IT 2025-098, §1.2), H.
POIDS_COURRIEL: dict[GenreCourriel, float] = {
    GenreCourriel.VALIDE: 0.610,
    GenreCourriel.MAJUSCULES: 0.050,
    GenreCourriel.ESPACES_AUTOUR: 0.030,
    GenreCourriel.INSECABLE: 0.003,
    GenreCourriel.INVISIBLE: 0.002,
    GenreCourriel.MAILTO: 0.003,
    GenreCourriel.PONCTUATION_FINALE: 0.006,
    GenreCourriel.ACCENTS: 0.004,
    GenreCourriel.DEUX_ADRESSES: 0.002,
    GenreCourriel.ESPACE_INTERNE: 0.012,
    GenreCourriel.SANS_AROBASE: 0.020,
    GenreCourriel.DOUBLE_AROBASE: 0.006,
    GenreCourriel.DOMAINE_INCOMPLET: 0.010,
    GenreCourriel.DOMAINE_RESERVE: 0.004,
    GenreCourriel.TEXTE: 0.030,
    GenreCourriel.TELEPHONE: 0.006,
    GenreCourriel.INVERSE: 0.005,
    GenreCourriel.FORMULE: 0.002,
    GenreCourriel.TROP_LONG: 0.001,
    GenreCourriel.CHAINE_VIDE: 0.034,
    GenreCourriel.ABSENT: 0.160,
}

# 70 % sure and 2.5 % ambiguous: 79 valid and authorised of 111, Var 2023 (IT 2025-098, §1.2), H.
POIDS_TELEPHONE: dict[GenreTelephone, float] = {
    GenreTelephone.VALIDE: 0.360,
    GenreTelephone.ESPACES: 0.170,
    GenreTelephone.POINTS: 0.060,
    GenreTelephone.TIRETS: 0.020,
    GenreTelephone.BARRES: 0.010,
    GenreTelephone.INTERNATIONAL: 0.040,
    GenreTelephone.ZERO_ENTRE_PARENTHESES: 0.010,
    GenreTelephone.PREFIXE_00: 0.010,
    GenreTelephone.ETRANGER: 0.015,
    GenreTelephone.OUTRE_MER: 0.005,
    GenreTelephone.INSECABLE: 0.008,
    GenreTelephone.INVISIBLE: 0.002,
    GenreTelephone.ZERO_PERDU: 0.010,
    GenreTelephone.MOBILE_FICTION: 0.020,
    GenreTelephone.DEUX_NUMEROS: 0.005,
    GenreTelephone.TROP_COURT: 0.030,
    GenreTelephone.TROP_LONG: 0.015,
    GenreTelephone.ZEROS: 0.030,
    GenreTelephone.REPETE: 0.015,
    GenreTelephone.TEXTE: 0.020,
    GenreTelephone.COURRIEL: 0.005,
    GenreTelephone.FORMULE: 0.003,
    GenreTelephone.CHAINE_VIDE: 0.027,
    GenreTelephone.ABSENT: 0.110,
}

# No source gives the share of bad postcodes: 4 % is a guess (L).
POIDS_CODE_POSTAL: dict[GenreCodePostal, float] = {
    GenreCodePostal.VALIDE: 0.960,
    GenreCodePostal.ZERO_PERDU: 0.006,
    GenreCodePostal.LETTRE_O: 0.003,
    GenreCodePostal.POINT_ZERO: 0.004,
    GenreCodePostal.ESPACE: 0.003,
    GenreCodePostal.CEDEX: 0.008,
    GenreCodePostal.INCONNU: 0.003,
    GenreCodePostal.TROP_COURT: 0.002,
    GenreCodePostal.TEXTE: 0.001,
    GenreCodePostal.CHAINE_VIDE: 0.003,
    GenreCodePostal.ABSENT: 0.007,
}
