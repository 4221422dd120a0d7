"""The scenario of a year as a person writes it: the habits of the network, its events, what each has to bring."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from aller_vers.socle.modele_strict import ModeleStrict
from aller_vers.socle.yaml_strict import read_modele

FICHIER = Path(__file__).parents[3] / "configuration" / "scenario_annee.yml"
Part = Annotated[float, Field(ge=0, le=1)]
Bornes = tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]
CodeCaisse = Annotated[str, Field(pattern="^[0-9]{3}$")]


Quoi = Literal[
    "caf_envoie_tard", "cpam_ne_repond_pas", "cpam_se_trompe", "retour_ancien", "accuse_refuse", "source_absente",
    "lot_retenu", "source_corrigee", "opposition", "opposition_signalee", "opposition_inconnue", "convention_finit",
    "convention_signee", "demande_repetee", "fusion",
]  # fmt: skip
Cause = Literal["opposition_inversee", "affiliations_terminees"]


class Entonnoir(ModeleStrict):
    """Share of each step of the campaign among the people of the former one."""

    contactables: Part
    personnes_appelees: Part
    personnes_jointes: Part
    acceptations: Part
    rdv_pris: Part
    rdv_honores: Part


class Reseau(ModeleStrict):
    """What Caf and Cpam do when nothing special happens; delays are drawn between two bounds, included."""

    graine: int = 14
    envoi_jours_ouvres: Bornes
    aout_jours_ouvres: Annotated[int, Field(ge=0)]
    traitement_jours: Bornes
    destruction_jours: Bornes
    jour_de_courrier: Annotated[int, Field(ge=1, le=5)]
    part_bluefiles: Part
    part_offres_envoyees: Part
    entonnoir: Entonnoir


class Attendu(ModeleStrict):
    """A consequence: what is looked for at the end of the day that lies so many days after the event's own.

    ``avis``, ``evenement``, ``fichier``: how many there are of it, 1 unless ``fois`` says otherwise. ``ecarte``: how
    many people of the lot are set aside for this reason. ``caf``: of another Caf than the event's; ``mois_avant``: of a
    lot so many months older, or ``au_dernier_mois``: of the last month, once it has passed. ``contient``: files that
    say this alone are counted.
    """

    apres_jours: Annotated[int, Field(ge=0)] | None = None
    apres_jours_ouvres: Annotated[int, Field(ge=0)] | None = None
    avis: str | None = None
    evenement: str | None = None
    fichier: str | None = None
    ecarte: str | None = None
    contient: str | None = None
    caf: CodeCaisse | None = None
    mois_avant: Annotated[int, Field(ge=0)] = 0
    au_dernier_mois: bool = False
    fois: Annotated[int, Field(ge=0)] = 1
    pourquoi: str


class Evenement(ModeleStrict):
    """Something that happens to a Caf in a month of the year; ``mois`` counts from 1, 0 is the last one.

    ``jours_ouvres``: business days from the drop to what somebody does; ``jours``: days from then to the end of a
    convention. A held lot has a cause; a decision and its reason, or it waits for whoever reads the page. ``vers``: the
    Caf into which one merges on the first day after the month.
    """

    nom: str
    quoi: Quoi
    mois: Annotated[int, Field(ge=0)]
    caf: CodeCaisse | None = None
    vers: CodeCaisse | None = None
    jours_ouvres: Annotated[int, Field(ge=1)] | None = None
    jours: Annotated[int, Field(ge=1)] | None = None
    cause: Cause | None = None
    decision: Literal["libere", "garde"] | None = None
    motif: str | None = None
    attendu: Annotated[tuple[Attendu, ...], Field(min_length=1)]


class Scenario(ModeleStrict):
    """A year of the network: how many months, the habits, the events; the setting that one of them is about."""

    mois_vecus: Annotated[int, Field(ge=1, le=36)]
    mois_sans_repetition: Annotated[int, Field(ge=0)] = 0
    reseau: Reseau
    evenements: tuple[Evenement, ...] = ()

    def last(self, mois: int | None = None) -> Scenario:
        """Return this scenario over so many months, its own number by default: later events do not happen."""
        nombre = mois or self.mois_vecus
        evenements = (e if e.mois else e.model_copy(update={"mois": nombre}) for e in self.evenements)
        return self.model_copy(
            update={"mois_vecus": nombre, "evenements": tuple(e for e in evenements if e.mois <= nombre)}
        )


def load_scenario(fichier: Path = FICHIER) -> Scenario:
    """Read a scenario.

    Raises:
        ErreurAllerVers: it is not YAML, or says what no scenario has; every fault is named.
    """
    return read_modele(fichier, TypeAdapter(Scenario))
