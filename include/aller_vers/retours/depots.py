"""Who puts a file where: a Caf in ``<caf>/retours/``, a Cpam in ``<cpam>/<code>/retours/``, closed to every Caf.

What says something about a person in a small group (precarity, mental health, no cover) is a Cpam's own: it does not
lie in a Caf's folder. Its monthly return and its certificates come by either. Where a Cpam does not reach the share,
the national team does, and reads its notices.
"""

from __future__ import annotations

import re

from aller_vers.socle.referentiel import load_cpam
from aller_vers.suivi.avis import EQUIPE

# Shapes that a Cpam's folder takes and that no other does, then those that its Caf may hand over for it.
SENSIBLES = ("semestriel", "profil")
DE_LA_CPAM = (*SENSIBLES, "mensuel", "certificat")
# The national folder, where any caisse may be named.
NATIONAL = ""
_CAF = re.compile(r"[0-9]{3}")


def list_depots_cpam(dossier_cpam: str) -> list[str]:
    """Return the folder of each Cpam below the share."""
    return [f"{dossier_cpam}/{code}" for code in sorted(load_cpam())]


def find_cpam(depot: str) -> str | None:
    """Return the Cpam whose folder this is; None where it is a Caf's, or the national team's."""
    _, barre, code = depot.partition("/")
    return code if barre else None


def find_destinataire(depot: str) -> str:
    """Return who reads the notices about the files of this folder."""
    if cpam := find_cpam(depot):
        return f"cpam:{cpam}"
    return f"caf:{depot}" if _CAF.fullmatch(depot) else EQUIPE
