"""A lot is the same bytes wherever it is written: the clock's zone, the language, the umask and the folder say nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lots_exemples import CLAIRE, PAUL, ZOE, Depot

_ECRIRE = """
import sys
from pathlib import Path
from lots_exemples import Depot
print(Depot(sys.argv[1], Path(sys.argv[2])).write().etat)
"""


def test_a_lot_is_the_same_bytes_in_new_york_in_c_and_under_a_name_with_spaces_and_accents(
    depot: Depot, tmp_path: Path
) -> None:
    depot.publish({"831": [CLAIRE, PAUL, ZOE]})
    depot.write()
    racine = tmp_path / "Mes documents" / "données d'août"
    racine.mkdir(parents=True)
    ailleurs = {"TZ": "America/New_York", "LANG": "C", "LC_ALL": "C", "PYTHONPATH": os.pathsep.join(sys.path)}
    ecrit = subprocess.run(
        [sys.executable, "-c", _ECRIRE, depot.dsn, str(racine)], env={**os.environ, **ailleurs}, umask=0o077,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ecrit.stdout.strip() == "repare", ecrit.stderr
    ici = {nom: octets for nom, (octets, _) in depot.snapshot().items()}
    assert {nom: octets for nom, (octets, _) in Depot(depot.dsn, racine).snapshot().items()} == ici
    assert len(ici) > 4
