"""The text of a year, as IT 2025-098 §1.2 writes it: from figures that its reader may see, each tied to its definition.

A count is the sum of the year's months that can no longer move; a rate, of both of its terms. What nobody gave is
said, and is no zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from aller_vers.diffusion.modele import Case
from aller_vers.indicateurs.dictionnaire import Indicateur, Niveau
from aller_vers.rapports.document import Texte, build_document, write_paragraphe, write_titre
from aller_vers.socle.francais import enumerate_mots, is_pluriel, write_de, write_nombre, write_part
from aller_vers.socle.mois import Mois

_LUS = frozenset({"definitif", "publie", "petit", "trop_peu", "sans_objet"})


class MotsDuCompte(NamedTuple):
    """How a count is told: the term of an indicator that holds it, its words in both numbers, what it is called."""

    code: str
    terme: Literal["numerateur", "denominateur"]
    un: str
    plusieurs: str
    nom: str


class MotsDuTaux(NamedTuple):
    """How a rate is told: the indicator, and the words around it."""

    code: str
    avant: str
    apres: str


_ENTONNOIR = (
    MotsDuCompte("taux_contactables", "denominateur", "demandeur a été ciblé", "demandeurs ont été ciblés",
                 "demandeurs ciblés"),
    MotsDuCompte("offres_envoyees", "numerateur", "personne a reçu une offre de parcours par courriel",
                 "personnes ont reçu une offre de parcours par courriel", "offres envoyées"),
    MotsDuCompte("taux_contactables", "numerateur", "avait des coordonnées valides et autorisait le contact",
                 "avaient des coordonnées valides et autorisaient le contact", "personnes que la Cpam pouvait appeler"),
    MotsDuCompte("personnes_appelees", "numerateur", "personne a été appelée par la Cpam",
                 "personnes ont été appelées par la Cpam", "personnes appelées"),
    MotsDuCompte("personnes_jointes", "numerateur", "appel a abouti", "appels ont abouti", "appels aboutis"),
    MotsDuCompte("taux_acceptation", "numerateur", "personne a accepté le parcours",
                 "personnes ont accepté le parcours", "personnes qui ont accepté"),
    MotsDuCompte("taux_rendez_vous_honores", "denominateur", "rendez-vous a été pris", "rendez-vous ont été pris",
                 "rendez-vous pris"),
    MotsDuCompte("rendez_vous_honores", "numerateur", "rendez-vous a été honoré", "rendez-vous ont été honorés",
                 "rendez-vous honorés"),
)  # fmt: skip
_TRANSFORMATION = (
    MotsDuTaux("taux_transformation_sur_appeles", "", " des personnes appelées"),
    MotsDuTaux("taux_transformation_sur_joints", "", " des personnes jointes"),
)
_SUITES = (
    MotsDuCompte("nombre_misas", "numerateur", "accompagnement par la Mission accompagnement santé (MISAS)",
           "accompagnements par la Mission accompagnement santé (MISAS)", "accompagnements par la MISAS"),
    MotsDuCompte("nombre_service_social", "numerateur", "orientation vers le service social de l'Assurance maladie",
           "orientations vers le service social de l'Assurance maladie", "orientations vers le service social"),
)  # fmt: skip
_DETECTE = (
    MotsDuTaux("taux_precarite", "", " étaient en situation de précarité"),
    MotsDuTaux("taux_sans_complementaire", "", " n'avaient pas d'organisme complémentaire"),
    MotsDuTaux("taux_sante_mentale", "", " avaient une problématique de santé mentale"),
)
_PROFIL = (
    MotsDuTaux("part_femmes_aidants_recus", "", " de femmes"),
    MotsDuTaux("part_age_moins_de_25_aidants_recus", "", " de moins de 25 ans"),
    MotsDuTaux("part_age_de_25_a_44_aidants_recus", "", " de 25 à 44 ans"),
    MotsDuTaux("part_age_de_45_a_64_aidants_recus", "", " de 45 à 64 ans"),
    MotsDuTaux("part_age_65_et_plus_aidants_recus", "", " de 65 ans et plus"),
    MotsDuTaux("part_actifs_aidants_recus", "", " d'actifs"),
    MotsDuTaux("part_temps_partiel_aidants_recus", "dont ", " à temps partiel"),
)
_AIDES = (
    MotsDuTaux("part_medecin_traitant_aidants_recus", "", " ont un médecin traitant"),
    MotsDuTaux("part_parent_aide_aidants_recus", "", " aident un parent"),
    MotsDuTaux("part_conjoint_aide_aidants_recus", "", " leur conjoint"),
    MotsDuTaux("part_enfant_aide_aidants_recus", "", " un enfant"),
    MotsDuTaux("part_fratrie_aide_aidants_recus", "", " un frère ou une sœur"),
    MotsDuTaux("part_autre_aide_aidants_recus", "", " une autre personne"),
    MotsDuTaux("part_plusieurs_aides_aidants_recus", "", " aident plusieurs personnes"),
)
_DES_SEMESTRES = "suites des rendez-vous et profil des aidants reçus"
_RETOURS = "taux_retours_recus"
CODES = sorted(
    {_RETOURS} | {f.code for f in (*_ENTONNOIR, *_TRANSFORMATION, *_SUITES, *_DETECTE, *_PROFIL, *_AIDES)}
)


@dataclass(frozen=True)
class LecteurDuBilan:
    """Whose figures these are, at which level, and the smallest denominator of a rate."""

    nom: str
    niveau: Niveau
    publie: bool
    denominateur_minimal: int = 1


@dataclass(frozen=True)
class BilanAnnuel:
    """The text of a year: paragraphs whose figures lead to their definitions."""

    titre: str
    note: str
    paragraphes: tuple[tuple[Texte, ...], ...]
    definitions: tuple[Indicateur, ...]

    @property
    def texte(self) -> str:
        """The paragraphs as plain text."""
        return "\n".join("".join(t.texte for t in p) for p in self.paragraphes)


@dataclass(frozen=True)
class _Somme:
    """The terms of an indicator over the year (None where no month gives it), and the statuses of its months."""

    numerateur: Decimal | None
    denominateur: Decimal | None
    mois: tuple[Mois, ...]
    statuts: frozenset[str]
    provisoires: tuple[Mois, ...]


def build_bilan(
    annee: int, lecteur: LecteurDuBilan, cases: Iterable[Case], dictionnaire: Sequence[Indicateur], base: int
) -> BilanAnnuel:
    """Return the text of a year.

    Args:
        annee: the year.
        lecteur: whose text it is.
        cases: what the reader may see of the year's months (of the year itself, for a published Caf).
        dictionnaire: the definitions; of two versions, the newer one is read.
        base: of the rounding of what is published.
    """
    definitions = {i.code: i for i in sorted(dictionnaire, key=lambda i: i.version)}
    sommes = _add_up(cases, annee, definitions, publie=lecteur.publie)
    texte = _Redaction(lecteur, base, definitions, sommes)
    paragraphes = tuple(p for p in texte.write(annee) if p)
    liens = {t.lien for p in paragraphes for t in p} - {""}
    note = (
        "Chiffres publiés : les nombres de personnes y sont arrondis au hasard, chacun pour lui-même."
        if lecteur.publie
        else "Chiffres complets, réservés à leur lecteur, à ne pas diffuser."
    )
    return BilanAnnuel(
        f"Aller vers les proches aidants : bilan {annee}, {lecteur.nom}", note, paragraphes,
        tuple(definitions[code] for code in CODES if code in liens),
    )  # fmt: skip


def write_document(bilan: BilanAnnuel) -> bytes:
    """Return the text as a Word document: each figure leads to its definition, at the end."""
    corps = [write_titre(bilan.titre), write_paragraphe([Texte(bilan.note)])]
    corps += [write_paragraphe(p) for p in bilan.paragraphes]
    if bilan.definitions:
        corps.append(write_titre("Définitions", 2))
    for numero, i in enumerate(bilan.definitions):
        textes = [Texte(f"{i.libelle}. ", gras=True), Texte(describe(i))]
        corps.append(write_paragraphe(textes, i.code, numero))
    return build_document(corps)


def describe(i: Indicateur) -> str:
    """Return a definition in full, with what it does not see and where it comes from."""
    return (
        f"{i.definition.strip()} Ce qu'il ne voit pas : {i.biais.strip()} Source : {i.source} "
        f"({i.code}, version {i.version})."
    )


def _add_up(
    cases: Iterable[Case], annee: int, definitions: dict[str, Indicateur], *, publie: bool
) -> dict[str, _Somme]:
    par_code: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        v, i = case.valeur, definitions.get(case.valeur.code)
        lisible = i is not None and i.version == v.version and (not publie or i.diffusion.portee == "public")
        if lisible and v.mois[:4] == str(annee):
            par_code[v.code].append(case)
    return {code: _add(lues) for code, lues in par_code.items()}


def _add(cases: list[Case]) -> _Somme:
    lues = [c.valeur for c in cases if c.statut in _LUS and c.valeur.numerateur is not None]
    denominateurs = [v.denominateur for v in lues if v.denominateur is not None]
    mois = {m for v in lues for m in _list_mois(Mois.parse(v.mois), annuelle=v.periode == "annee")}
    return _Somme(
        sum((v.numerateur for v in lues if v.numerateur is not None), Decimal(0)) if lues else None,
        sum(denominateurs, Decimal(0)) if denominateurs else None,
        tuple(sorted(mois)),
        frozenset(c.statut for c in cases),
        tuple(sorted(Mois.parse(c.valeur.mois) for c in cases if c.statut == "provisoire")),
    )


def _list_mois(mois: Mois, *, annuelle: bool) -> list[Mois]:
    return [mois.shift(-n) for n in range(12)] if annuelle else [mois]


class _Redaction:
    """Writes the sentences; keeps, by reason, the names of what it has no figure of."""

    def __init__(
        self,
        lecteur: LecteurDuBilan,
        base: int,
        definitions: dict[str, Indicateur],
        sommes: dict[str, _Somme],
    ) -> None:
        self._lecteur, self._base, self._definitions, self._sommes = lecteur, base, definitions, sommes
        self._manquent: dict[str, list[str]] = defaultdict(list)
        # The months that a figure of this frequence may have: those of all of them.
        self._mois: dict[str, set[Mois]] = defaultdict(set)
        for code, somme in sommes.items():
            self._mois[definitions[code].frequence] |= set(somme.mois)

    def write(self, annee: int) -> Iterator[tuple[Texte, ...]]:
        comptes, taux = self._list_comptes(_ENTONNOIR), self._list_taux(_TRANSFORMATION)
        soit = (Texte(", soit un taux de transformation de "), *_join(taux, " et de ")) if taux else ()
        if comptes:
            quand = f"En {annee}{_name_mois(sorted(self._mois['mois']))}, "
            yield (Texte(quand), *_join(comptes, " ; "), *soit, Texte("."))
        if suites := self._list_comptes(_SUITES):
            yield (Texte("Ces parcours ont abouti à "), *_join(suites, " et "), Texte("."))
        if detecte := self._list_taux(_DETECTE):
            yield (Texte("Des personnes reçues, "), *_join(detecte, ", "), Texte("."))
        if profil := self._list_taux(_PROFIL):
            yield (Texte("Profil des aidants reçus : "), *_join(profil, ", "), Texte("."))
        if aides := self._list_taux(_AIDES):
            yield (Texte("Parmi eux, "), *_join(aides, ", "), Texte("."))
        retours = self._sommes.get(_RETOURS)
        if retours is not None and retours.denominateur is not None:
            recus = f"{write_nombre(retours.numerateur)} sur {write_nombre(retours.denominateur)}"
            yield (Texte("Retours reçus des Cpam, sur les attendus : "), Texte(recus, _RETOURS), Texte("."))
        for pourquoi, noms in self._manquent.items():
            yield (Texte(f"{pourquoi} : {enumerate_mots(noms)}."),)
        provisoires = sorted({m for s in self._sommes.values() for m in s.provisoires})
        if provisoires:
            mois = enumerate_mots(m.libelle for m in provisoires)
            yield (Texte(f"Peuvent encore changer, et ne sont pas comptés : {mois}."),)

    def _list_comptes(self, comptes: Sequence[MotsDuCompte]) -> list[tuple[Texte, ...]]:
        phrases: list[tuple[Texte, ...]] = []
        for c in comptes:
            if (somme := self._find(c.code, c.nom)) is None:
                continue
            nombre = somme.numerateur if c.terme == "numerateur" else somme.denominateur
            if nombre is None:
                continue
            petit = "petit" in somme.statuts and not nombre
            ecrit = f"0 à {self._base - 1}" if petit else write_nombre(nombre)
            mots = c.plusieurs if petit or is_pluriel(nombre) else c.un
            phrases.append((Texte(ecrit, c.code), Texte(f" {mots}{self._name_partiel(c.code)}")))
        return phrases

    def _list_taux(self, taux: Sequence[MotsDuTaux]) -> list[tuple[Texte, ...]]:
        phrases: list[tuple[Texte, ...]] = []
        for t in taux:
            nom = f"« {self._definitions[t.code].libelle} »" if t.code in self._definitions else t.code
            somme = self._find(t.code, nom)
            if somme is None or somme.numerateur is None or somme.denominateur is None:
                continue
            if somme.denominateur < max(self._lecteur.denominateur_minimal, 1):
                peu = (
                    "Trop peu de personnes pour une part"
                    if somme.denominateur
                    else "Sans objet, faute de personnes"
                )
                self._manquent[peu].append(nom)
                continue
            part = write_part(min(somme.numerateur / somme.denominateur, Decimal(1)), 0)
            phrases.append((Texte(t.avant), Texte(part, t.code), Texte(t.apres + self._name_partiel(t.code))))
        return phrases

    def _name_partiel(self, code: str) -> str:
        """Return the months of a figure that has fewer of them than the others."""
        mois = self._sommes[code].mois
        partiel = set(mois) < self._mois[self._definitions[code].frequence]
        return f" ({enumerate_mots(m.libelle for m in mois)} seulement)" if partiel else ""

    def _find(self, code: str, nom: str) -> _Somme | None:
        """Return the sum of a figure; where there is none, keep why."""
        somme, definition = self._sommes.get(code), self._definitions.get(code)
        if somme is not None and somme.numerateur is not None:
            return somme
        if definition is None or self._lecteur.niveau not in definition.niveaux:
            pourquoi = "Donné par les Cpam à l'équipe nationale, et non repris ici"
        elif self._lecteur.publie and definition.diffusion.portee != "public":
            pourquoi = "Non publié"
        elif somme is not None and somme.statuts <= {"pas_encore_du", "provisoire"}:
            pourquoi = "Pas encore définitif"
        else:
            pourquoi = "Non fourni"
        if definition is None or (definition.frequence == "semestre" and not self._mois["semestre"]):
            nom = _DES_SEMESTRES
        if nom not in self._manquent[pourquoi]:
            self._manquent[pourquoi].append(nom)
        return None


def _join(phrases: Sequence[tuple[Texte, ...]], lien: str) -> list[Texte]:
    textes: list[Texte] = []
    for phrase in phrases:
        textes += [Texte(lien)] * bool(textes) + [t for t in phrase if t.texte]
    return textes


def _name_mois(mois: Sequence[Mois]) -> str:
    """Return which months of the year speak: nothing for twelve, ``, de janvier à août``, or those that do."""
    numeros = [m.numero for m in mois]
    if not mois or numeros == list(range(1, 13)):
        return ""
    noms = [m.libelle.rsplit(" ", 1)[0] for m in mois]
    if len(mois) > 2 and numeros == list(range(numeros[0], numeros[-1] + 1)):
        return f", {write_de(noms[0])} à {noms[-1]}"
    return f" ({enumerate_mots(noms)})"
