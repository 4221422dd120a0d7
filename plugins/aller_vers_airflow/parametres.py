"""What a person may ask of a run, as Airflow's form shows it: French labels, values checked before the run."""

from airflow.sdk import Param

REQUETE = {
    "mois": Param(
        None,
        type=["null", "string"],
        pattern="^[0-9]{4}-(0[1-9]|1[0-2])$",
        title="Mois",
        description="AAAA-MM, si aucune clé de partition n'est donnée",
    ),
    "depot": Param(
        None,
        type=["null", "boolean"],
        title="Déposer les lots",
        description="Vide : selon le calendrier ; un rattrapage ne dépose rien",
    ),
    "a_blanc": Param(
        False,
        type="boolean",
        title="À blanc",
        description="Compte et juge, ne publie ni ne dépose rien",
    ),
}
