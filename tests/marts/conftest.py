"""The examples of the request serve the marts too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "requete"))
