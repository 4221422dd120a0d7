"""The indicators of a month: measures, indicators, gate."""

from __future__ import annotations

from airflow.sdk import PartitionedAssetTimetable

from aller_vers_airflow.actifs import LOTS, MESURES, RETOURS
from aller_vers_airflow.etapes.marts_indicateurs import compute_indicateurs, measure_depots
from aller_vers_airflow.maison import dag_maison

DOC = """
### Indicateurs

Dès que les lots, les retours des Cpam ou les mesures des services d'un mois sont là : calcule les indicateurs du
dictionnaire (`include/indicateurs/`) pour la nation, les régions, les Caf et les Cpam, leurs cumuls, l'homogénéité et
les scores ; un second moteur les recalcule, et la porte (`expectations/marts_indicateurs.yml`) les juge avant
publication. Une donnée tardive ne recalcule que son mois et les cumuls qui le contiennent.
Une valeur provisoire porte la date où elle devient définitive ; cette date passée, son mois est recalculé.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| measure_depots | compte les lots d'après la trace, et ce qui se déduit des mesures | relancer |
| compute_indicateurs | calcule, fait juger, publie d'un seul tenant | lire la règle nommée et `dq.verdict` |

Tant que la porte retient le mois, les valeurs précédentes restent publiées.
"""


@dag_maison(
    "mensuel",
    schedule=PartitionedAssetTimetable(assets=LOTS | RETOURS | MESURES),
    description="Calcule et recoupe les indicateurs du mois",
    doc_md=DOC,
)
def marts_indicateurs() -> None:
    measure_depots() >> compute_indicateurs()


marts_indicateurs()
