"""No task that destroys, certifies or calls late goes by a clock that the warehouse denies."""

from __future__ import annotations

from pathlib import Path

import pytest

import aller_vers_airflow.etapes

_ETAPES = Path(aller_vers_airflow.etapes.__path__[0])
_DECIDENT = ("purge", "oppositions", "suivi_transmissions", "retours_cpam", "mesures_declarees")


@pytest.mark.parametrize("nom", _DECIDENT)
def test_what_destroys_or_calls_late_reads_no_clock_but_the_checked_one(nom: str) -> None:
    source = (_ETAPES / f"{nom}.py").read_text()
    assert "read_horloge()" in source
    assert "datetime.now" not in source
