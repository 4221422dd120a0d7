"""The reports of a month: what may be published, then what each reader is given."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import PartitionedAssetTimetable, dag, task

from aller_vers_airflow.actifs import MARTS_INDICATEURS
from aller_vers_airflow.alertes import ALERTES

DOC = """
### Rapports

Publie sous secret statistique (`diffusion.*`) le mois, et tout autre dont le délai vient d'échoir ; puis écrit sur le
partage le jeu de données ouvert et les rapports : nation et jeu (`national/`), Caf (`<caf>/rapports/<AAAA-MM>/`), Cpam
(`cpam/<code>/rapports/<AAAA-MM>/`, fermé aux Caf : l'équipe nationale transmet).

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| publish_diffusion | cache les petits nombres, ajoute un millésime par mois échu | relancer ; rien à moitié publié |
| write_rapports | écrit les fichiers qui ont changé, leur liste en dernier | voir le partage, puis relancer |

Un millésime publié ne change plus. Une correction qui ferait retrouver un petit nombre attend les suivantes.
"""


@dag(
    schedule=PartitionedAssetTimetable(assets=MARTS_INDICATEURS),
    catchup=False,
    max_active_runs=1,
    description="Publie le mois sous secret statistique et écrit les rapports",
    doc_md=DOC,
    tags=["aller-vers", "mensuel"],
    default_args={"owner": "aller-vers", "retries": 1, "retry_delay": timedelta(seconds=30)},
    **ALERTES,
)
def rapports() -> None:
    @task
    def publish_diffusion() -> object:  # object: a dict would be pushed key by key
        from aller_vers_airflow import rapports as etapes

        return etapes.publish()

    @task
    def write_rapports() -> object:
        from aller_vers_airflow import rapports as etapes

        return etapes.write()

    publish_diffusion() >> write_rapports()


rapports()
