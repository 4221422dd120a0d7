"""What a spreadsheet does to a text is undone alike in Python and in SQL, for the three fields."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requete_exemples import JUIN
from sqlalchemy import Connection, text

from aller_vers.requete.nettoyage.courriel import clean_courriel
from aller_vers.requete.nettoyage.passe import clean_demandeurs
from aller_vers.requete.nettoyage.tableur import ESPACES, INVISIBLES, undo
from aller_vers.socle.partitions import replace_partition

VUS = [  # marks that only change the letter before them apart
    c
    for c in map(chr, range(1, sys.maxunicode + 1))
    if c.isprintable()
    and unicodedata.category(c)[0] not in "MZ"
    and c not in "'\u2018\u2019"  # alone: punctuation stays
]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.text(
            st.one_of(
                st.sampled_from("0123456789oO.,;:=@aé '\u2018\u2019\u00ab\u00bb\u201c\u201d\"\""),
                *(st.characters(min_codepoint=max(a, 1), max_codepoint=b) for a, b in (*ESPACES, *INVISIBLES)),
                st.characters(exclude_categories=["Cs"], exclude_characters="\x00"),
            ),
            max_size=12,
        ),
        min_size=50, max_size=50,
    )
)  # fmt: skip
def test_the_sql_says_what_python_says(entrepot: Connection, textes: list[str]) -> None:
    lus = entrepot.scalars(
        text(
            "SELECT staging.sans_tableur(v) FROM unnest(CAST(:v AS text[])) WITH ORDINALITY AS u (v, n) ORDER BY n"
        ),
        {"v": textes},
    )
    assert list(lus) == [undo(texte) for texte in textes]


def test_nothing_that_is_seen_goes() -> None:
    assert [c for c in VUS if undo(c) != c] == []


@pytest.mark.parametrize(
    ("brut", "net"),
    [
        ("'claire@example.org", "claire@example.org"), ("\u2019claire@example.org", "claire@example.org"),
        ("claire@example.org ;", "claire@example.org"), ("claire@example.org , .", "claire@example.org"),
        ("\ufeffclaire@example.org\r\n", "claire@example.org"), ("claire@example.con", None),
        ('="claire@example.org"', "claire@example.org"), ('"claire@example.org;" .', "claire@example.org"),
        ('"claire"@example.org', None), ('=""', None), (".", None),
        ("claire@example.museum", "claire@example.museum"), ("claire@example.frr", None), ("'", None),
    ],
)  # fmt: skip
def test_an_address_is_mended_where_no_doubt_is_left(brut: str, net: str | None) -> None:
    assert clean_courriel(brut).valeur == net


@pytest.mark.parametrize(
    ("caf", "brut", "net"),
    [
        ("011", "\ufeff01000", "01000"), ("011", "01000\r\n", "01000"), ("011", "'01000", "01000"),
        ("011", "0\u200b1000", "01000"), ("011", "1000", "01000"), ("011", "1000.0", "01000"), ("011", "O1OOO", "01000"),
        ("831", "8300", None), ("831", "1000", None), ("831", "83000.0", "83000"), ("831", "83 000", "83000"),
        ("831", '="83000"', "83000"), ("831", '"83000" ;', "83000"), ("831", "83000 .", "83000"), ("831", '83"000', None),
    ],
)  # fmt: skip
def test_a_postcode_is_mended_and_a_lost_zero_only_in_the_territory_of_its_caf(
    entrepot: Connection, caf: str, brut: str, net: str | None
) -> None:
    replace_partition(entrepot, "staging.demandeur_brut", str(JUIN))
    entrepot.execute(
        text(
            "INSERT INTO staging.demandeur_brut (mois, ligne, id_personne, code_caf, courriel, code_postal,"
            " opposition_contact, affiliation_terminee) VALUES (:m, 1, '1', :c, 'claire@example.org', :p, '0', '0')"
        ),
        {"m": str(JUIN), "c": caf, "p": brut},
    )
    clean_demandeurs(entrepot, str(JUIN))
    assert entrepot.execute(text("SELECT code_postal_net FROM staging.demandeur")).scalar_one() == net
