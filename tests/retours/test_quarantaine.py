"""What may hold somebody's data: closed to the Caf, told, decided by a person, or gone after a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from mutilations import ACCUSE_BON
from registre import MAINTENANT, QUARANTAINE, Registre

from aller_vers.partage.partage import Partage
from aller_vers.retours.fichiers.boite import BilanReception
from aller_vers.retours.fichiers.conservation import make_horodatage, purge_traites, read_horodatage
from aller_vers.retours.fichiers.quarantaine import admit, destroy, list_ecartes, purge_quarantaine
from aller_vers.socle.erreurs import ErreurAllerVers

DOUTEUX = ACCUSE_BON.replace("BF-17", "199001234")
CLE = "831/20250820-080000_accuse.csv"


@pytest.mark.parametrize(
    "nuit", [datetime(2025, 10, 25, 22, tzinfo=UTC), datetime(2026, 3, 28, 22, tzinfo=UTC)]
)
def test_a_day_has_24_hours_in_the_nights_when_clocks_change(nuit: datetime) -> None:
    for quart in range(96):
        ecarte_le = nuit - timedelta(hours=18) + timedelta(minutes=15 * quart)
        lu = read_horodatage(f"{make_horodatage(ecarte_le)}_accuse.csv")
        assert lu is not None
        garde = (lu + QUARANTAINE.duree).astimezone(UTC) - ecarte_le
        double = nuit + timedelta(hours=2) <= ecarte_le < nuit + timedelta(hours=3) and nuit.month == 10
        assert garde == timedelta(hours=25 if double else 24), ecarte_le


@pytest.fixture
def partage(registre: Registre) -> Partage:
    """Give the share of a Caf whose acknowledgement may hold a telephone, once it was read."""
    registre.drop()
    registre.put("accuse.csv", DOUTEUX)
    assert registre.collect_accuses() == BilanReception(ecartes=1)
    return Partage(str(registre.racine))


def test_it_is_closed_to_the_caf_told_once_and_not_repeated(registre: Registre, partage: Partage) -> None:
    assert registre.files() == {"retours": [], "refuses": ["accuse.csv.motif.txt"]}
    assert [e.cle for e in list_ecartes(partage, QUARANTAINE)] == [CLE]
    assert "La cellule H2 ressemble" in registre.motifs()["accuse.csv"]
    [(destinataire, corps)] = registre.run(
        "SELECT destinataire, corps FROM suivi.avis WHERE corps LIKE '%quarantaine --admettre%'"
    )
    assert destinataire == "equipe_nationale"
    assert f"quarantaine --admettre {CLE}" in corps
    assert "21/08/2025 à 08:00" in corps
    assert "199001234" not in corps + registre.motifs()["accuse.csv"]
    assert registre.events() == []


def test_a_person_may_say_that_it_is_nobody_s(registre: Registre, partage: Partage) -> None:
    (registre.racine / "quarantaine" / CLE).write_text(ACCUSE_BON.replace("BF-17", "(01) 99/00 12-34"))
    admit(partage, QUARANTAINE, CLE)
    assert not list(list_ecartes(partage, QUARANTAINE))
    assert registre.collect_accuses() == BilanReception(refuses=1), (
        "read again; the ledger keeps no such reference"
    )
    assert "trop longue, ou ressemble" in registre.motifs()["accuse.csv"]


def test_a_file_admitted_is_taken(registre: Registre, partage: Partage) -> None:
    (registre.racine / "quarantaine" / CLE).write_text(ACCUSE_BON)
    admit(partage, QUARANTAINE, CLE)
    assert registre.collect_accuses() == BilanReception(pris=1)
    assert registre.files()["traites"] == ["accuse.csv"]
    assert registre.events() == [("transmis", "831", 1, "831")]


def test_a_person_may_destroy_it_and_nobody_s_decision_destroys_it_in_time(
    registre: Registre, partage: Partage
) -> None:
    assert purge_quarantaine(partage, QUARANTAINE, MAINTENANT + timedelta(hours=23)) == 0
    with pytest.raises(ErreurAllerVers, match="n'attend en quarantaine"):
        destroy(partage, QUARANTAINE, "831/../831/x")
    destroy(partage, QUARANTAINE, CLE)
    assert not list(list_ecartes(partage, QUARANTAINE))
    registre.put("accuse.csv", DOUTEUX)
    registre.collect_accuses()
    assert purge_quarantaine(partage, QUARANTAINE, MAINTENANT + timedelta(hours=24)) == 1
    assert b"199001234" not in b"".join(f.read_bytes() for f in registre.racine.rglob("*") if f.is_file())


def test_what_was_taken_goes_after_its_time_by_the_instant_in_its_name(registre: Registre) -> None:
    registre.drop()
    registre.put("accuse.csv", ACCUSE_BON)
    registre.collect_accuses()
    (registre.racine / "011").mkdir()
    (registre.racine / "011" / "retours").write_text("a file, by mistake")
    partage = Partage(str(registre.racine))
    assert purge_traites(partage, MAINTENANT) == 0
    assert registre.files()["traites"] == ["accuse.csv"]
    assert purge_traites(partage, MAINTENANT + timedelta(seconds=1)) == 2, "the file and its receipt"
    assert registre.files()["traites"] == []
