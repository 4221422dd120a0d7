"""The policy of the house over every DAG, and each rule of it seen to refuse a bad one."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from politique import POLITIQUE

from airflow_isole import PROJET
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.mois import Mois

DAGS = PROJET / "dags"
SAC = DagBag(dag_folder=DAGS)

MODELE = '''
from datetime import timedelta
from airflow.sdk import Asset, dag, task
from aller_vers_airflow.alertes import ALERTES

DOC = """
Dit ce que fait le DAG, et par quelle tâche le reprendre.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| list_lots | dit les lots | relancer |
| write_lot | écrit un lot | relancer |
| announce_lots | prévient | relancer |
"""


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    doc_md=DOC,
    dag_display_name="Modèle",
    tags=["aller-vers", "essai"],
    default_args={"owner": "aller-vers", "retries": 1, "retry_delay": timedelta(seconds=30), "execution_timeout": timedelta(hours=1)},
    **ALERTES,
)
def modele():
    @task
    def list_lots() -> list[str]:
        return []

    @task
    def write_lot(code_caf):
        return code_caf

    @task(outlets=[Asset("essai")])
    def announce_lots():
        return None

    write_lot.expand(code_caf=list_lots()) >> announce_lots()


modele()
'''

MAUVAIS = [
    ("identifiant", "def modele():", "def autre():", "autre is in modele.py"),
    ("documentation", "| write_lot | écrit un lot | relancer |\n", "", "does not name write_lot"),
    ("documentation", "    doc_md=DOC,\n", "", "does not name list_lots"),
    ("documentation", "si elle échoue", "remarque", "when a task fails"),
    (
        "documentation",
        "Dit ce que fait le DAG, et par quelle tâche le reprendre.\n\n| tâche | ce qu'elle fait |",
        "What it does.\n\n| task | what |",
        "not French",
    ),
    ("nom", '    dag_display_name="Modèle",\n', "", "nom affiché : modele"),
    ("nom", '"Modèle"', '"Modele_essai"', "nom affiché"),
    ("etiquettes", '"aller-vers", "essai"', '"essai"', "tags"),
    ("etiquettes", ', "essai"', "", "tags"),
    ("proprietaire", '"owner": "aller-vers", ', "", "belongs to airflow"),
    ("rattrapage", "catchup=False", "catchup=True", "catchup"),
    ("une_execution", "    max_active_runs=1,\n", "", "max_active_runs 16"),
    ("reprises", '"retries": 1, ', "", "list_lots is not retried"),
    ("delais", ', "execution_timeout": timedelta(hours=1)', "", "list_lots has no end"),
    ("taches", "def list_lots() -> list[str]", "def lots() -> list[str]", "lots is not verb_noun"),
    ("taches", "@task\n    def list_lots", "@task(task_id='liste_lots')\n    def list_lots", "liste_lots"),
    ("taches", "@task\n    def list_lots", "@task(task_id='listLots')\n    def list_lots", "listLots"),
    ("xcoms", "def announce_lots():", "def announce_lots() -> dict[str, int]:", "announce_lots pushes"),
    ("xcoms", "def write_lot(code_caf):", "def write_lot(code_caf) -> dict[str, int]:", "write_lot pushes"),
    ("annonces", "@task\n    def write_lot", "@task(outlets=[Asset('x')])\n    def write_lot", "is mapped"),
    ("alertes", "    **ALERTES,\n", "", "on_failure_callback is not the house's"),
    ("alertes", "    **ALERTES,\n", "    on_failure_callback=print,\n", "on_failure_callback is not"),
    (
        "echecs",
        "@task(outlets=[Asset(\"essai\")])",
        "@task(outlets=[Asset(\"essai\")], trigger_rule=\"all_done\")",
        "write_lot leaves the run green",
    ),
    (
        "echecs",
        "@task(outlets=[Asset(\"essai\")])",
        "@task(outlets=[Asset(\"essai\")], trigger_rule=\"one_success\")",
        "list_lots leaves the run green",
    ),
    ("imports", "from datetime", "import sqlalchemy.orm\nfrom datetime", "imports sqlalchemy.orm"),
    ("imports", "from datetime", "from psycopg import sql\nfrom datetime", "imports psycopg"),
    ("imports", "from datetime", "if True:\n    import pandas\nfrom datetime", "imports pandas"),
]  # fmt: skip


def load_dag(dossier: Path, texte: str) -> tuple[DAG, Path]:
    fichier = dossier / "modele.py"
    fichier.write_text(texte, encoding="utf-8")
    sac = DagBag(dag_folder=dossier)
    assert sac.import_errors == {}
    [dag] = sac.dags.values()
    return dag, fichier


def list_noms(condition: object) -> set[str]:
    return {actif.name for _, actif in condition.iter_assets()}  # type: ignore[attr-defined]


def test_the_bag_holds_one_dag_a_file_and_no_error() -> None:
    assert SAC.import_errors == {}
    fichiers = {fichier.stem for fichier in DAGS.glob("**/*.py")}
    assert set(SAC.dags) == fichiers
    assert {"requete_nationale", "depots_caf", "marts_indicateurs"} <= fichiers


def test_the_policy_is_not_empty_and_each_rule_has_its_bad_example() -> None:
    assert len(POLITIQUE) >= 12
    assert set(POLITIQUE) == {regle for regle, *_ in MAUVAIS}


@pytest.mark.parametrize("regle", sorted(POLITIQUE))
@pytest.mark.parametrize("dag_id", sorted(SAC.dags))
def test_every_dag_follows_the_policy(dag_id: str, regle: str) -> None:
    dag = SAC.dags[dag_id]
    assert POLITIQUE[regle](dag, Path(dag.fileloc)) == []


def test_a_model_dag_follows_the_whole_policy(tmp_path: Path) -> None:
    dag, fichier = load_dag(tmp_path, MODELE)
    assert {nom: fautes for nom, regle in POLITIQUE.items() if (fautes := regle(dag, fichier))} == {}


@pytest.mark.parametrize(("regle", "avant", "apres", "faute"), MAUVAIS)
def test_the_policy_refuses_a_bad_dag(tmp_path: Path, regle: str, avant: str, apres: str, faute: str) -> None:
    assert MODELE.count(avant) == 1
    texte = MODELE.replace(avant, apres)
    if regle == "identifiant":
        texte = texte.replace("\nmodele()", "\nautre()")
    texte = texte.replace("=list_lots()", "=lots()") if "def lots()" in texte else texte
    dag, fichier = load_dag(tmp_path, texte)
    assert re.search(re.escape(faute), " ; ".join(POLITIQUE[regle](dag, fichier)))


@pytest.mark.parametrize(
    ("dag_id", "attend", "annonce"),
    [
        ("requete_nationale", set(), {"demandeurs_du_mois"}),
        ("depots_caf", {"demandeurs_du_mois"}, {"lots_deposes"}),
        (
            "marts_indicateurs",
            {"lots_deposes", "retours_des_cpam", "mesures_comptees"},
            {"indicateurs_publies"},
        ),
        ("rapports", {"indicateurs_publies"}, {"rapports_ecrits"}),
    ],
)
def test_the_month_goes_from_the_request_to_the_lots_to_the_marts(
    dag_id: str, attend: set[str], annonce: set[str]
) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    dag = DagSerialization.from_dict(DagSerialization.to_dict(SAC.dags[dag_id]))
    assert dag.timetable.partitioned
    assert list_noms(dag.timetable.asset_condition) == attend
    emetteurs = [tache for tache in dag.tasks if tache.outlets]
    assert {actif.name for tache in emetteurs for actif in tache.outlets} == annonce
    # Told once, and last: nothing of the month is under way when the next DAG starts.
    assert [tache.downstream_task_ids for tache in emetteurs] == [set()]


@pytest.mark.parametrize("dag_id", sorted(SAC.dags))
def test_every_task_says_in_airflow_what_it_does(dag_id: str) -> None:
    taches, table = SAC.dags[dag_id].tasks, SAC.dags[dag_id].doc_md or ""
    assert [t.task_id for t in taches if "\n\nSi elle échoue : " not in (t.doc_md or "")] == []
    for tache in taches:
        texte = (tache.doc_md or "").partition(".\n\n")[0]
        assert not texte[0].islower()
        assert f"| {tache.task_id} | {texte} |".casefold() in table.casefold()


def test_the_owner_of_a_dag_leads_to_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.org/")
    (tmp_path / "purge.py").write_text((DAGS / "purge.py").read_text(encoding="utf-8"), encoding="utf-8")
    [dag] = DagBag(dag_folder=tmp_path).dags.values()
    assert dag.owner_links == {"aller-vers": "https://airflow.example.org/pilotage/"}


def test_no_form_stars_what_may_be_left_empty_and_each_month_is_proposed() -> None:
    etoiles = {
        (dag_id, nom)
        for dag_id, dag in SAC.dags.items()
        for nom, schema in ((nom, dag.params.get_param(nom).schema) for nom in dag.params)
        if "type" in schema and "null" not in schema["type"]
    }
    assert etoiles == {
        ("decisions_lots", "mois"),
        ("decisions_lots", "caf"),
        ("reprise_historique", "depuis"),
    }
    dernier = str(Mois.last_complete(datetime.now(PARIS).date()))
    proposes = {
        dag_id: dag.params.get_param("mois").schema["examples"][0]
        for dag_id, dag in SAC.dags.items()
        if "mois" in dag.params
    }
    assert set(proposes.values()) == {dernier}
    assert len(proposes) >= 4


def test_every_dag_comes_back_from_airflow_s_own_serialization() -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag_id, dag in SAC.dags.items():
        retour = DagSerialization.from_dict(DagSerialization.to_dict(dag))
        assert sorted(retour.task_ids) == sorted(SAC.dags[dag_id].task_ids)
        assert type(retour.timetable).__name__ in {
            "CronTriggerTimetable", "MoisTimetable", "NullTimetable", "PartitionedAssetTimetable"
        }  # fmt: skip
        assert retour.has_on_failure_callback


@pytest.mark.parametrize(
    ("planifie", "cadence"), [("true", "CronTriggerTimetable"), ("false", "NullTimetable")]
)
def test_notices_leave_by_themselves_in_business_hours_and_never_on_a_laptop(
    monkeypatch: pytest.MonkeyPatch, planifie: str, cadence: str
) -> None:
    from aller_vers.socle.reglages import load_reglages

    monkeypatch.setenv("AV_PLANIFICATION", planifie)
    load_reglages.cache_clear()
    try:
        dag = DagBag(dag_folder=DAGS / "envoi_avis.py").dags["envoi_avis"]
    finally:
        load_reglages.cache_clear()
    assert type(dag.timetable).__name__ == cadence
    assert dag.is_paused_upon_creation
    if planifie == "true":
        assert dag.timetable.expression == "*/15 6-19 * * 1-5"
        assert str(dag.timetable.timezone) == "Europe/Paris"


def test_what_only_a_person_or_another_dag_starts_runs_as_soon_as_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from aller_vers.socle.reglages import load_reglages

    monkeypatch.setenv("AV_PLANIFICATION", "true")
    load_reglages.cache_clear()
    try:
        dags = DagBag(dag_folder=DAGS).dags.values()
    finally:
        load_reglages.cache_clear()
    demandes = {
        d.dag_id: d.is_paused_upon_creation for d in dags if type(d.timetable).__name__ == "NullTimetable"
    }
    assert demandes == dict.fromkeys(("decisions_lots", "reference", "reprise_historique"), False)


def test_a_month_that_is_not_done_in_time_is_told() -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    from aller_vers_airflow import alertes

    [retard] = SAC.dags["requete_nationale"].deadline
    assert (retard.interval.total_seconds(), retard.reference.reference_name) == (
        6 * 3600,
        "DagRunQueuedAtDeadline",
    )
    assert retard.callback.path == f"{alertes.__name__}.{alertes.announce_retard.__name__}"
    assert DagSerialization.to_dict(SAC.dags["requete_nationale"])["dag"]["deadline"]


def test_the_parameter_of_the_month_refuses_what_is_not_a_month() -> None:
    from airflow.sdk.exceptions import ParamValidationError

    parametres = SAC.dags["requete_nationale"].params
    for bon in (None, "2025-06", "2025-12"):
        parametres.get_param("mois").resolve(bon)
    for mauvais in ("2025-13", "2025-6", "juin", "", "2025-06-01", 202506):
        with pytest.raises(ParamValidationError):
            parametres.get_param("mois").resolve(mauvais)
