"""A month is destroyed Caf by Caf: the others go on, the figures stand, and nobody of a destroyed Caf comes back."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from destruction_exemples import JUIN, MAINTENANT, Maison, search_files
from requete_exemples import AJPA, AJPP, JOUR, NATURES, Source
from sqlalchemy import text

from aller_vers.destruction.preuve import prove_destructions
from aller_vers.requete.extraction import extract_demandeurs
from aller_vers.requete.nettoyage.passe import clean_demandeurs
from aller_vers.requete.publication import measure_mois, profile, publish_mois
from aller_vers.socle.contrat_source import CONTRAT
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.partitions import lock
from aller_vers.suivi.evenements import record_evenement
from aller_vers.suivi.trace import verify_trace

A, B, C = "831", "591", "421"
TRACES = {A: "canari.var", B: "canari.nord", C: "canari.loire"}
DANS_UN_MOIS = MAINTENANT + timedelta(days=33)
CHIFFRES = (
    "SELECT code_caf, mesure, modalite, classe, valeur FROM marts.mesure WHERE mois = '2025-06' ORDER BY 1, 2, 3, 4",
    "SELECT code_caf, motif, nombre FROM core.ecarte WHERE mois = '2025-06' ORDER BY 1, 2",
    "SELECT depot, demandeurs, transmissibles FROM core.publication WHERE mois = '2025-06'",
    "SELECT code_caf, lignes, comptes FROM dq.historique_requete WHERE mois = '2025-06' ORDER BY 1",
)


@dataclass
class Vie:
    """The month of three Caf, from its source to its destruction."""

    maison: Maison
    source: Source
    detruites: set[str] = field(default_factory=set)

    def extract(self, run_id: str = "r1") -> None:
        with self.maison.open() as entrepot:
            extract_demandeurs(self.source.connexion, entrepot, JUIN, NATURES, JOUR)
        with self.maison.open() as entrepot:
            clean_demandeurs(entrepot, str(JUIN))
        with self.maison.open() as entrepot:
            profile(entrepot, JUIN, run_id)
        for code in (A, B, C):
            self.maison.judge(code, "conforme", run_id=run_id)
        with self.maison.open() as entrepot:
            publish_mois(entrepot, JUIN, run_id, depot=True)
        with self.maison.open() as entrepot:
            measure_mois(entrepot, JUIN)
        self.maison.drop(JUIN, *(code for code in (A, B, C) if code not in self.detruites))

    def extract_anew(self) -> None:
        self.extract("r2")

    def correct_b(self) -> None:
        self.source.execute(
            "UPDATE personne SET courriel = 'canari.nord.corrige@example.org' WHERE id_personne = 4"
        )

    def certify_late(self) -> None:
        with self.maison.open() as entrepot:
            record_evenement(
                entrepot, mois=JUIN, code_caf=A, version=1, etat="detruit", acteur="essai", code_cpam="831"
            )

    def purge_a(self) -> None:
        self._purge(A)

    def purge_b(self) -> None:
        self._purge(B)

    def _purge(self, code: str) -> None:
        self.maison.treat(code, str(MAINTENANT.date()), *self.maison.list_cpam(code))
        bilan = self.maison.purge(DANS_UN_MOIS)
        assert (bilan.lots, bilan.mois, bilan.echecs) == (1, 0, {})
        self.detruites.add(code)

    def read(self) -> list[list[tuple[Any, ...]]]:
        return [[tuple(ligne) for ligne in self.maison.run(requete)] for requete in CHIFFRES]

    def require_nobody(self) -> None:
        """Nobody of a destroyed Caf is anywhere, and the others are where they were."""
        assert self.maison.search("canari.aucun", *(TRACES[code] for code in self.detruites)) == []
        assert self.maison.search(TRACES[C])
        with self.maison.open() as entrepot:
            prove_destructions(entrepot, self.maison.share)
            assert verify_trace(entrepot) == []


@pytest.fixture
def vie(maison: Maison, tmp_path: Path) -> Iterator[Vie]:
    """Give a month that is extracted, published, measured and dropped."""
    with create_moteur(f"sqlite:///{tmp_path / 'si_allocataires.db'}").connect() as connexion:
        for table, colonnes in CONTRAT.items():
            connexion.exec_driver_sql(f"CREATE TABLE {table} ({', '.join(colonnes)})")
        source = Source(connexion)
        source.add(1, AJPA, AJPP, courriel="canari.var.1@example.org")
        source.add(2, AJPP, courriel="canari.var.2@example.org", opposition=True)
        source.add(3, AJPA, courriel="canari.var.3@@example", telephone=None)
        source.add(4, AJPA, caf=B, courriel="canari.nord.4@example.org", code_postal="59000")
        source.add(5, AJPP, caf=B, courriel="canari.nord.5@example.org", telephone=None, code_postal="59000")
        source.add(6, AJPA, caf=C, courriel="canari.loire.6@example.org", code_postal="42000")
        source.apply(7, AJPA)  # of nobody: without a Caf
        vie = Vie(maison, source)
        vie.extract()
        yield vie


@pytest.mark.parametrize("graine", range(4))
def test_whatever_the_order_the_figures_stand_and_nobody_comes_back(vie: Vie, graine: int) -> None:
    attendu = vie.read()
    assert [c for _, _, c in attendu[1] if c] == [1, 1], "une opposition et une personne sans contact"
    suite: list[Callable[[], None]] = [
        vie.purge_a, vie.extract_anew, vie.correct_b, vie.extract, vie.purge_b, vie.certify_late
    ]  # fmt: skip
    random.Random(graine).shuffle(suite)
    for acte in (*suite, vie.extract_anew):
        acte()
        assert vie.read() == attendu, acte.__name__
        vie.require_nobody()
    assert search_files(vie.maison.dsn_proprietaire, *(TRACES[code] for code in vie.detruites)) == []


def test_the_others_lots_are_written_again_while_the_destroyed_one_stays_away(vie: Vie) -> None:
    vie.purge_a()
    vie.correct_b()
    vie.extract_anew()
    assert not (vie.maison.racine / A / "2025-06").exists()
    depot = vie.maison.read_lot(B)
    assert depot is not None
    assert (depot["version"], depot["lignes"]) == (2, 2)
    assert vie.maison.read_lot(C)["version"] == 1  # type: ignore[index]


def test_a_month_that_nobody_measured_is_measured_before_its_first_persons_go(vie: Vie) -> None:
    attendu = vie.read()
    vie.maison.run("DELETE FROM marts.mesure")
    vie.purge_a()
    assert vie.read() == attendu


def test_an_extract_that_is_not_published_changes_no_measure_when_the_purge_comes(vie: Vie) -> None:
    attendu = vie.read()
    vie.source.add(8, AJPA, courriel="canari.var.8@example.org")
    with vie.maison.open() as entrepot:
        extract_demandeurs(vie.source.connexion, entrepot, JUIN, NATURES, JOUR)
        clean_demandeurs(entrepot, str(JUIN))
    vie.purge_a()
    assert vie.read() == attendu
    vie.require_nobody()


@pytest.mark.parametrize("etape", ["profile", "measure"])
def test_what_counts_waits_for_the_purge_that_is_under_way(vie: Vie, etape: str) -> None:
    """Whoever read the list of the destroyed before it would write zeros in the place of their figures."""
    attendu = vie.read()

    def count() -> None:
        with vie.maison.open() as entrepot:
            profile(entrepot, JUIN, "r1") if etape == "profile" else measure_mois(entrepot, JUIN)

    with vie.maison.open() as purge:
        lock(purge, "staging.demandeur", "2025-06")
        fil = threading.Thread(target=count)
        fil.start()
        fil.join(0.5)
        assert fil.is_alive()
        purge.execute(text("DELETE FROM staging.demandeur WHERE code_caf = '831'"))
        purge.execute(text("DELETE FROM core.demandeur WHERE code_caf = '831'"))
        purge.execute(text("INSERT INTO suivi.destruction VALUES ('2025-06', '831', 'delai', 'p', '{}')"))
    fil.join(30)
    assert vie.read() == attendu


def test_once_every_caf_is_destroyed_so_is_the_month(vie: Vie) -> None:
    attendu = vie.read()
    vie.maison.purge()
    with pytest.raises(ErreurAllerVers, match="Le mois 2025-06 a été détruit"):
        vie.extract_anew()
    assert vie.read() == attendu
