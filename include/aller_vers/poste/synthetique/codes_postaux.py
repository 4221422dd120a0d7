"""Postcodes as a form takes them."""

from aller_vers.poste.synthetique.genres import GenreCodePostal


def render_code_postal(genre: GenreCodePostal, code: str, tirage: int, connus: frozenset[str]) -> str | None:
    """Return what the field holds for this kind, from a postcode that exists.

    A CEDEX code is made of the department and a number that no commune has (`connus`: the codes that exist).
    A kind that cannot apply (a lost zero where there is none) leaves the code as it is.
    """
    match genre:
        case GenreCodePostal.VALIDE:
            return code
        case GenreCodePostal.ZERO_PERDU:
            return code.removeprefix("0")
        case GenreCodePostal.LETTRE_O:
            return code.replace("0", "O")
        case GenreCodePostal.POINT_ZERO:
            return f"{code}.0" if tirage % 2 else f"{code.removeprefix('0')}.0"
        case GenreCodePostal.ESPACE:
            return f"{code[:2]} {code[2:]}" if tirage % 2 else f" {code}"
        case GenreCodePostal.CEDEX:
            return _find_cedex(code[:2], tirage, connus)
        case GenreCodePostal.INCONNU:
            return ("99999", "00000", "12345")[tirage % 3]
        case GenreCodePostal.TROP_COURT:
            return code[:3]
        case GenreCodePostal.TEXTE:
            return ("PARIS", "France", "inconnu")[tirage % 3]
        case GenreCodePostal.CHAINE_VIDE:
            return ""
        case GenreCodePostal.ABSENT:
            return None


def _find_cedex(departement: str, tirage: int, connus: frozenset[str]) -> str:
    candidats = (f"{departement}{(tirage + rang) % 1000:03d}" for rang in range(1000))
    return next((code for code in candidats if code not in connus and code[-1] != "0"), f"{departement}999")
