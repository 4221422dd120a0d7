"""YAML that people edit: read, or refused where it is wrong."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest

from aller_vers.socle.yaml_strict import YamlIllisibleError, read_yaml

SUITE = Path(__file__).parents[2] / "expectations" / "requete_nationale.yml"


@pytest.mark.parametrize(
    ("octets", "dit"),
    [
        (b"a: 1\nb: \xe9t\xe9\n", "ligne 2, colonne 4 : .* cp1252"),
        (b"a: 1\na: 2\n", "ligne 1, colonne 1 : clé en double"),
        (b"a: 1\nyes: 2\n", "la mettre entre guillemets"),
        (b"jour: 2025-02-30\n", "une date n'existe pas"),
        (b"a: [1\n", "ligne 2, colonne 1 : ce n'est pas du YAML"),
        (b"? [a]\n: 1\n", "clé"),
    ],
)
def test_it_says_where(tmp_path: Path, octets: bytes, dit: str) -> None:
    fichier = tmp_path / "a.yml"
    fichier.write_bytes(octets)
    with pytest.raises(YamlIllisibleError, match=dit):
        read_yaml(fichier)
    fichier.write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    assert read_yaml(fichier) == {"a": 1}


def test_a_file_changed_at_random_is_read_or_refused(tmp_path: Path) -> None:
    hasard, bon, fichier, refuses = random.Random("yaml, 1"), SUITE.read_bytes()[:3000], tmp_path / "a.yml", 0
    signes = [
        b":",
        b"-",
        b"[",
        b"{",
        b"!",
        b"&a ",
        b"*a",
        b"? ",
        b"\t",
        b"yes: ",
        b"2025-02-30",
        b"\xe9",
        b"\x00",
        b'"',
    ]
    for _ in range(200):
        octets = bytearray(bon)
        for _ in range(hasard.randint(1, 4)):
            debut = hasard.randrange(len(octets))
            octets[debut : debut + hasard.choice((0, 1, 9))] = hasard.choice(signes)
        fichier.write_bytes(octets)
        with suppress(YamlIllisibleError):
            read_yaml(fichier)
            continue
        refuses += 1
    assert refuses > 50
