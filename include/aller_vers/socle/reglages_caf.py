"""Who is written to, and how each Caf wants its lots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from aller_vers.socle.modele_strict import ModeleStrict


def read_adresse(texte: str) -> str:
    """Return an e-mail address in the form that any mail server takes.

    Raises:
        ValueError: it is none; the address is not repeated.
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        lue = validate_email(texte, allow_smtputf8=False, check_deliverability=False).ascii_email
    except EmailNotValidError:
        lue = None
    if not lue:
        raise ValueError("ce n'est pas une adresse électronique.")
    return lue


def _is_code(valeur: object) -> object:
    # YAML reads an unquoted 061 as the number 49.
    if not isinstance(valeur, str):
        raise ValueError('écrire le code entre guillemets, par exemple "061".')
    return valeur


Adresse = Annotated[str, AfterValidator(read_adresse)]
CodeCaf = Annotated[str, BeforeValidator(_is_code), Field(pattern="^[0-9]{3}$")]
LecteurOds = Annotated[str, BeforeValidator(_is_code), Field(pattern="^(national|(cpam)?[0-9]{3})$")]


class OptionsLot(ModeleStrict):
    """How a Caf wants its person files; the secret of a Caf whose files are encrypted is an Airflow connection."""

    format: Literal["xlsx", "csv"] = "xlsx"
    chiffre: bool = False


class ReglagesCaf(BaseModel):
    """Addresses of the national team and of each Caf, and the options of its lots."""

    adresses_equipe_nationale: tuple[Adresse, ...] = ()
    """Addresses of the national team: digests, failures, months that are late."""
    adresses_caf: Mapping[CodeCaf, tuple[Adresse, ...]] = Field(default_factory=dict)
    """Addresses of each Caf, by its code."""
    adresses_cpam: Mapping[CodeCaf, tuple[Adresse, ...]] = Field(default_factory=dict)
    """Addresses of each Cpam that reaches the share; for another, the national team relays its files."""
    contact_equipe: str = Field("", max_length=200)
    """Whom a Caf or a Cpam calls, as its LISEZMOI says it; empty: it answers the notice."""
    options_caf: Mapping[CodeCaf, OptionsLot] = Field(default_factory=dict)
    """Options of the lots of each Caf, by its code: format (xlsx, csv), chiffre (zip AES-256)."""
    lecteurs_ods: tuple[LecteurOds, ...] = ()
    """Who reads the workbooks of reports as OpenDocument (.ods): national, a Caf by its code (831), a Cpam by its own
    (cpam594); for the others, xlsx."""
