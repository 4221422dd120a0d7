"""What the Caf put into the separation path: agents, their training, communication supports.

Every figure is a guess.
"""

import numpy as np

from aller_vers.poste.synthetique.parametres import Parametres
from aller_vers.poste.synthetique.territoire import Territoire
from aller_vers.poste.synthetique.tirages import (
    BLOC_PARCOURS,
    Bloc,
    Entite,
    Flux,
    count_jours,
    first_id,
    open_stream,
    set_null,
    write_booleens,
    write_dates,
    write_entiers,
)
from aller_vers.socle.mois import Mois


def build_agents(parametres: Parametres, territoire: Territoire) -> Bloc:
    """Return the agents of every Caf, with dates of training that spread over the months to come."""
    mois = parametres.mois_debut
    rng = open_stream(parametres.graine, Flux.AGENTS)
    n = parametres.agents_par_caf * len(territoire.codes_caf)
    jour = count_jours(mois.debut)
    entrees = jour - rng.integers(-400, 7300, n)
    formations = np.maximum(entrees, jour) + rng.integers(-200, 900, n)
    return Bloc(
        "agent",
        (
            write_entiers(first_id(Entite.AGENT, mois, BLOC_PARCOURS) + np.arange(n)),
            [code for code in territoire.codes_caf for _ in range(parametres.agents_par_caf)],
            write_booleens(rng.random(n) < 0.4),
            write_dates(entrees),
            set_null(
                write_dates(np.maximum(entrees, jour) + rng.integers(30, 1500, n)), rng.random(n) < 0.85
            ),
            set_null(write_dates(np.maximum(formations, entrees)), rng.random(n) < 0.3),
        ),
    )


def build_supports(parametres: Parametres, territoire: Territoire, mois: Mois) -> Bloc:
    """Return the communication supports of the month."""
    rng = open_stream(parametres.graine, Flux.SUPPORTS, mois)
    codes = [code for code in territoire.codes_caf for _ in range(2)]
    return Bloc(
        "support_communication",
        (
            codes,
            [str(mois)] * len(codes),
            ["allocataires", "partenaires"] * len(territoire.codes_caf),
            write_entiers(rng.poisson(2.0, len(codes))),
        ),
    )
