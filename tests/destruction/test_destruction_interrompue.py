"""A purge or an objection killed between any two of its acts: nothing false is ever said, the next run completes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from destruction_exemples import DANS_TROIS_MOIS, JUIN, LOUTRE, TRACES, ZIBELINE, Maison
from lots_exemples import make_reglages

from aller_vers.destruction.oppositions import record_oppositions
from aller_vers.destruction.preuve import prove_destructions
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.suivi.trace import verify_trace
from mort_subite import run_killed_on_disk


def test_a_purge_killed_at_every_act_is_completed_and_certifies_nothing_false(maison: Maison) -> None:
    mois, point, morts = Mois(2010, 1), 0, 0
    while True:
        point += 1
        mois = mois.shift(1)
        maison.fill(mois, {"831": [ZIBELINE, LOUTRE]})
        maison.drop(mois, "831")
        tuee = run_killed_on_disk(point, maison.racine, lambda: maison.purge(DANS_TROIS_MOIS))
        with maison.open() as entrepot:
            prove_destructions(entrepot, maison.share)  # whatever is certified is gone
        for manifeste in maison.racine.glob("831/*/v*/manifeste.json"):
            fichiers = json.loads(manifeste.read_bytes())["fichiers"]
            assert all((manifeste.parent / f["nom"]).exists() for f in fichiers), (
                "un lot est entier, ou n'est pas"
            )
        if not tuee:
            break
        morts += 1
        assert maison.purge(DANS_TROIS_MOIS, run_id="purge-2").echecs == {}
        assert not (maison.racine / "831" / str(mois)).exists()
        assert maison.list_tables(mois) == []
        assert [code for m, code in maison.find_expires() if m == str(mois)] == ["831", NATION]
    assert morts > 10
    assert maison.search(*TRACES) == []
    with maison.open() as entrepot:
        assert verify_trace(entrepot) == []
    [(lots, certificats)] = maison.run(
        "SELECT count(DISTINCT (mois, code_caf)), count(*) FROM suivi.evenement WHERE etat = 'expire'"
    )
    assert lots == certificats == 2 * (morts + 1)
    comptes = maison.run(
        "SELECT DISTINCT preuve -> 'lignes_detruites' FROM suivi.evenement WHERE code_caf = '831' AND etat = 'expire'"
    )
    assert comptes == [({"core.demandeur": 2, "staging.demandeur": 2, "staging.demandeur_brut": 2},)]


def test_an_objection_killed_at_every_act_is_completed_in_one_story(
    maison: Maison, dsn_role: Callable[[str], str]
) -> None:
    codes = [code for (code,) in maison.run("SELECT code_caf FROM marts.caf ORDER BY 1")]
    opposees = {code: f"72000{code}" for code in codes}
    maison.fill(
        JUIN,
        {
            code: [
                (opposees[code], f"opposee.{code}@example.org", *ZIBELINE[2:]),
                (f"73000{code}", *LOUTRE[1:]),
            ]
            for code in codes
        },
    )
    morts = 0
    for point, code in enumerate(codes, start=1):
        maison.drop(JUIN, code)
        with open_transaction(dsn_role("av_pilotage"), "av_pilotage") as pilotage:
            record_oppositions(pilotage, make_reglages(), [opposees[code]])
        tuee = run_killed_on_disk(point, maison.racine, maison.treat_oppositions)
        lot = maison.read_lot(code)  # fails by itself on a lot that is not complete
        assert lot is not None
        assert lot["version"] in (1, 2)
        if tuee:
            morts += 1
            assert maison.treat_oppositions().echecs == {}
        lot = maison.read_lot(code)
        assert lot is not None
        assert (lot["version"], lot["lignes"]) == (2, 1)
        assert [v for v, etat in maison.journal(code) if etat == "depose"] == [1, 2]
        if not tuee:
            break
    else:
        pytest.fail("the treatment never survived")
    assert morts > 15
    assert maison.run("SELECT DISTINCT traitee_le IS NULL, lots FROM suivi.opposition") == [(False, [])]
    assert maison.search(*(f"opposee.{code}@" for code in codes[: morts + 1])) == []
    assert maison.search(*(opposees[code] for code in codes[: morts + 1])) == []
    avis = maison.run("SELECT count(*) FROM suivi.avis WHERE cle LIKE 'opposition/%'")
    assert avis == [(morts + 1,)]
    with maison.open() as entrepot:
        assert verify_trace(entrepot) == []


def test_an_objection_and_a_purge_and_a_drop_at_once_end_in_one_story(
    maison: Maison, dsn_role: Callable[[str], str]
) -> None:
    import threading

    maison.drop_juin()
    with open_transaction(dsn_role("av_pilotage"), "av_pilotage") as pilotage:
        record_oppositions(pilotage, make_reglages(), [ZIBELINE[0]])
    barriere = threading.Barrier(3)
    erreurs: list[str] = []

    def start(action: Callable[[], object]) -> threading.Thread:
        def run() -> None:
            barriere.wait()
            try:
                action()
            except Exception as erreur:  # noqa: BLE001 - told below
                erreurs.append(str(erreur))

        fil = threading.Thread(target=run)
        fil.start()
        return fil

    for fil in [
        start(maison.treat_oppositions),
        start(lambda: maison.purge(DANS_TROIS_MOIS)),
        start(lambda: maison.drop(JUIN, "831")),
    ]:
        fil.join(60)
    assert [e for e in erreurs if "a été détruit" not in e] == []
    assert maison.purge(DANS_TROIS_MOIS).echecs == {}
    maison.treat_oppositions()
    assert maison.search(*TRACES) == []
    assert len(maison.find_expires()) == 4
    with maison.open() as entrepot:
        assert verify_trace(entrepot) == []
