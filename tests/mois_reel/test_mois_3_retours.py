"""What comes back from a Caf and what does not, through the real scheduler: taken, refused, held, late, to destroy.

One part of what runs on one Airflow, in the order of the files and of their tests.
"""

from __future__ import annotations

import os
import time
from datetime import date, timedelta
from typing import Any

import pytest
from destruction_exemples import VIEILLIR
from mois_reel_gestes import list_runs, read_states, start_paused, wait_new_run, wait_state

pytestmark = pytest.mark.timeout(900)
ACCUSE = "code_caf;mois;version;cpam;lignes;portail;date_transmission;reference\n"
RETOUR = "code_cpam;code_caf;mois;cibles;personnes_jointes\n"
CERTIFICATS = "code_cpam;code_caf;mois;version;date_destruction\n"
FAUX_ACCUSE = f"{ACCUSE}831;2025-06;1;831;quarante;bluefiles;01/07/2025;\n"


def put(reel: Any, nom: str, contenu: str, caf: str = "831", heures: int = 1) -> None:
    """Put a file, as old as that, into the mailbox of a Caf."""
    fichier = reel.poste.partage / caf / "retours" / nom
    fichier.parent.mkdir(exist_ok=True)
    fichier.write_text(contenu, encoding="utf-8")
    instant = time.time() - 3_600 * heures
    os.utime(fichier, (instant, instant))


