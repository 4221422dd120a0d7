"""The separation path and what surrounds it: rows to test measures on, not an image of the network.

Every volume and share here is a guess; events of a separation are written with its month, even when they fall
in the months that follow.
"""

from collections.abc import Iterator

import numpy as np

from aller_vers.poste.synthetique.composition import compose, draw_noyau
from aller_vers.poste.synthetique.moyens import build_supports
from aller_vers.poste.synthetique.parametres import Parametres
from aller_vers.poste.synthetique.personnes import Foyers, build_foyers
from aller_vers.poste.synthetique.territoire import Territoire
from aller_vers.poste.synthetique.tirages import (
    BLOC_PARCOURS,
    NUL,
    Bloc,
    Entiers,
    Entite,
    Flux,
    draw_jours,
    draw_kinds,
    draw_labels,
    first_id,
    open_stream,
    pick,
    set_null,
    write_booleens,
    write_dates,
    write_entiers,
    write_montants,
)
from aller_vers.socle.mois import Mois

_CANAUX = {
    "telephone": 0.40,
    "courriel": 0.25,
    "web": 0.15,
    "accueil": 0.08,
    "rendez_vous": 0.08,
    "courrier": 0.04,
}
_SENS = {"entrant": 0.75, "sortant": 0.25}
_MOTIFS_SEPARATION = {
    "changement_situation": 0.35,
    "pension_alimentaire": 0.20,
    "aide_logement": 0.20,
    "rsa": 0.15,
    "trop_percu": 0.10,
}
_MOTIFS_DEMANDE = {"suivi_demande": 0.50, "pieces": 0.30, "paiement": 0.20}
_PRESTATIONS = {
    "ASF": 0.28, "APL": 0.22, "PPA": 0.15, "RSA": 0.12, "AF": 0.08, "CF": 0.05, "AB": 0.04, "CMG": 0.04, "ARS": 0.02,
}  # fmt: skip
_NATURES_RENDEZ_VOUS = {"gestionnaire_conseil": 0.40, "travail_social": 0.25, "droits": 0.35}
_NATURES_ACCOMPAGNEMENT = {"information_conseil": 0.65, "accompagnement": 0.35}
_HORIZON_JOURS = 150


def build_parcours(parametres: Parametres, territoire: Territoire, mois: Mois) -> Iterator[Bloc]:
    """Yield the rows of the month beside the applications."""
    if parametres.separations_par_mois:
        yield from _build_separations(parametres, territoire, mois)
    if parametres.contacts_demandeurs_par_mois:
        yield _build_contacts_demandeurs(parametres, territoire, mois)
    yield build_supports(parametres, territoire, mois)


def _build_separations(parametres: Parametres, territoire: Territoire, mois: Mois) -> Iterator[Bloc]:
    n = parametres.separations_par_mois
    rng = open_stream(parametres.graine, Flux.SEPARES, mois)
    lieux = territoire.draw_lieux(rng, n)
    conjoint_de = rng.permutation(n)[: round(0.1 * n)]
    foyers = Foyers(mois, BLOC_PARCOURS, lieux, conjoint_de, np.zeros(n, dtype=np.bool_))
    yield from build_foyers(foyers, parametres, territoire, rng)

    rng = open_stream(parametres.graine, Flux.PARCOURS, mois)
    declarations = draw_jours(rng, mois, n)
    enfants = draw_kinds(rng, (0.40, 0.27, 0.22, 0.08, 0.03), n)
    codes_caf = territoire.write_codes_caf(lieux)
    separation = first_id(Entite.SEPARATION, mois, BLOC_PARCOURS)
    personne = first_id(Entite.PERSONNE, mois, BLOC_PARCOURS)
    yield Bloc(
        "separation",
        (
            write_entiers(separation + np.arange(n)),
            write_entiers(personne + np.arange(n)),
            codes_caf,
            write_dates(declarations),
            write_entiers(enfants),
        ),
    )

    # Parents have more to settle: more rights, appointments, contacts.
    avec_enfants = (enfants > 0).astype(np.float64)
    suites = _Suites(mois, codes_caf, declarations, separation, personne)
    yield from suites.write_droits(rng, rng.poisson(0.5 + 0.8 * avec_enfants))
    yield suites.write_contacts(rng, rng.poisson(rng.gamma(1.5, (1.6 + 1.2 * avec_enfants))))
    yield suites.write_rendez_vous(rng, rng.poisson(0.2 + 0.4 * avec_enfants))
    yield suites.write_accompagnements(rng, rng.poisson(0.1 + 0.35 * avec_enfants))


