"""A report whose figures can be told apart in a converted file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from aller_vers.diffusion.modele import Case
from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.modele import Homogeneite, Valeur
from aller_vers.rapports.contenu import Rapport, build_rapport
from aller_vers.socle.mois import Mois

JUIN = Mois(2025, 6)


def make_case(
    code: str, mois: Mois, valeur: str | None, statut: str = "definitif", *, niveau: str = "caf", territoire: str = "831",
    numerateur: str | None = None, denominateur: str | None = None, cible: str | None = None,
    atteinte: str | None = None, definitif_le: date | None = None,
) -> Case:  # fmt: skip
    def nombre(texte: str | None) -> Decimal | None:
        return None if texte is None else Decimal(texte)

    return Case(
        Valeur(
            code, 1, str(mois), "mois", niveau, territoire, nombre(numerateur), nombre(denominateur),  # type: ignore[arg-type]
            nombre(valeur), nombre(cible), atteinte, "definitif" if statut in ("petit", "trop_peu") else statut,  # type: ignore[arg-type]
            definitif_le,
        ),
        statut,  # type: ignore[arg-type]
    )  # fmt: skip


def make_rapport(homogeneites: Sequence[Homogeneite] = ()) -> Rapport:
    par_mois = {}
    for n in range(6):
        mois = JUIN.shift(n - 5)
        par_mois[mois] = [
            make_case("demandeurs", mois, str(1100 + 48 * n)),
            make_case("taux_courriel_valide", mois, str(Decimal("0.62") + Decimal("0.015") * n)),
            make_case(
                "taux_transmissible",
                mois,
                None if n == 2 else "0.8125",
                "sans_objet" if n == 2 else "definitif",
            ),
            make_case("taux_lots_deposes", mois, None, "non_fourni"),
        ]
    par_mois[JUIN][1] = make_case(
        "taux_courriel_valide", JUIN, "0.697142857", cible="0.7", atteinte="non_atteinte"
    )
    par_mois[JUIN][2] = make_case("taux_transmissible", JUIN, None, "sans_objet")
    nation = [
        make_case("demandeurs", JUIN, "134567", niveau="national", territoire="FR"),
        make_case("taux_courriel_valide", JUIN, "0.7042", niveau="national", territoire="FR"),
        make_case("taux_transmissible", JUIN, None, "trop_peu", niveau="national", territoire="FR"),
        make_case("taux_lots_deposes", JUIN, None, "petit", niveau="national", territoire="FR"),
    ]
    return build_rapport(
        "Caf du Var : proches aidants, juin 2025", "831 · Var", JUIN, load_dictionnaire(), par_mois, nation,
        "Document interne à la Caf. Les nombres publiés sont arrondis.", 5, homogeneites,
    )  # fmt: skip


def make_homogeneite() -> Homogeneite:
    nombres = [Decimal(x) for x in ("0.7042", "0.41", "0.552", "0.713", "0.864", "0.975")]
    return Homogeneite(
        "taux_courriel_valide", 1, str(JUIN), *nombres, 101, 97, 61, Decimal("0.628865"), "atteinte", "non_atteinte"
    )  # fmt: skip
