"""What each step reads and writes, from the source to the reports: what its function cannot say by itself.

An objection is not in it: what a lot loses by one would tell of a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aller_vers.indicateurs.porte import GATE as PORTE_MARTS
from aller_vers.lots.relecture import GATE as PORTE_DEPOTS
from aller_vers.requete.publication import GATE as PORTE_REQUETE
from aller_vers.retours.jugement import GATE as PORTE_RETOURS
from aller_vers.socle.contrat_source import CONTRAT


@dataclass(frozen=True)
class Etape:
    """A step: what it reads, what it writes, the gate that judges the last of what it reads, whether it destroys.

    In a name, ``{mois}`` is the run's month as tables write it; ``lots/{caf}/{mois}`` stands for each lot that the
    step returned, judged or found by ``lots``, a file of SQL that knows the run.

    ``ecrit``: the key, in what the step returned, of the rows written; empty: what it returned adds up to them; None:
    it does not count them.
    """

    lit: tuple[str, ...]
    ecrit: Mapping[str, str | None] = field(default_factory=dict)
    porte: str | None = None
    lots: str | None = None
    detruit: bool = False


LOT = "lots/{caf}/{mois}"
_MESURES, _JUGES = "marts.mesure", "marts.indicateur"
_SOURCE = tuple(f"si_allocataires.{table}" for table in CONTRAT)
_BRUT, _NET, _CORE = (
    f"{table}_{{mois}}" for table in ("staging.demandeur_brut", "staging.demandeur", "core.demandeur")
)

ETAPES: dict[str, Etape] = {
    "requete_nationale.extract_demandeurs": Etape(
        tuple(f"si_allocataires.{table}" for table in ("dossier", "personne", "demande")), {_BRUT: "lignes"}
    ),
    "requete_nationale.clean_demandeurs": Etape((_BRUT,), {_NET: "lignes"}),
    "requete_nationale.judge_requete": Etape((_NET,), {"dq.profil_requete": None}, PORTE_REQUETE),
    "requete_nationale.publish_core": Etape(
        (_NET, "dq.profil_requete"), {_CORE: "transmissibles", "core.ecarte": None}
    ),
    "requete_nationale.measure_requete": Etape((_CORE, "core.ecarte"), {_MESURES: ""}),
    "depots_caf.write_lot": Etape((_CORE,), {LOT: "lignes"}),
    "depots_caf.check_lots": Etape((LOT,), {"dq.profil_depots": None}, PORTE_DEPOTS),
    "suivi_transmissions.read_accuses": Etape(("accuses",), {"suivi.evenement": "pris"}),
    "retours_cpam.read_retours": Etape(("retours",), {"staging.retour": "pris"}),
    "retours_cpam.judge_retours": Etape(
        (LOT, "staging.retour"), {"dq.profil_retours": None}, PORTE_RETOURS, "retours/select_lots_rendus.sql"
    ),
    "retours_cpam.publish_retours": Etape(("staging.retour", "dq.profil_retours"), {_MESURES: None}),
    "mesures_declarees.collect_mesures": Etape(
        ("mesures",), {"staging.retour": "pris", _MESURES: None, "enquetes": None}
    ),
    "mesures_services.measure_services": Etape(_SOURCE, {_MESURES: None}),
    "reprise_historique.measure_historique": Etape(_SOURCE, {_MESURES: None}),
    "marts_indicateurs.measure_depots": Etape(("core.publication", "suivi.evenement"), {_MESURES: ""}),
    "marts_indicateurs.compute_indicateurs": Etape(
        (_MESURES, _JUGES), {_JUGES: "indicateurs", "marts.homogeneite": None}, PORTE_MARTS
    ),
    "rapports.publish_diffusion": Etape(
        ("marts.indicateur", "marts.homogeneite"),
        {"diffusion.indicateur": "cellules", "diffusion.homogeneite": None},
    ),
    "rapports.write_rapports": Etape(
        ("marts.indicateur", "marts.homogeneite", "diffusion.indicateur", "diffusion.homogeneite"),
        {"rapports/nation": "nation", "rapports/caf": "caf", "rapports/cpam": "cpam",
         "jeu_de_donnees": "cellules"},
    ),
    "purge.purge_personnes": Etape(("suivi.evenement",), lots="destruction/select_expires.sql", detruit=True),
}  # fmt: skip
# What the destruction of a whole month drops; that of a lot drops its files.
DETRUITS = (_BRUT, _NET, _CORE)
