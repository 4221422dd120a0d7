"""The seven shapes of file that a Caf puts in its ``retours/``, and the two of a survey: which one a table has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from aller_vers.retours.fichiers.tableau import FichierRefuseError, Tableau

Nom = Literal[
    "accuse", "mensuel", "certificat", "opposition", "semestriel", "profil", "mesure", "marges", "reponses"
]


@dataclass(frozen=True)
class Forme:
    """A shape: the columns that it must have, those that it may have, those that no other shape has.

    ``libre``: it may have others, which whoever takes it checks.
    """

    nom: Nom
    libelle: str
    cles: tuple[str, ...]
    donnees: tuple[str, ...]
    propres: frozenset[str]
    libre: bool = False

    @property
    def colonnes(self) -> tuple[str, ...]:
        """Every column, as the template writes them."""
        return (*self.cles, *self.donnees)

    @property
    def remplies(self) -> tuple[str, ...]:
        """Columns one of which at least is filled in a row that somebody has completed."""
        return _REMPLIES.get(self.nom, self.donnees)

    def is_remplie(self, cellules: Mapping[str, str]) -> bool:
        """Tell whether somebody has completed this row of a template."""
        # The portal of a caisse commune comes prefilled, and proves nothing.
        envoyee = self.nom == "accuse" and cellules.get("portail", "") not in ("", "interne")
        return envoyee or any(cellules.get(colonne) for colonne in self.remplies)


_REMPLIES: dict[Nom, tuple[str, ...]] = {
    "accuse": ("date_transmission", "reference"), "opposition": ("ligne",), "mesure": ("valeur",),
}  # fmt: skip
ENTONNOIR = (
    "cibles", "offres_envoyees", "contactables", "personnes_appelees", "personnes_jointes", "acceptations", "rdv_pris",
    "rdv_honores",
)  # fmt: skip
CLOTURE = ("date_fin_traitement", "date_destruction")
SEMESTRE = (
    "rdv_honores", "accompagnements_misas", "orientations_service_social", "precarite", "sans_complementaire",
    "sante_mentale",
)  # fmt: skip
FORMES = (
    Forme(
        "accuse", "accusé de transmission",
        ("code_caf", "mois", "version", "cpam", "lignes", "portail", "date_transmission"), ("reference",),
        frozenset({"portail", "date_transmission", "reference", "version"}),
    ),
    Forme(
        "mensuel", "retour mensuel",
        ("code_cpam", "code_caf", "mois"), ("date_arrete", *ENTONNOIR, *CLOTURE),
        frozenset({"date_arrete", "cibles", "contactables", "personnes_appelees", "personnes_jointes",
                   "acceptations", "rdv_pris", *CLOTURE}),
    ),
    Forme(
        "certificat", "certificats de destruction",
        ("code_cpam", "code_caf", "mois", "version"), ("date_destruction",),
        frozenset({"version", "date_destruction"}),
    ),
    Forme(
        "opposition", "personnes à ne plus contacter",
        ("code_cpam", "code_caf", "mois", "version", "ligne"), ("fichier",),
        frozenset({"version", "ligne", "fichier"}),
    ),
    Forme(
        "semestriel", "bilan semestriel", ("code_cpam", "semestre"), SEMESTRE, frozenset(SEMESTRE[1:]),
    ),
    Forme(
        "profil", "profils semestriels",
        ("code_cpam", "semestre", "dimension", "modalite"), ("personnes",),
        frozenset({"dimension", "personnes"}),
    ),
    Forme(
        "mesure", "mesures déclarées",
        ("periode", "mesure", "valeur"), ("code_cpam", "code_caf", "modalite"),
        frozenset({"periode", "mesure", "valeur"}),
    ),
)  # fmt: skip
# In the national folder alone: what is known of the population, then what people answered, without their identity.
D_ENQUETE = (
    Forme(
        "marges", "marges d'une enquête",
        ("enquete", "annee", "strate", "modalite", "population"), (), frozenset({"strate", "population"}),
    ),
    Forme(
        "reponses", "réponses à une enquête",
        ("enquete", "annee", "repondant"), (), frozenset({"enquete", "repondant"}), libre=True,
    ),
)  # fmt: skip
# What the names of a shape's templates begin with.
PREFIXES: dict[Nom, str] = {
    "accuse": "ACCUSE", "mensuel": "RETOUR", "opposition": "OPPOSITIONS", "certificat": "CERTIFICATS",
    "semestriel": "BILAN", "profil": "PROFILS", "mesure": "MESURES",
}  # fmt: skip
PAR_NOM: dict[Nom, Forme] = {forme.nom: forme for forme in (*FORMES, *D_ENQUETE)}
DES_CPAM: tuple[Nom, ...] = tuple(forme.nom for forme in FORMES if forme.nom != "accuse")
_SYNONYMES = {"code_cpam": "cpam", "cpam": "code_cpam"}


def find_forme(tableau: Tableau, voulues: Collection[Nom] = ()) -> Forme:
    """Return the shape of a table, its columns checked; that of a survey where one is wanted.

    Raises:
        FichierRefuseError: it has none of them, or lacks a column of the one that it looks like.
    """
    titres = set(tableau.colonnes)
    connues = (*FORMES, *D_ENQUETE) if {f.nom for f in D_ENQUETE} & set(voulues) else FORMES
    meilleure = max(connues, key=lambda forme: len(titres & forme.propres))
    if not titres & meilleure.propres:
        raise FichierRefuseError(
            "La première ligne n'est celle d'aucun fichier attendu ici.",
            "reprendre l'accusé du lot (ACCUSE_….csv) ou un modèle du dossier retours/modeles/, sans toucher à sa "
            "première ligne.",
        )
    tableau.require_colonnes(meilleure.cles, tableau.colonnes if meilleure.libre else meilleure.donnees)
    return meilleure


def rename_synonymes(tableau: Tableau) -> Tableau:
    """Return the table with ``cpam`` and ``code_cpam`` as its shape writes them: agents mix the two."""
    titres = set(tableau.colonnes)
    attendu = "cpam" if titres & {"portail", "date_transmission"} else "code_cpam"
    autre = _SYNONYMES[attendu]
    if attendu in titres or autre not in titres:
        return tableau
    colonnes = tuple(attendu if titre == autre else titre for titre in tableau.colonnes)
    return Tableau(colonnes, tableau.lignes, tableau.numeros)
