"""Sure addresses pass email-validator; unusable ones do not."""

import numpy as np
import pytest
from email_validator import EmailNotValidError, validate_email

from aller_vers.poste.synthetique.courriels import build_adresses, render_courriel
from aller_vers.poste.synthetique.genres import COURRIELS_AMBIGUS, COURRIELS_SURS, GenreCourriel

INUTILISABLES = set(GenreCourriel) - COURRIELS_SURS - COURRIELS_AMBIGUS


def is_valid(texte: str | None) -> bool:
    """Judge as the cleaning does, after lower case and trim."""
    try:
        validate_email((texte or "").strip().lower(), check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def list_rendus(genre: GenreCourriel) -> list[str | None]:
    tirages = np.arange(0, 10**6, 31_337)
    adresses = build_adresses(tirages, [str(rang) for rang in range(len(tirages))])
    return [render_courriel(genre, adresse, rang, "01 99 00 12 34") for rang, adresse in enumerate(adresses)]


@pytest.mark.parametrize("genre", sorted(COURRIELS_SURS))
def test_sure_kinds_are_valid(genre: GenreCourriel) -> None:
    assert all(is_valid(rendu) for rendu in list_rendus(genre))


@pytest.mark.parametrize("genre", sorted(INUTILISABLES))
def test_unusable_kinds_are_not_valid(genre: GenreCourriel) -> None:
    assert [rendu for rendu in list_rendus(genre) if is_valid(rendu)] == []


def test_addresses_differ_from_one_person_to_another() -> None:
    adresses = build_adresses(np.zeros(100, dtype=np.int64), [str(rang) for rang in range(100)])
    assert len(set(adresses)) == 100
