"""Who acts, as people read it: a DAG by its French name, a person by their own."""

from __future__ import annotations

from typing import Final

DAGS: Final = {
    "decisions_lots": "Décisions sur les lots retenus",
    "depots_caf": "Dépôt des lots aux Caf",
    "envoi_avis": "Envoi des avis",
    "marts_indicateurs": "Indicateurs du mois",
    "mesures_declarees": "Mesures déclarées",
    "mesures_services": "Mesures comptées à la source",
    "oppositions": "Oppositions",
    "purge": "Purge et destruction",
    "rapports": "Rapports et publication",
    "reference": "Prise de la référence",
    "reprise_historique": "Reprise de l'historique",
    "requete_nationale": "Requête nationale",
    "retours_cpam": "Retours des Cpam",
    "suivi_transmissions": "Suivi des transmissions",
}


def name_acteur(acteur: str) -> str:
    """Return the French name of this DAG, which Airflow shows too; whoever is none keeps theirs."""
    return DAGS.get(acteur, acteur)
