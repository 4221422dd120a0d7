"""Several acknowledgements at once: all of them, or none and what was typed stays in the form."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import Request
from sqlalchemy import Connection, text

from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.mois import Mois
from aller_vers.suivi.evenements import record_evenement
from aller_vers_airflow.pilotage import choix
from aller_vers_airflow.pilotage.acces import Lecteur
from aller_vers_airflow.pilotage.ecran_transmissions import Saisie, take_accuses

VAR, GIRONDE = "2025-08-831-1-831", "2025-08-331-1-331"


@pytest.fixture
def inscrire(
    entrepot: Connection, dsn_role: Callable[[str], str]
) -> Iterator[Callable[..., tuple[int, str, list[str]]]]:
    """Two lots of twelve people wait; give what the page answers, and who was sent to by then."""
    for caf in ("831", "331"):
        record_evenement(
            entrepot, mois=Mois(2025, 8), code_caf=caf, version=1, etat="depose", acteur="essai",
            preuve={"lignes": 12, "identite": caf},
        )  # fmt: skip
    entrepot.commit()
    moteur = create_moteur(dsn_role("av_pilotage"))
    demande = Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []})

    def ask(lots: dict[str, str], portail: str = "peps") -> tuple[int, str, list[str]]:
        jour = entrepot.execute(
            text("SELECT (suivi.maintenant() AT TIME ZONE 'Europe/Paris')::date")
        ).scalar_one()
        with moteur.begin() as pilotage:
            reponse = take_accuses(
                demande, Lecteur("decideuse", peut_decider=True, peut_transmettre=True), pilotage,
                choix.ChoixMois(demande, pilotage), Saisie(portail, jour, lots),
            )  # fmt: skip
        envois = entrepot.execute(
            text(
                "SELECT code_cpam, preuve ->> 'lignes', acteur FROM suivi.evenement WHERE etat = 'transmis' ORDER BY 1"
            )
        )
        return reponse.status_code, bytes(reponse.body).decode(), [" ".join(e) for e in envois]

    yield ask
    choix.forget_a_faire()
    moteur.dispose()


def test_the_lots_that_are_ticked_are_recorded_in_the_name_of_the_person(
    inscrire: Callable[..., tuple[int, str, list[str]]],
) -> None:
    assert inscrire({VAR: "12", GIRONDE: "10"}) == (303, "", ["331 10 decideuse", "831 12 decideuse"])


@pytest.mark.parametrize(
    ("nombre", "constat"),
    [("13", "13 ne peuvent pas"), ("", "manque"), ("douze", "manque")],
)
def test_one_that_cannot_be_records_none_and_leaves_what_was_typed(
    inscrire: Callable[..., tuple[int, str, list[str]]], nombre: str, constat: str
) -> None:
    statut, texte, envois = inscrire({GIRONDE: "10", VAR: nombre})
    assert (statut, envois) == (400, [])
    assert constat in texte
    for lot, lu in ((VAR, nombre), (GIRONDE, "10")):
        assert f'name="lignes-{lot}" min="0" max="12" value="{lu}"' in texte
        assert f'value="{lot}"' in texte.split(" checked")[0] + texte.split(" checked")[1]
    assert '<option value="peps" selected>' in texte
    # Once mended, it goes.
    assert inscrire({GIRONDE: "10", VAR: "2"})[0] == 303


def test_nothing_that_is_ticked_says_so(inscrire: Callable[..., tuple[int, str, list[str]]]) -> None:
    statut, texte, _ = inscrire({})
    assert statut == 400
    assert "Aucun lot n&#39;est coché" in texte
