"""A short year of six Caf, two of which merge: every event of its scenario has its consequence, on the day that the scenario says."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
import yaml
from mois_reel_outils import forget_reference, write_reduced_reference
from rich.console import Console
from serveurs import find_free_port

from aller_vers.commandes.annee_sur_le_poste import Vecu, check_dernier, live_jours
from aller_vers.commandes.calculs_de_l_annee import Calculs
from aller_vers.exploitation.annee.etapes import (
    list_calcules,
    run_depots,
    run_marts,
    run_rapports,
    run_requete,
)
from aller_vers.exploitation.annee.jours import BilanAnnee
from aller_vers.indicateurs.marts import list_echus
from aller_vers.poste import postgres
from aller_vers.poste.annee.scenario import FICHIER, Scenario, load_scenario
from aller_vers.poste.installation import ENTREPOT, Poste, load_poste
from aller_vers.qualite.decisions import list_lots_retenus
from aller_vers.rapports.dossier_de_preuve import build_archive, list_lots, load_preuve
from aller_vers.rapports.ecriture import write_rapports
from aller_vers.rapports.sources import read_sources
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages
from aller_vers.suivi.trace import seal, verify_trace

PROJET = Path(__file__).parents[2]
AOUT, FIN = Mois(2025, 8), date(2025, 11, 1)


@pytest.fixture(scope="module")
def poste() -> Iterator[Poste]:
    """Give a laptop of six Caf, with folders and a port of its own."""
    racine = Path(tempfile.mkdtemp(prefix="aller-vers-annee-"))
    racine.chmod(0o755)
    write_reduced_reference(racine / "reference", "061")
    reglages = {
        "AV_DONNEES": racine / "donnees",
        "AV_AIRFLOW_HOME": racine / "airflow",
        "AV_REFERENCE": racine / "reference",
        "AV_DEPOT_REFERENCE": racine / "donnees" / "reference",
        "AV_PORT_POSTGRES": find_free_port(),
        "AV_POSTGRES_RAPIDE": 1,
        "AV_AJPA_PAR_MOIS": 120,
        "AV_AJPP_PAR_MOIS": 40,
    }
    with pytest.MonkeyPatch.context() as environnement:
        for nom, valeur in reglages.items():
            environnement.setenv(nom, str(valeur))
        forget_reference()
        poste = load_poste()
        try:
            yield poste
        finally:
            poste.grappe.stop()
            postgres.remove(poste.donnees)
            shutil.rmtree(racine, ignore_errors=True)
            forget_reference()


def load_court() -> Scenario:
    """Return four months of the project's own scenario; the merger, later in it, comes with the third."""
    scenario = load_scenario()
    return scenario.model_copy(
        update={
            "evenements": tuple(
                e.model_copy(update={"mois": 3}) if e.quoi == "fusion" else e for e in scenario.evenements
            )
        }
    ).last(4)


@pytest.fixture(scope="module")
def vecue(poste: Poste) -> BilanAnnee:
    """Give what four months gave, with an expectation that nothing can meet."""
    court = load_court()
    premiers = [e for e in court.evenements if e.mois <= 3]
    impossible = premiers[0].attendu[0].model_copy(update={"fois": 7, "apres_jours_ouvres": 4})
    premiers.append(
        premiers[0].model_copy(update={"nom": "Un événement sans effet", "attendu": (impossible,)})
    )
    dernier = [e for e in court.evenements if e.mois > 3]
    court = court.model_copy(update={"evenements": (*premiers, *dernier)})
    return live_jours(Console(stderr=True), poste, court, AOUT, FIN)


def test_every_event_has_its_consequence_on_its_day_and_what_does_not_come_is_told(vecue: BilanAnnee) -> None:
    assert [ecart.echeance.evenement.nom for ecart in vecue.ecarts] == ["Un événement sans effet"]
    assert vecue.ecarts[0].trouves == 0
    attendus = [a for e in load_court().evenements if e.mois <= 3 for a in e.attendu]
    assert vecue.tenues == sum(not a.au_dernier_mois for a in attendus) > 40


def test_what_was_lived_is_dated_from_its_days_and_its_trace_is_whole(
    vecue: BilanAnnee, poste: Poste
) -> None:
    with open_transaction(poste.build_dsn(ENTREPOT, "av_etl"), "av_entrepot") as entrepot:
        assert verify_trace(entrepot) == []
        jours = entrepot.exec_driver_sql(
            "SELECT DISTINCT cree_le::date FROM suivi.evenement WHERE etat = 'depose' ORDER BY 1"
        ).scalars()
        assert [str(jour) for jour in jours] == [
            "2025-07-01", "2025-07-09", "2025-08-04", "2025-08-05", "2025-08-07", "2025-08-08", "2025-08-12"
        ]  # fmt: skip


