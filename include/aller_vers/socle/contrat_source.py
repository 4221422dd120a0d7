"""Columns of the source contract, in the order in which a COPY writes them (`contrat.sql` creates them)."""

from sqlalchemy import Connection, inspect
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope

from aller_vers.socle.erreurs import ErreurAllerVers

CONTRAT: dict[str, tuple[str, ...]] = {
    "dossier": ("id_dossier", "code_caf", "code_postal", "date_fin_affiliation"),
    "personne": (
        "id_personne",
        "id_dossier",
        "courriel",
        "telephone",
        "opposition_contact",
        "sexe",
        "annee_naissance",
    ),
    "demande": (
        "id_demande",
        "id_personne",
        "code_caf",
        "code_caf_gestionnaire",
        "prestation",
        "nature",
        "date_depot",
        "etat",
        "date_decision",
        "lien_aide",
    ),
    "droit": (
        "id_droit",
        "id_personne",
        "code_caf",
        "id_demande",
        "id_separation",
        "prestation",
        "date_ouverture",
        "montant_mensuel_eur",
        "nouveau",
    ),
    "recalcul": ("id_recalcul", "id_droit", "code_caf", "date_recalcul", "sens", "montant_eur"),
    "separation": ("id_separation", "id_personne", "code_caf", "date_declaration", "enfants_a_charge"),
    "contact": ("id_contact", "id_personne", "code_caf", "sens", "canal", "motif", "date_contact"),
    "rendez_vous": (
        "id_rendez_vous",
        "id_personne",
        "code_caf",
        "id_separation",
        "nature",
        "date_rendez_vous",
        "honore",
    ),
    "accompagnement": (
        "id_accompagnement",
        "id_personne",
        "code_caf",
        "id_separation",
        "nature",
        "date_realisation",
    ),
    "agent": (
        "id_agent",
        "code_caf",
        "en_perimetre_separation",
        "date_entree",
        "date_sortie",
        "date_formation",
    ),
    "support_communication": ("code_caf", "mois", "destinataire", "nombre"),
}


def check_contrat(source: Connection) -> None:
    """Compare the source with its contract before anything is read.

    Raises:
        ErreurAllerVers: tables or columns are missing; all of them are named.
    """
    # In one statement; views and foreign tables too, wherever search_path finds them.
    lues = inspect(source).get_multi_columns(
        filter_names=list(CONTRAT), kind=ObjectKind.ANY, scope=ObjectScope.ANY
    )
    trouvees = {table: {str(c["name"]) for c in colonnes} for (_, table), colonnes in lues.items()}
    manques: list[str] = []
    for table, colonnes in CONTRAT.items():
        if table not in trouvees:
            manques.append(f"la table {table}")
            continue
        manques += [f"la colonne {table}.{nom}" for nom in colonnes if nom not in trouvees[table]]
    if manques:
        raise ErreurAllerVers(
            f"La source ne respecte pas son contrat : il manque {', '.join(manques)}.",
            "faire exposer ces tables ou colonnes par la source (include/sql/socle/source/contrat.sql), "
            "puis relancer le mois.",
        )
