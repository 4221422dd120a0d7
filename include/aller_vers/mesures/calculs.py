"""What gives the value of a measure: its SQL, and the settings that the SQL reads."""

from __future__ import annotations

from collections.abc import Mapping

from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import DOSSIER, load_sql

# The parameters of a measure's SQL that come from a setting, and which.
_REGLAGES = {
    ":natures": "natures",
    ":fin_suivi": "mois_suivi",
    ":mois_suivi": "mois_suivi",
    ":debut_reiteration": "jours_reiteration",
    ":jours_reiteration": "jours_reiteration",
}


def describe_calculs(reglages: Reglages) -> Mapping[str, str]:
    """Return, by measure, the text on which its value depends: the SQL without comments, the settings it reads.

    A measure that people declare has none: its value is what they give.
    """
    fichiers = sorted((*DOSSIER.glob("*/mesures/*.sql"), *DOSSIER.glob("mesures/a_la_source/*.sql")))
    calculs = {}
    for fichier in fichiers:
        mots = load_sql(fichier.relative_to(DOSSIER).as_posix()).text.split()
        lus = {_REGLAGES[nu] for mot in mots if (nu := mot.strip("(),;")) in _REGLAGES}
        calculs[fichier.stem] = " ".join((*mots, *(f"{nom}={getattr(reglages, nom)}" for nom in sorted(lus))))
    return calculs
