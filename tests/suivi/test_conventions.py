"""The life of a convention: where it is, what it carries, when its end is told, how many are signed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from aller_vers.socle.dossiers_reference import find_dossier
from aller_vers.socle.referentiel import Convention
from aller_vers.socle.referentiel_entrepot import load_reference
from aller_vers.suivi.conventions import (
    Signatures,
    count_signatures,
    list_finissantes,
    remind_conventions,
)

FIN = date(2025, 12, 31)


def make(**change: object) -> Convention:
    valeurs = {
        "code_caf": "831", "code_cpam": "831", "date_debut": date(2025, 6, 1), "date_fin": FIN,
        "date_signature": date(2025, 6, 10), "signataire": "Les deux directions", "reference": "C-1", "exemple": False,
    }  # fmt: skip
    return Convention(**(valeurs | change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("jour", "etat"),
    [
        (date(2025, 6, 9), "signée"),
        (date(2025, 6, 10), "en vigueur"),
        (FIN - timedelta(days=91), "en vigueur"),
        (FIN - timedelta(days=90), "arrive à échéance"),
        (FIN, "arrive à échéance"),
        (FIN + timedelta(days=1), "échue"),
    ],
)
def test_a_convention_lives_from_its_signature_to_its_end(jour: date, etat: str) -> None:
    assert make().find_etat(jour) == etat


def test_what_nobody_signed_says_so_whatever_the_day() -> None:
    rien = {"date_signature": None, "signataire": "", "reference": ""}
    assert make(**rien).find_etat(FIN) == "à signer"
    assert make(**rien, exemple=True).find_etat(FIN) == "exemple, non signée"


@pytest.fixture
def signee(entrepot: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """Load a reference in which the Var has signed, the Ain has all but signed, and the others have examples."""
    dossier = tmp_path / "reference"
    shutil.copytree(find_dossier(), dossier)
    fichier = dossier / "convention.csv"
    texte = fichier.read_text(encoding="utf-8")
    texte = texte.replace("831;831;2025-05-16;;;;;oui", f"831;831;2025-06-01;{FIN};2025-06-10;Les deux;C-1;")
    fichier.write_text(
        texte.replace("011;011;2025-05-16;;;;;oui", "011;011;2025-05-16;;;;;"), encoding="utf-8"
    )
    monkeypatch.setenv("AV_REFERENCE", str(dossier))
    load_reference(entrepot, exemples=False)
    yield entrepot
    monkeypatch.undo()
    load_reference(entrepot, exemples=True)


def test_only_what_is_signed_is_ever_in_force(signee: Connection) -> None:
    requete = text("SELECT code_caf, date_debut FROM marts.convention WHERE date_debut < '9000-01-01'")
    assert [tuple(ligne) for ligne in signee.execute(requete)] == [("831", date(2025, 6, 10))]
    load_reference(signee, exemples=True)
    assert len(signee.execute(requete).all()) == 107, (
        "in a demonstration the examples too, never what is to sign"
    )


def test_the_signed_are_counted_over_all_and_on_their_day(signee: Connection) -> None:
    assert count_signatures(signee, date(2025, 6, 9)) == Signatures(101, 0, 100)
    assert count_signatures(signee, FIN) == Signatures(101, 1, 100)
    assert count_signatures(signee, FIN + timedelta(days=1)).nb_signees == 0
    load_reference(signee, exemples=True)
    assert count_signatures(signee, FIN) == Signatures(101, 1, 1), "an example is signed by nobody"


def test_an_end_is_told_once_at_each_delay_to_the_caf_and_to_the_team(signee: Connection) -> None:
    dits = {
        jours: remind_conventions(signee, FIN - timedelta(days=jours))
        for jours in (91, 90, 89, 31, 30, 2, 0, -1, -40)
    }
    assert {jours for jours, nombre in dits.items() if nombre} == {90, 30, 0}
    assert set(dits.values()) == {0, 2}
    destinataires = (
        signee.execute(text("SELECT DISTINCT destinataire FROM suivi.avis ORDER BY 1")).scalars().all()
    )
    assert destinataires == ["caf:831", "equipe_nationale"]


def test_a_signed_convention_that_follows_silences_the_end_and_one_to_sign_does_not(
    signee: Connection,
) -> None:
    ajoute = "INSERT INTO marts.convention VALUES ('831', '831', :d, NULL, :s)"
    signee.execute(text(ajoute), {"d": "9999-01-01", "s": None})
    assert remind_conventions(signee, FIN) == 2
    signee.execute(text("DELETE FROM suivi.avis"))
    signee.execute(text(ajoute), {"d": "2026-01-01", "s": "2025-12-01"})
    assert remind_conventions(signee, FIN) == 0


def test_a_caisse_that_merges_has_nothing_to_sign_nor_to_renew(signee: Connection) -> None:
    merge = text("UPDATE marts.caf SET valable_au = :fin WHERE code_caf = '831'")
    signee.execute(merge, {"fin": FIN})
    assert remind_conventions(signee, FIN) == 0, "its convention ends with it"
    signee.execute(merge, {"fin": FIN + timedelta(days=3)})
    assert remind_conventions(signee, FIN) == 2, "it still has three days to live without one"
    assert list_finissantes(signee, FIN + timedelta(days=4)) == ()
    assert count_signatures(signee, FIN + timedelta(days=3)).nb_caf == 101
    assert count_signatures(signee, FIN + timedelta(days=4)).nb_caf == 100
