"""The benchmarks still run: at a size at which their figures mean nothing, so that they work when somebody asks."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

BANCS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.parametrize(
    ("banc", "options", "dit"),
    [
        ("portes.py", ("--lignes", "2000", "--fois", "1"), r"2000 lignes : .* rapport \d"),
        ("mesures_services.py", ("--contacts", "20000"), r"60 mois d'histoire : \d"),
        ("pannes.py", ("--tours", "1", "--caf", "3"), r"1 tour, .*aucune différence"),
        (
            "quotidien.py",
            ("--mois", "1", "--fois", "1"),
            r"(?s)purge +6 mois .* 1 mois .*À faire +6 mois +[1-9]",
        ),
        (
            "echelle.py",
            ("--facteurs", "1", "--a-froid"),
            r"× 1 : .*écrire 101 lots \d.*demandeurs transmissibles [1-9]",
        ),
    ],
)
def test_a_benchmark_runs_and_says_its_figures(
    banc: str,
    options: tuple[str, ...],
    dit: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", [banc, *options])
    monkeypatch.syspath_prepend(str(BANCS))
    runpy.run_path(str(BANCS / banc), run_name="__main__")
    assert re.search(dit, capsys.readouterr().out)
