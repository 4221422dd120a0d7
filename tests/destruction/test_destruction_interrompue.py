"""A purge or an objection killed between any two of its acts: nothing false is ever said, the next run completes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest
from destruction_exemples import DANS_TROIS_MOIS, JUIN, LOUTRE, TRACES, ZIBELINE, Maison
from lots_exemples import make_reglages
from sqlalchemy import Engine, event

from aller_vers.destruction.oppositions import record_oppositions
from aller_vers.destruction.preuve import prove_destructions
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.suivi.trace import verify_trace

TUE = 9


def run_killed(maison: Maison, action: Callable[[], object], point: int) -> bool:
    """Run in a process that dies right before its ``point``-th act; False if it ends alive.

    Acts: every statement and commit on the warehouse; on the share, making a folder, opening a file to write it,
    renaming, removing a file or a folder.
    """
    enfant = os.fork()
    if enfant:
        fin = os.waitstatus_to_exitcode(os.waitpid(enfant, 0)[1])
        assert fin in (0, TUE)
        return fin == TUE
    try:
        _die_at(point, str(maison.racine))
        action()
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a child must never go on as a second pytest
        sys.excepthook(*sys.exc_info())
        os._exit(3)


def _die_at(point: int, racine: str) -> None:
    compte = 0

    def act(*_: object, **__: object) -> None:
        nonlocal compte
        compte += 1
        if compte == point:
            os._exit(TUE)

    def audit(evenement: str, arguments: tuple[Any, ...]) -> None:
        ecrit = evenement in ("os.rename", "os.remove", "os.rmdir", "os.mkdir") or (
            evenement == "open" and bool((arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR))
        )
        if ecrit and (evenement in ("os.remove", "os.rmdir") or str(arguments[0]).startswith(racine)):
            act()

    sys.addaudithook(audit)
    event.listen(Engine, "before_cursor_execute", act)
    event.listen(Engine, "commit", act)


def test_a_purge_killed_at_every_act_is_completed_and_certifies_nothing_false(maison: Maison) -> None:
    mois, point, morts = Mois(2010, 1), 0, 0
    while True:
        point += 1
        mois = mois.shift(1)
        maison.fill(mois, {"831": [ZIBELINE, LOUTRE]})
        maison.drop(mois, "831")
        tuee = run_killed(maison, lambda: maison.purge(DANS_TROIS_MOIS), point)
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
    assert morts > 25
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
        tuee = run_killed(maison, maison.treat_oppositions, point)
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
    assert morts > 40
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


if not hasattr(os, "fork"):
    pytest.skip("os.fork is missing", allow_module_level=True)
