"""Who read what is kept, and seen on « Trace »; what is not kept delays and breaks nothing."""

from __future__ import annotations

import time

import psycopg
import pytest
from jeu_pilotage import CERTIFICAT, MOIS
from serveur_page import Page
from test_acces import ECRANS

# What is kept of each address: what, the file, which, the month.
GARDES: dict[str, tuple[str, str | None, str | None, str | None]] = {
    "caf/831": ("caf", None, "831", MOIS[2]),
    "indicateurs": ("indicateurs", None, None, MOIS[2]),
    "indicateurs/demandeurs": ("indicateurs", None, "demandeurs", MOIS[2]),
    "indicateurs.csv": ("indicateurs", "csv", None, MOIS[2]),
    "indicateurs.xlsx": ("indicateurs", "xlsx", None, MOIS[2]),
    "trace": ("trace", None, None, None),
    "trace.csv": ("trace", "csv", None, None),
    "trace.json": ("trace", "json", None, None),
    "registre": ("registre", None, "nationale", None),
    "registre.xlsx": ("registre", "xlsx", "nationale", None),
    f"certificats/{CERTIFICAT}": ("certificat", None, str(CERTIFICAT), MOIS[0]),
    f"certificats/{CERTIFICAT}/preuve.json": ("certificat", "json", str(CERTIFICAT), MOIS[0]),
}
# The month of all, lists without a figure of a Caf's people, a chart of a screen that is kept.
NON_GARDES = {"", "accessibilite", "lieux.json", "mois", "caf", "qualite", "decisions", "transmissions", "transmissions/grille", "transmissions/plusieurs", "envois", "sante",
              "indicateurs/demandeurs/evolution.svg"}  # fmt: skip


@pytest.fixture(autouse=True)
def _forget(page: Page) -> None:
    time.sleep(0.3)  # what another test has just read
    with psycopg.connect(page.dsn, autocommit=True) as connexion:
        connexion.execute("DELETE FROM suivi.lecture")


def read(page: Page, chemin: str, compte: str = "lectrice") -> str:
    with page.open(compte) as client:
        return client.get(f"/pilotage/{chemin}").text


def list_lectures(page: Page, attendues: int) -> list[tuple[object, ...]]:
    """What is kept, once as many are, or after three seconds."""
    limite = time.monotonic() + 3
    while True:
        with psycopg.connect(page.dsn, autocommit=True) as connexion:
            lues = connexion.execute(
                "SELECT lecteur, quoi, fichier, objet, mois FROM suivi.lecture ORDER BY lu_le"
            ).fetchall()
        if len(lues) >= attendues or time.monotonic() > limite:
            return lues
        time.sleep(0.05)


def test_each_address_is_kept_or_is_among_those_that_are_not() -> None:
    assert {f"/pilotage/{c}" for c in (*GARDES, *NON_GARDES)} == set(ECRANS)


@pytest.mark.parametrize("chemin", GARDES)
def test_a_reading_is_kept_with_who_what_and_which(page: Page, chemin: str) -> None:
    read(page, chemin)
    assert list_lectures(page, 1) == [("lectrice", *GARDES[chemin])]


def test_what_is_refused_unknown_or_general_is_no_reading(page: Page) -> None:
    for chemin in ("caf/999", "indicateurs/inconnu", "certificats/1", "trace?periode=juin", *NON_GARDES):
        read(page, chemin)
    read(page, "caf/831", "inconnue")
    read(page, "caf/621", "decideuse")
    assert list_lectures(page, 2) == [("decideuse", "caf", None, "621", MOIS[2])]


def test_trace_shows_who_read_a_caf_and_its_month(page: Page) -> None:
    for chemin in (f"caf/831?mois={MOIS[1]}", f"trace.csv?periode={MOIS[1]}&caf=831", "caf/621"):
        read(page, chemin, "decideuse")
    assert len(list_lectures(page, 3)) == 3
    tout, du_var = (
        read(page, chemin).split("Qui a lu quoi sur cette page")[1].split("Registre des traitements")[0]
        for chemin in ("trace", f"trace?periode={MOIS[1]}&caf=831")
    )
    assert tout.count("<td>decideuse</td>") == 3
    assert du_var.count("<td>decideuse</td>") == 2
    assert '<td>Trace, fichier csv</td><td>831 · Var</td><td class="serree">juillet 2025</td>' in du_var
    assert "6 mois" in du_var or "six mois" in du_var


def test_a_reading_that_cannot_be_kept_neither_fails_nor_delays_the_screen(page: Page) -> None:
    with page.open("lectrice") as client:
        assert client.get("/pilotage/caf/831").status_code == 200
        list_lectures(page, 1)
        with psycopg.connect(page.dsn) as verrou:
            verrou.execute("LOCK TABLE suivi.lecture IN EXCLUSIVE MODE")  # read by all, written by none
            durees = []
            for _ in range(3):
                debut = time.monotonic()
                assert client.get("/pilotage/caf/831").status_code == 200
                durees.append(time.monotonic() - debut)
            assert min(durees) < 2
        assert len(list_lectures(page, 4)) == 4  # they waited for the lock, not the reader
        with psycopg.connect(page.dsn, autocommit=True) as connexion:
            connexion.execute("REVOKE EXECUTE ON FUNCTION suivi.noter_lecture FROM av_pilotage")
            try:
                assert client.get("/pilotage/caf/831").status_code == 200
                time.sleep(0.3)
            finally:
                connexion.execute("GRANT EXECUTE ON FUNCTION suivi.noter_lecture TO av_pilotage")
    assert len(list_lectures(page, 5)) == 4
    assert "une lecture n'a pas été gardée (RefusError)" in page.journal.read_text(errors="replace")