class _Suites:
    """What follows the separations of a month; `nombres` is how many for each separation."""

    def __init__(
        self, mois: Mois, codes_caf: list[str], declarations: Entiers, separation: int, personne: int
    ) -> None:
        self.mois = mois
        self.codes_caf = codes_caf
        self.declarations = declarations
        self.separation = separation
        self.personne = personne

    def write_droits(self, rng: np.random.Generator, nombres: Entiers) -> Iterator[Bloc]:
        """Write the rights, then the recalculations of some of them."""
        rangs, jours = self._repeat(rng, nombres)
        ids = first_id(Entite.DROIT, self.mois, BLOC_PARCOURS) + np.arange(len(rangs))
        codes_caf = self._pick_caf(rangs)
        yield Bloc(
            "droit",
            (
                write_entiers(ids),
                write_entiers(self.personne + rangs),
                codes_caf,
                [NUL] * len(rangs),
                write_entiers(self.separation + rangs),
                draw_labels(rng, _PRESTATIONS, len(rangs)),
                write_dates(jours),
                write_montants(rng.integers(2000, 65000, len(rangs))),
                write_booleens(rng.random(len(rangs)) < 0.7),
            ),
        )
        recalcules = np.flatnonzero(rng.random(len(rangs)) < 0.3)
        n = len(recalcules)
        yield Bloc(
            "recalcul",
            (
                write_entiers(first_id(Entite.RECALCUL, self.mois, BLOC_PARCOURS) + np.arange(n)),
                write_entiers(ids[recalcules]),
                [codes_caf[rang] for rang in recalcules.tolist()],
                write_dates(jours[recalcules] + rng.integers(1, 90, n)),
                draw_labels(rng, {"indu": 0.45, "rappel": 0.55}, n),
                write_montants(rng.integers(1000, 150_000, n)),
            ),
        )

    def write_contacts(self, rng: np.random.Generator, nombres: Entiers) -> Bloc:
        """Write the contacts."""
        rangs, jours = self._repeat(rng, nombres)
        n = len(rangs)
        return Bloc(
            "contact",
            (
                write_entiers(first_id(Entite.CONTACT, self.mois, BLOC_PARCOURS) + np.arange(n)),
                write_entiers(self.personne + rangs),
                self._pick_caf(rangs),
                draw_labels(rng, _SENS, n),
                draw_labels(rng, _CANAUX, n),
                draw_labels(rng, _MOTIFS_SEPARATION, n),
                write_dates(jours),
            ),
        )

    def write_rendez_vous(self, rng: np.random.Generator, nombres: Entiers) -> Bloc:
        """Write the appointments."""
        rangs, jours = self._repeat(rng, nombres)
        n = len(rangs)
        return Bloc(
            "rendez_vous",
            (
                write_entiers(first_id(Entite.RENDEZ_VOUS, self.mois, BLOC_PARCOURS) + np.arange(n)),
                write_entiers(self.personne + rangs),
                self._pick_caf(rangs),
                set_null(write_entiers(self.separation + rangs), rng.random(n) < 0.1),
                draw_labels(rng, _NATURES_RENDEZ_VOUS, n),
                write_dates(jours),
                write_booleens(rng.random(n) < 0.8),
            ),
        )

    def write_accompagnements(self, rng: np.random.Generator, nombres: Entiers) -> Bloc:
        """Write the information, advice and accompaniments."""
        rangs, jours = self._repeat(rng, nombres)
        n = len(rangs)
        return Bloc(
            "accompagnement",
            (
                write_entiers(first_id(Entite.ACCOMPAGNEMENT, self.mois, BLOC_PARCOURS) + np.arange(n)),
                write_entiers(self.personne + rangs),
                self._pick_caf(rangs),
                set_null(write_entiers(self.separation + rangs), rng.random(n) < 0.1),
                draw_labels(rng, _NATURES_ACCOMPAGNEMENT, n),
                write_dates(jours),
            ),
        )

    def _repeat(self, rng: np.random.Generator, nombres: Entiers) -> tuple[Entiers, Entiers]:
        rangs = np.repeat(np.arange(len(nombres)), nombres)
        return rangs, self.declarations[rangs] + rng.integers(0, _HORIZON_JOURS, len(rangs))

    def _pick_caf(self, rangs: Entiers) -> list[str]:
        return pick(self.codes_caf, rangs)


def _build_contacts_demandeurs(parametres: Parametres, territoire: Territoire, mois: Mois) -> Bloc:
    n = parametres.contacts_demandeurs_par_mois
    rng = open_stream(parametres.graine, Flux.CONTACTS, mois)
    nouveaux = compose(parametres, mois, 0).nouveaux
    noyau = draw_noyau(parametres, territoire, mois, 0)
    rangs = rng.integers(0, nouveaux, n)
    return Bloc(
        "contact",
        (
            write_entiers(first_id(Entite.CONTACT, mois, BLOC_PARCOURS + 1) + np.arange(n)),
            write_entiers(first_id(Entite.PERSONNE, mois, 0) + rangs),
            territoire.write_codes_caf(noyau.lieux[rangs]),
            draw_labels(rng, _SENS, n),
            draw_labels(rng, _CANAUX, n),
            draw_labels(rng, _MOTIFS_DEMANDE, n),
            write_dates(draw_jours(rng, mois, n) + rng.integers(0, 60, n)),
        ),
    )