def test_a_year_that_ends_on_the_day_when_figures_become_final_leaves_none_of_them_provisional(
    vecue: BilanAnnee, poste: Poste
) -> None:
    vecu = Vecu(poste)
    with vecu.open_jour(datetime.combine(FIN, time(6), tzinfo=UTC)).open_base("av_entrepot") as entrepot:
        assert list_echus(entrepot) == []
    vecu.close()


def test_every_report_and_open_data_set_is_what_the_last_figures_make_it(
    vecue: BilanAnnee, poste: Poste
) -> None:
    """Half of them are written while the last figures are computed: written again once all stands, none changes."""
    national = poste.partage / "national"
    ecrits = {str(f.relative_to(national)): f.read_bytes() for f in national.rglob("*") if f.is_file()}
    vecu = Vecu(poste)
    journee = vecu.open_jour(datetime.combine(FIN, time.min, tzinfo=PARIS))
    with journee.open_base("av_entrepot") as entrepot:
        calcules = list_calcules(entrepot)
    run_rapports(journee, calcules)
    vecu.close()
    assert {nom.split("/")[1] for nom in ecrits if nom.startswith("rapports/")} == {*map(str, calcules)}
    assert any(nom.startswith("diffusion/") for nom in ecrits)
    relus = {str(f.relative_to(national)): f.read_bytes() for f in national.rglob("*") if f.is_file()}
    assert [nom for nom in {*ecrits, *relus} if ecrits.get(nom) != relus.get(nom)] == []


def test_the_evidence_of_each_lot_that_was_lived_is_intact(vecue: BilanAnnee, poste: Poste) -> None:
    spec = importlib.util.spec_from_file_location("verifier", PROJET / "outils" / "verifier_preuve.py")
    assert spec
    assert spec.loader
    outil = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(outil)
    with open_transaction(poste.grappe.dsn(ENTREPOT), "av_entrepot") as entrepot:
        seal(entrepot, datetime(2025, 11, 2, tzinfo=UTC))
        alterations, lots = {}, 0
        for mois in (AOUT.shift(n) for n in range(-4, 1)):
            for code in list_lots(entrepot, mois):
                octets, _ = build_archive(
                    load_preuve(entrepot, mois, code), load_reglages(), datetime.now(UTC)
                )
                alterations[f"{code}/{mois}"] = outil.verify(octets).alterations
                lots += 1
        entrepot.rollback()
    assert {lot: dites for lot, dites in alterations.items() if dites} == {}
    assert lots >= 5


def test_the_last_month_leaves_a_lot_that_waits_and_the_report_of_a_merged_caf_s_successor(
    vecue: BilanAnnee, poste: Poste
) -> None:
    scenario = load_court()
    manquent = [e.quoi for e in check_dernier(poste, scenario, AOUT)]
    assert manquent == ["831/rapports/2025-08/rapport_*.html", "retenu"]
    vecu = Vecu(poste)
    journee = vecu.build_journee(datetime(2025, 11, 1, 9, tzinfo=UTC))
    run_requete(journee, AOUT)
    run_depots(journee, AOUT)
    run_marts(journee, [AOUT])
    with journee.open_base("av_entrepot") as entrepot:
        sources = read_sources(entrepot, AOUT, journee.dictionnaire, (), journee.reglages)
    write_rapports(journee.partage, sources, "national", "cpam")
    with journee.open_base("av_pilotage") as pilotage:
        assert [lot.code_caf for lot in list_lots_retenus(pilotage, AOUT) if lot.attend] == ["831"]
    vecu.close()
    assert check_dernier(poste, scenario, AOUT) == []


def test_a_year_is_not_lived_over_another_past(vecue: BilanAnnee, poste: Poste) -> None:
    with pytest.raises(ErreurAllerVers, match="a déjà un passé"):
        live_jours(Console(stderr=True), poste, load_scenario(), AOUT, FIN)


@pytest.mark.parametrize(
    ("change", "faute"),
    [({"quoi": "panne"}, "quoi"), ({"attendus": []}, "attendus"), ({"attendu": []}, "attendu")],
)
def test_a_scenario_that_says_what_no_scenario_has_is_refused(
    tmp_path: Path, change: dict[str, object], faute: str
) -> None:
    lu = yaml.safe_load(FICHIER.read_text(encoding="utf-8"))
    lu["evenements"][0] |= change
    (tmp_path / "s.yml").write_text(yaml.safe_dump(lu), encoding="utf-8")
    with pytest.raises(ErreurAllerVers, match=f"evenements.0.{faute}"):
        load_scenario(tmp_path / "s.yml")


def test_a_second_process_that_is_no_more_is_told_and_waited_for_by_nobody() -> None:
    calculs = Calculs()
    calculs.close()
    with pytest.raises(ErreurAllerVers, match="second processus de l'année s'est arrêté"):
        calculs.start("marts", datetime(2025, 10, 7, tzinfo=UTC), [AOUT])
