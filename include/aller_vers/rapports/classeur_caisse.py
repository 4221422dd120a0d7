"""The report of a Caf or a Cpam as a workbook: what to do, exchanges, twelve months, definitions."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from aller_vers.rapports.caisse import LigneCaisse, RapportCaisse, is_moyenne_mensuelle
from aller_vers.rapports.contenu import Figure
from aller_vers.rapports.feuilles import (
    Cellule,
    Formats,
    Nombre,
    Tableau,
    build_definitions,
    write_couverture,
    write_tableau,
)
from aller_vers.socle.francais import write_jour
from aller_vers.socle.mois import Mois
from aller_vers.socle.tableur import open_classeur

_CHIFFRES = (
    ("Indicateur", 46), ("Famille", 20), ("Mois", 16), ("Mois : sur", 8), ("Douze mois", 15),
    ("Douze mois : sur", 12), ("Douze mois : valeur", 15), ("Mois comptés", 9), ("Nation publiée", 11),
    ("Situation", 22), ("Cible", 9), ("À savoir", 26),
)  # fmt: skip


def build_classeur_caisse(rapport: RapportCaisse, vis_a_vis: str) -> bytes:
    """Return the workbook of a report; ``vis_a_vis``: « Cpam » for a Caf, « Caf » for a Cpam."""
    classeur, tampon = open_classeur(rapport.titre, rapport.mois.debut)
    formats, tableaux = Formats(classeur), list(list_tableaux_caisse(rapport, vis_a_vis))
    contenus = [(t.feuille, t.note) for t in tableaux]
    write_couverture(classeur, formats, rapport.titre, rapport.note, contenus)
    for tableau in tableaux:
        write_tableau(classeur, formats, tableau)
    classeur.close()
    return tampon.getvalue()


def list_tableaux_caisse(rapport: RapportCaisse, vis_a_vis: str) -> Iterator[Tableau]:
    """Return the tables of the workbook, one a sheet."""
    au = f"au {write_jour(rapport.jour)}"
    yield Tableau(
        "À faire", f"À faire, {au}", "Ce qui est à faire, avant quand.",
        (("Quoi", 90), ("Avant le", 14), ("En retard", 12)),
        [(a.quoi, write_jour(a.avant), "en retard" if a.is_en_retard else "") for a in rapport.actes]
        or [("Rien à faire : tout ce qui était dû est rendu.", "", "")],
    )  # fmt: skip
    if rapport.echanges:
        yield Tableau(
            "Échanges", f"Échanges, {au}", "Ce qui est transmis, rendu, détruit ; ce qui est en retard.",
            (("Mois", 16), (vis_a_vis, 34), ("Personnes", 12), ("Transmis", 26), ("Retour", 26), ("Destruction", 26)),
            [
                (e.mois.libelle, e.nom_cpam if vis_a_vis == "Cpam" else e.nom_caf, _write_nombre(Decimal(e.lignes)),
                 *e.list_etapes(rapport.jour))
                for e in rapport.echanges
            ],
        )  # fmt: skip
    yield Tableau(
        "Chiffres", f"Chiffres, {rapport.mois.libelle} et douze mois",
        "Douze mois : la somme de ceux qui ne peuvent plus changer. La nation est celle qui est publiée.",
        _CHIFFRES, [_list_cellules(li, rapport.mois) for li in rapport.lignes],
    )  # fmt: skip
    yield build_definitions(rapport.definitions)


def _list_cellules(li: LigneCaisse, mois: Mois) -> tuple[Cellule, ...]:
    i, douze = li.definition, li.douze
    is_part = i.type == "ratio" and li.ici.valeur is not None
    compte = Figure(li.termes[0], li.ici.statut, li.ici.definitif_le) if is_part else li.ici
    a_savoir = [li.ici.write_provisoire(), "moyenne par mois" if is_moyenne_mensuelle(i) else ""]
    return (
        i.libelle, li.famille.titre, Nombre(compte, "" if is_part else i.unite),
        _write_nombre(li.termes[1] if is_part else None), _write_nombre(douze.numerateur if douze else None),
        _write_nombre(douze.denominateur if douze else None),
        Nombre(Figure(douze.valeur, ""), i.unite) if douze else "",
        _write_nombre(Decimal(douze.mois) if douze else None),
        Nombre(Figure(li.nation, ""), i.unite) if li.nation is not None else "", li.write_place(),
        _write_cible(li, mois), " ; ".join(t for t in a_savoir if t),
    )  # fmt: skip


def _write_nombre(valeur: Decimal | None) -> Cellule:
    return "" if valeur is None else Nombre(Figure(valeur, ""))


def _write_cible(li: LigneCaisse, mois: Mois) -> Cellule:
    cible = li.definition.find_cible(mois)
    return "" if cible is None else Nombre(Figure(cible, ""), li.definition.unite)