def list_avis(reel: Any, debut: str, corps: str = "") -> list[tuple[str, str]]:
    """Return the key and the reader of the notices whose key starts so, and whose text says that."""
    return list(
        reel.fetch(
            "SELECT cle, destinataire FROM suivi.avis WHERE starts_with(cle, %s) AND strpos(corps, %s) > 0"
            " ORDER BY cle", debut, corps,
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def depot(reel: Any) -> date:
    """Make the lots of June and July eighty days old; return the day when they were dropped."""
    with reel.base("aller_vers") as base:
        base.execute(VIEILLIR.replace("{age}", "80 days"))
    [(jour,)] = reel.fetch(
        "SELECT (max(cree_le) AT TIME ZONE 'Europe/Paris')::date FROM suivi.evenement WHERE etat = 'depose'"
    )
    return jour  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def lignes(reel: Any) -> int:
    """The people of the Var's lot of June."""
    [(nombre,)] = reel.fetch(
        "SELECT (preuve ->> 'lignes')::int FROM suivi.evenement WHERE mois = '2025-06' AND code_caf = '831'"
        " AND etat = 'depose' ORDER BY id DESC LIMIT 1"
    )
    return int(nombre)


def test_of_two_acknowledgements_the_newer_stands_and_a_refused_one_is_told_to_its_caf_and_to_the_team(
    reel: Any, depot: date, lignes: int
) -> None:
    def acknowledge(mois: str, version: int, nombre: int, apres: int, reference: str) -> str:
        envoi = depot + timedelta(days=apres)
        return f"831;{mois};{version};831;{nombre};bluefiles;{envoi:%d/%m/%Y};{reference}\n"

    put(reel, "ACCUSE v9.csv", ACCUSE + acknowledge("2025-06", 1, 0, 2, "BF-9"), heures=3)
    put(reel, "ACCUSE v10.csv", ACCUSE + acknowledge("2025-06", 1, lignes, 31, "BF-10"), heures=2)
    juillet = [acknowledge("2025-07", version, 1, 1, f"BF-{version}") for version in (1, 2)]
    put(reel, "ACCUSE juillet.csv", ACCUSE + "".join(juillet))
    put(reel, "ACCUSE faux.csv", FAUX_ACCUSE)
    put(reel, "personnes.csv", "courriel\ncanari.zibeline@courriel.example.org\n")
    start_paused(reel, "suivi_transmissions")
    dites = reel.fetch(
        "SELECT preuve ->> 'reference' FROM suivi.evenement WHERE mois = '2025-06' AND code_caf = '831'"
        " AND etat IN ('transmis', 'rien_a_transmettre') ORDER BY id"
    )
    assert dites == [("BF-9",), ("BF-10",)], "the newer file is the last word, whatever its name"
    assert sorted(f.name for f in (reel.poste.partage / "831" / "refuses").iterdir()) == [
        "ACCUSE faux.csv", "ACCUSE faux.csv.motif.txt", "personnes.csv.motif.txt",
    ]  # fmt: skip
    assert [qui for _, qui in list_avis(reel, "refus/831/", "ACCUSE faux.csv")] == ["caf:831"]
    assert [qui for _, qui in list_avis(reel, "refus/equipe/", "831 · Var (2)")] == ["equipe_nationale"]


def test_what_is_late_is_reminded_by_steps_and_a_replaced_version_is_to_be_destroyed(
    reel: Any, depot: date
) -> None:
    """In June the return is due since four days; in July since weeks, its certificate since a few days."""
    assert list_avis(reel, "relance/retour/") == [
        ("relance/retour/2025-06/831/831/J0", "caf:831"),
        ("relance/retour/2025-07/831/831/J10", "caf:831"),
        ("relance/retour/2025-07/831/831/equipe", "equipe_nationale"),
    ]
    assert list_avis(reel, "certificat/") == [("certificat/2025-07/831/831", "caf:831")]
    [(a_la_caf, _), (a_l_equipe, _)] = copie = list_avis(
        reel, "relance/copie/", "la version 1 du lot de juillet 2025"
    )
    assert [qui for _, qui in copie] == ["caf:831", "equipe_nationale"]
    assert (a_la_caf.rsplit("/", 1)[1], a_l_equipe.rsplit("/", 1)[1]) == ("J10", "equipe")
    assert reel.fetch(
        "SELECT version, place, depuis IS NULL, certifie FROM suivi.certificat_attendu WHERE mois = '2025-07'"
        " AND code_caf = '831' ORDER BY version"
    ) == [(1, "remplacee", False, False), (2, "en_place", True, False)]


def test_of_two_returns_the_newer_is_measured_and_a_refused_or_held_one_is_told(
    reel: Any, depot: date, lignes: int
) -> None:
    put(reel, "RETOUR.csv", f"{RETOUR}831;831;2025-06;{lignes};0\n", heures=3)
    put(reel, "RETOUR (1).csv", f"{RETOUR}831;831;2025-06;{lignes};1\n", heures=2)
    put(reel, "RETOUR faux.csv", f"{RETOUR}831;831;2025-06;douze;1\n")
    put(reel, "CERTIFICATS.csv", f"{CERTIFICATS}831;831;2025-07;1;{depot + timedelta(days=9):%d/%m/%Y}\n")
    put(reel, "RETOUR.csv", f"{RETOUR}594;591;2025-06;1;0\n", caf="591")
    suivants = list_runs(reel, "marts_indicateurs")
    run = start_paused(reel, "retours_cpam")
    assert set(read_states(reel, run, "retours_cpam").values()) == {"success"}
    traites = reel.poste.partage / "831" / "retours" / "traites"
    assert sorted(f.name.split("_", 1)[1] for f in traites.iterdir() if f.suffix != ".txt") == [
        "ACCUSE juillet.csv", "ACCUSE v10.csv", "ACCUSE v9.csv", "CERTIFICATS.csv", "RETOUR (1).csv", "RETOUR.csv",
    ]  # fmt: skip
    assert reel.fetch(
        "SELECT code_cpam, modalite, valeur FROM marts.mesure WHERE mesure = 'retour_mensuel' AND mois = '2025-06'"
        " ORDER BY modalite"
    ) == [("831", "cibles", lignes), ("831", "personnes_jointes", 1)]
    assert [qui for _, qui in list_avis(reel, "refus/831/", "RETOUR faux.csv")] == ["caf:831"]
    assert [qui for _, qui in list_avis(reel, "refus/equipe/", "831 · Var (1)")] == ["equipe_nationale"]
    [(_, retenu)] = list_avis(reel, "retour/2025-06/mensuel/591/591/594/")
    [(_, bulletin)] = list_avis(reel, "porte/retours/", "(594)")
    assert (retenu, bulletin) == ("caf:591", "equipe_nationale")
    # Both months have a ledger that was not measured yet; each wakes the marts by its own key.
    cles = "SELECT DISTINCT partition_key FROM dag_run WHERE dag_id = 'marts_indicateurs' AND NOT run_id = ANY(%s)"
    wait_state(reel, wait_new_run(reel, "marts_indicateurs", suivants), "marts_indicateurs")
    assert {cle for (cle,) in reel.fetch_metadonnees(cles, list(suivants))} <= {"2025-06", "2025-07"}


def test_nobody_is_told_twice_and_a_certified_copy_is_owed_no_more(reel: Any) -> None:
    dits = list_avis(reel, "")
    put(reel, "ACCUSE faux.csv", FAUX_ACCUSE)
    run = start_paused(reel, "suivi_transmissions")
    assert set(read_states(reel, run, "suivi_transmissions").values()) == {"success"}
    assert list_avis(reel, "") == dits
    assert reel.fetch(
        "SELECT certifie FROM suivi.certificat_attendu WHERE mois = '2025-07' AND code_caf = '831' AND version = 1"
    ) == [(True,)]
