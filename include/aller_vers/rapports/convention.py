"""The draft of a local convention between a Caf and a Cpam, prefilled: what two directors sign (IT 2025-098 §2.2)."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import TypeAdapter

from aller_vers.rapports.sections import A_ECRIRE, Section, write_document
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count, write_duree
from aller_vers.socle.modele_strict import ModeleStrict
from aller_vers.socle.referentiel import load_caf, load_conventions, load_cpam
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.yaml_strict import read_modele

FICHIER: Final = Path(__file__).parents[2] / "configuration" / "convention.yml"
_NATURES: Final = {"initiale": "première demande", "renouvellement": "renouvellement"}


class _Article(Section):
    pour: Literal["caf", "commune"] | None = None


class _Modele(ModeleStrict):
    sections: tuple[_Article, ...]


def build_convention(code_caf: str, code_cpam: str, reglages: Reglages) -> tuple[str, list[Section]]:
    """Return the title and the parts of the draft.

    Raises:
        ErreurAllerVers: a code is not of the reference, or the reference does not have the two work together.
    """
    if (code_caf, code_cpam) not in {(c.code_caf, c.code_cpam) for c in load_conventions()}:
        siennes = sorted({c.code_cpam for c in load_conventions() if c.code_caf == code_caf})
        raise ErreurAllerVers(
            f"La référence n'a pas de convention entre la Caf {code_caf} et la Cpam {code_cpam}.",
            f"donner l'une de ses Cpam : {', '.join(siennes)}."
            if siennes
            else "donner deux codes de trois chiffres, par exemple 831 831 ; les Caf sont dans caf.csv.",
        )
    caf, cpam = load_caf()[code_caf], load_cpam()[code_cpam]
    valeurs = {
        "a_ecrire": A_ECRIRE, "caf": caf.nom, "code_caf": code_caf, "siren": caf.siren, "cpam": cpam.nom,
        "code_cpam": code_cpam, "perimetre": cpam.perimetre,
        "natures": " ou ".join(_NATURES[nature] for nature in reglages.natures),
        "canal": "en interne" if cpam.is_caisse_commune else "par les portails sécurisés BlueFiles ou PEPS seulement",
        "jours_transmission": count(reglages.jours_ouvres_transmission, "jour ouvré"),
        "jours_retour": count(reglages.jours_retour, "jour"),
        "mois_certificat": write_duree(reglages.mois_certificat, "mois"),
    }  # fmt: skip
    genre = "commune" if cpam.is_caisse_commune else "caf"
    modele = read_modele(FICHIER, TypeAdapter(_Modele), en_textes=True)
    quoi = "Protocole interne" if cpam.is_caisse_commune else "Convention"
    titre = f"{quoi} : aller vers les proches aidants (projet, à relire par les deux directions)"
    return titre, [s.fill(valeurs, FICHIER) for s in modele.sections if s.pour in (None, genre)]


def write_convention(code_caf: str, code_cpam: str, reglages: Reglages) -> tuple[bytes, int]:
    """Return the draft as a Word document, and how many passages are left to write.

    Raises:
        ErreurAllerVers: as ``build_convention``.
    """
    titre, sections = build_convention(code_caf, code_cpam, reglages)
    return write_document(titre, sections), sum(s.count_a_ecrire() for s in sections)
