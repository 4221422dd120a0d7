"""The dictionary of indicators: one YAML file a definition or a family of them, read strictly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from aller_vers.indicateurs.declinaisons import CLE, expand
from aller_vers.mesures.echeances import load_fiches
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.modele_strict import ModeleStrict
from aller_vers.socle.mois import Mois
from aller_vers.socle.yaml_strict import read_yaml

DOSSIER = Path(__file__).parents[2] / "indicateurs"
TOUTES = "*"
_NOM = re.compile(r"(?P<code>[a-z][a-z0-9_]*?)(_v(?P<version>[1-9][0-9]*))?")
_MOIS_PAR_FREQUENCE = {"mois": 1, "trimestre": 3, "semestre": 6, "annee": 12}

Atteinte = Literal["atteinte", "quasi_atteinte", "non_atteinte"]
Frequence = Literal["mois", "trimestre", "semestre", "annee"]
Maille = Literal["caf", "cpam", "couple", "national"]
Niveau = Literal["national", "region", "groupe", "caf", "cpam"]
Periode = Literal["annee", "douze_mois", "origine"]
Grain = Literal["mois", "annee"]
Portee = Literal["public", "reseau", "interne"]
Type = Literal["compte", "ratio", "moyenne", "quantile", "au_dela", "evolution", "dispersion"]

# The axes in the order in which they are read, and their names.
AXES = {
    "aller_vers": "Aller vers les proches aidants",
    "acces_aux_droits": "Accès aux droits",
    "parcours_separation": "Parcours séparation",
    "familles_monoparentales": "Familles monoparentales",
    "qualite_de_service": "Qualité de service et pilotage",
}
# The levels at which each grain of measures can be added up.
NIVEAUX: dict[Maille, tuple[Niveau, ...]] = {
    "caf": ("national", "region", "groupe", "caf"),
    "cpam": ("national", "region", "groupe", "cpam"),
    "couple": ("national", "region", "groupe", "caf", "cpam"),
    "national": ("national",),
}


# At which grain each level is shown to others.
_GRAINS: dict[Niveau, Grain] = {"national": "mois", "region": "mois", "caf": "annee"}


class Composant(ModeleStrict):
    """Rows of a measure: one modality (none: rows without one; ``*``: all of them), a range of classes, a weight."""

    mesure: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    modalite: str | None = Field(default=None, min_length=1)
    classe_min: int | None = Field(default=None, ge=0)
    classe_max: int | None = Field(default=None, ge=0)
    poids: Decimal = Field(default=Decimal(1), gt=0)


def _as_tuple(valeur: object) -> object:
    return (valeur,) if isinstance(valeur, dict | Composant) else valeur


# What adds up to one term of the formula; a single component may stand without a list.
Terme = Annotated[tuple[Composant, ...], BeforeValidator(_as_tuple), Field(min_length=1)]


class Diffusion(ModeleStrict):
    """Who is shown an indicator, and at which grain at each level: ``public``, alone, is everybody, at those below.

    A Caf's month of twelve people tells nobody anything: its grain is the year.
    """

    portee: Portee = "interne"
    grains: dict[Niveau, Grain] = Field(default_factory=lambda: _GRAINS)

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, lue: object) -> object:
        return {"portee": lue} if isinstance(lue, str) else lue

    @model_validator(mode="after")
    def _hides_mois(self) -> Diffusion:
        if {n for n, grain in self.grains.items() if grain == "mois"} - {"national", "region"}:
            raise ValueError("seules la nation et les régions sont diffusées au mois")
        if "groupe" in self.grains:
            raise ValueError(
                "un groupe n'est pas diffusé : un autre en ôterait ce que ses caisses ont de commun"
            )
        return self


class DecisionAtteinte(ModeleStrict):
    """A dated decision of the evaluators on the national attainment of a month (IGAS 2017-008R annex 2, §16)."""

    mois: str = Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")
    atteinte: Atteinte
    date: date
    raison: str = Field(min_length=10)


class Indicateur(ModeleStrict):
    """An indicator's definition: precise enough to forbid a silent change (IGAS 2013-164R, rec. 2).

    ``maille`` is the grain at which a rate needs both of its terms: the Caf, the Cpam, the pair of a Caf and a Cpam,
    or the nation alone. ``frequence`` says which months have a value: those that close the period. ``periodes`` are
    the cumulated ones computed besides. ``quantile`` is between 0 and 1; the type ``au_dela`` is the mean of those
    beyond it. ``recul_mois`` says how far back an evolution looks. ``bande_quasi_atteint`` is in the unit of the
    indicator. ``sens`` « neutre » only describes: it is neither ranked nor coloured. ``diffusion`` says who sees it.
    """

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int = Field(ge=1)
    libelle: str = Field(min_length=1)
    definition: str = Field(min_length=1)
    nature: Literal["IR", "IS"]
    axe: str | None = None
    points: Decimal | None = Field(default=None, gt=0)
    type: Type
    maille: Maille = "caf"
    frequence: Frequence = "mois"
    periodes: tuple[Periode, ...] = ()
    numerateur: Terme
    denominateur: Terme | None = None
    quantile: Decimal | None = Field(default=None, gt=0, lt=1)
    recul_mois: int | None = Field(default=None, ge=1)
    unite: str = Field(min_length=1)
    sens: Literal["plus", "moins", "neutre"]
    valeur_origine: Decimal | None = None
    cibles: dict[date, Decimal] = Field(default_factory=dict)
    bande_quasi_atteint: Decimal | None = Field(default=None, gt=0)
    sans_cible: str | None = Field(default=None, min_length=10)
    decisions: tuple[DecisionAtteinte, ...] = ()
    part_minimale_caisses: Decimal | None = Field(default=None, gt=0, le=1)
    diffusion: Diffusion = Diffusion()
    biais: str = Field(min_length=1)
    levier: str = Field(min_length=1)
    source: str = Field(min_length=1)
    valable_du: date
    valable_au: date | None = None
    abandonne: date | None = None
    journal: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_coherent(self) -> Indicateur:
        fautes = list(_find_fautes(self))
        if fautes:
            raise ValueError(" ; ".join(fautes))
        return self

    @property
    def cle(self) -> str:
        """``code/version``, as the lock and the documentation name a definition."""
        return f"{self.code}/{self.version}"

    @property
    def niveaux(self) -> tuple[Niveau, ...]:
        """Levels that have a value; the spread between caisses means nothing inside one of them."""
        niveaux = NIVEAUX[self.maille]
        return niveaux[:3] if self.type == "dispersion" else niveaux

    @property
    def caisse(self) -> Niveau | None:
        """The level whose caisses homogeneity compares; None where there is none."""
        return next((n for n in ("caf", "cpam") if n in self.niveaux), None)

    @property
    def is_histogramme(self) -> bool:
        """Whether the value is read from the classes of a histogram."""
        return self.quantile is not None or (self.type == "moyenne" and self.denominateur is None)

    @property
    def mesures(self) -> frozenset[str]:
        """Names of the measures that the formula reads."""
        return frozenset(c.mesure for c in (*self.numerateur, *(self.denominateur or ())))

    @property
    def mesures_comptees(self) -> frozenset[str]:
        """Names of the measures whose number says how much the value weighs: the denominator's, or the histogram's."""
        return frozenset(c.mesure for c in self.denominateur or self.numerateur)

    def list_lectures(
        self, mois: Mois
    ) -> list[tuple[Literal["numerateur", "denominateur"], Composant, Mois]]:
        """Return what the formula reads for a month: the term, its component, and the month that it is read in."""
        lectures: list[tuple[Literal["numerateur", "denominateur"], Composant, Mois]] = []
        lectures += [("numerateur", c, mois) for c in self.numerateur]
        if self.recul_mois is not None:
            lectures += [("denominateur", c, mois.shift(-self.recul_mois)) for c in self.numerateur]
        return lectures + [("denominateur", c, mois) for c in self.denominateur or ()]

    def is_valable(self, mois: Mois) -> bool:
        """Tell whether this definition has a value for this month: in force, and closing its period."""
        ferme = mois.numero % _MOIS_PAR_FREQUENCE[self.frequence] == 0
        debut, fin = self.valable_du, self.valable_au
        return ferme and debut < mois.fin and (fin is None or fin >= mois.debut)

    def is_abandonne(self, mois: Mois) -> bool:
        """Tell whether the indicator has been given up by the end of this month."""
        return self.abandonne is not None and self.abandonne < mois.fin

    def find_cible(self, mois: Mois) -> Decimal | None:
        """Return the target in force at the end of the month, None if there is none."""
        fin = mois.fin
        passees = [jour for jour in self.cibles if jour < fin]
        return self.cibles[max(passees)] if passees else None

    def find_decision(self, mois: Mois) -> Atteinte | None:
        """Return what the evaluators decided on the national attainment of this month, None if nothing."""
        return next((d.atteinte for d in self.decisions if d.mois == str(mois)), None)


_CHAMPS = frozenset(Indicateur.model_fields)


def _find_fautes(i: Indicateur) -> Iterator[str]:
    """Yield what the fields of a definition say against each other."""
    if i.type in ("ratio", "dispersion") and i.denominateur is None:
        yield f"un indicateur de type {i.type} a un dénominateur"
    if i.type in ("compte", "quantile", "au_dela", "evolution") and i.denominateur is not None:
        yield f"un indicateur de type {i.type} n'a pas de dénominateur"
    if (i.type in ("quantile", "au_dela")) != (i.quantile is not None):
        yield "« quantile » est donné pour les types quantile et au_dela, et pour eux seuls"
    if (i.type == "evolution") != (i.recul_mois is not None):
        yield "« recul_mois » est donné pour le type evolution, et pour lui seul"
    if i.type == "evolution" and i.periodes:
        yield "une évolution n'est pas cumulée"
    if i.frequence != "mois" and i.periodes:
        yield "seul un indicateur mensuel est cumulé"
    if i.type == "dispersion" and i.maille not in ("caf", "cpam"):
        yield "une dispersion compare des Caf ou des Cpam : sa maille est caf ou cpam"
    if i.is_histogramme and any(c.poids != 1 for c in i.numerateur):
        yield "les classes d'un histogramme ne sont pas pondérées"
    if any(
        None not in (c.classe_min, c.classe_max) and (c.classe_min or 0) > (c.classe_max or 0)
        for c in (*i.numerateur, *(i.denominateur or ()))
    ):
        yield "classe_min dépasse classe_max"
    if i.nature == "IS" and i.points is not None:
        yield "un indicateur de suivi (IS) ne rapporte pas de points"
    if i.nature == "IR" and bool(i.cibles) == bool(i.sans_cible):
        yield "un indicateur de résultat (IR) a une cible datée, ou dit pourquoi il n'en a pas (sans_cible)"
    if i.sens == "neutre" and (i.nature == "IR" or i.cibles):
        yield "ce qui ne fait que décrire (sens neutre) n'a pas de cible et n'est pas un résultat (IR)"
    if i.points is not None and i.axe is None:
        yield "des points sont ceux d'un axe"
    if i.valable_au is not None and i.valable_au < i.valable_du:
        yield "valable_au précède valable_du"
    if len({d.mois for d in i.decisions}) < len(i.decisions):
        yield "deux décisions pour le même mois"
    if not any(ligne.startswith(f"version {i.version}") for ligne in i.journal):
        yield f"le journal n'a pas de ligne « version {i.version} … »"


def load_dictionnaire(dossier: Path = DOSSIER) -> list[Indicateur]:
    """Return the dictionary, by code and version: ``<code>.yml``, or ``<code>_v2.yml`` beside it.

    A file with ``declinaisons`` holds a family; its name says what its codes have in common.

    Raises:
        ErreurAllerVers: a definition is incomplete, contradicts itself, has an unknown field, lies under another
            name or is written twice; or the folder holds none.
    """
    dictionnaire: dict[tuple[str, int], Indicateur] = {}
    for fichier in sorted(dossier.glob("*.yml")):
        for indicateur in _read(fichier):
            cle = (indicateur.code, indicateur.version)
            if cle in dictionnaire:
                raise ErreurAllerVers(
                    f"L'indicateur {indicateur.code} a deux fois la version {indicateur.version}.",
                    f"donner une autre version à {fichier.name}, ou le supprimer.",
                )
            dictionnaire[cle] = indicateur
    if not dictionnaire:
        raise ErreurAllerVers(
            f"Le dossier {dossier} ne contient aucun indicateur.",
            "donner un dossier de fichiers <code>.yml.",
        )
    return [dictionnaire[cle] for cle in sorted(dictionnaire)]


def _check_partitions(indicateur: Indicateur) -> None:
    """Make sure that ``*`` adds up modalities that neither overlap nor leave anyone out.

    Raises:
        ValueError: the file of the measure does not say so.
    """
    fiches = load_fiches()
    for c in (*indicateur.numerateur, *(indicateur.denominateur or ())):
        if c.modalite == TOUTES and not (c.mesure in fiches and fiches[c.mesure].partition):
            raise ValueError(
                f"« * » additionne les modalités de {c.mesure}, dont rien ne dit qu'elles s'excluent : nommer celles "
                "que l'indicateur compte, ou écrire « partition » dans le fichier de la mesure"
            )


def _read(fichier: Path) -> list[Indicateur]:
    try:
        lu = read_yaml(fichier)
        if not isinstance(lu, dict):
            raise _refusal(fichier, "ce n'est pas une association de champs")
        indicateurs = [Indicateur.model_validate(champs) for champs in expand(lu, _CHAMPS)]
        for indicateur in indicateurs:
            _check_partitions(indicateur)
    except ValidationError as erreur:
        fautes = " ; ".join(
            f"{'.'.join(map(str, f['loc'])) or 'cohérence'} : {f['msg'].removeprefix('Value error, ')}"
            for f in erreur.errors(include_input=False, include_url=False)
        )
        raise _refusal(fichier, fautes) from None
    except (yaml.YAMLError, ValueError) as erreur:
        raise _refusal(fichier, str(erreur)) from None
    if CLE in lu:
        _require_famille(fichier, str(lu.get("code")))
    else:
        _require_nom(fichier, indicateurs[0])
    return indicateurs


def _require_nom(fichier: Path, indicateur: Indicateur) -> None:
    nom = _NOM.fullmatch(fichier.stem)
    version = nom["version"] if nom else None
    attendu = (indicateur.code, version if version is None else str(indicateur.version))
    if nom is None or (nom["code"], version) != attendu:
        raise ErreurAllerVers(
            f"Le fichier {fichier.name} définit « {indicateur.code} », version {indicateur.version}.",
            f"le nommer {indicateur.code}.yml ou {indicateur.code}_v{indicateur.version}.yml.",
        )


def _require_famille(fichier: Path, code: str) -> None:
    """A family is found by what its codes have in common: each of those words is in the name of its file."""
    mots = set(re.sub(r"\{\w+\}", "", code).strip("_").split("_")) - {""}
    if not mots <= set(fichier.stem.split("_")):
        raise ErreurAllerVers(
            f"Le fichier {fichier.name} définit la famille « {code} ».",
            f"mettre dans son nom les mots {', '.join(sorted(mots))}.",
        )


def _refusal(fichier: Path, fautes: Any) -> ErreurAllerVers:
    return ErreurAllerVers(
        f"L'indicateur {fichier.name} est refusé : {fautes}.", "corriger sa définition (docs/indicateurs.md)."
    )
