"""The reports of a month: what may be published, then what each reader is given."""

from __future__ import annotations

from airflow.sdk import PartitionedAssetTimetable

from aller_vers_airflow.actifs import INDICATEURS
from aller_vers_airflow.etapes.rapports import publish_diffusion, write_rapports
from aller_vers_airflow.maison import dag_maison

DOC = """
### Rapports

Publie (`diffusion.*`), arrondi, ce qui est définitif et dont le délai est passé ; puis écrit sur le
partage le jeu de données ouvert et les rapports : nation et jeu (`national/`), Caf (`<caf>/rapports/<AAAA-MM>/`), Cpam
(`cpam/<code>/rapports/<AAAA-MM>/`, fermé aux Caf : l'équipe nationale transmet).

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| publish_diffusion | arrondit, publie, corrige à sa date | relancer ; rien à moitié publié |
| write_rapports | écrit les fichiers qui ont changé, leur liste en dernier | voir le partage, puis relancer |

Une correction remplace ce qui était publié ; les deux dates restent (`publie_le`, `corrige_le`).
"""


@dag_maison(
    "mensuel",
    schedule=PartitionedAssetTimetable(assets=INDICATEURS),
    description="Publie, arrondi, ce qui est dû et écrit les rapports",
    doc_md=DOC,
)
def rapports() -> None:
    publish_diffusion() >> write_rapports()


rapports()
