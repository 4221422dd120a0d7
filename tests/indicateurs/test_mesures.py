"""Measures: what adds up, by Caf, replaced month by month."""

from __future__ import annotations

from requete_exemples import JUIN, OPPOSEE, PARTIE, SANS_CONTACT, load_net
from sqlalchemy import Connection, text

from aller_vers.mesures.stockage import store_mesures
from aller_vers.requete.publication import publish_mois
from aller_vers.suivi.evenements import record_evenement

MAI = JUIN.shift(-1)
MOIS = str(JUIN)


def read_mesures(entrepot: Connection, mesure: str, mois: str = MOIS) -> dict[tuple[str, str], int]:
    """Return the values that are not 0, by Caf and modality."""
    lignes = entrepot.execute(
        text(
            "SELECT code_caf, modalite, valeur FROM marts.mesure"
            " WHERE mois = :mois AND mesure = :mesure AND valeur <> 0"
        ),
        {"mois": mois, "mesure": mesure},
    )
    return {(ligne.code_caf, ligne.modalite): int(ligne.valeur) for ligne in lignes}


def test_the_request_is_measured_by_caf_and_modality(etl: Connection) -> None:
    load_net(
        etl,
        {},
        {"demandes_ajpa": "2", "demandes_ajpp": "1", "telephone_net": None},
        {"demandes_ajpa": "0", "demandes_ajpp": "1", "courriel_net": None},
        OPPOSEE,
        PARTIE,
        SANS_CONTACT,
        {"id_personne": None},
        {"code_caf": "971"},
    )
    publish_mois(etl, JUIN, "essai", depot=True)
    assert store_mesures(etl, "requete", JUIN) == {
        "contacts_utilisables": 303, "demandeurs": 404, "ecartes": 505,
    }  # fmt: skip
    assert read_mesures(etl, "demandeurs") == {
        ("831", "tous"): 7, ("831", "ajpa"): 6, ("831", "ajpp"): 2, ("831", "ajpa_et_ajpp"): 1,
        ("971", "tous"): 1, ("971", "ajpa"): 1,
    }  # fmt: skip
    assert read_mesures(etl, "contacts_utilisables") == {
        ("831", "tous"): 3, ("831", "courriel"): 2, ("831", "telephone"): 2,
        ("971", "tous"): 1, ("971", "courriel"): 1, ("971", "telephone"): 1,
    }  # fmt: skip
    assert read_mesures(etl, "ecartes") == {
        ("831", "opposition"): 1, ("831", "affiliation_terminee"): 1, ("831", "quarantaine"): 1,
        ("831", "sans_contact"): 1,
    }  # fmt: skip


def test_applicants_are_those_transmitted_and_those_set_aside(etl: Connection) -> None:
    load_net(
        etl,
        {},
        OPPOSEE,
        PARTIE,
        SANS_CONTACT,
        {"id_personne": "7"},
        {"id_personne": "7"},
        {"id_personne": None},
    )
    publish_mois(etl, JUIN, "essai", depot=True)
    store_mesures(etl, "requete", JUIN)
    transmis = read_mesures(etl, "contacts_utilisables")["831", "tous"]
    assert read_mesures(etl, "demandeurs")["831", "tous"] == transmis + sum(
        read_mesures(etl, "ecartes").values()
    )


def test_every_reason_to_set_aside_is_measured(etl: Connection) -> None:
    """A reason that publishing gives and the measure does not know would vanish from the sum."""
    load_net(etl, {}, OPPOSEE, PARTIE, SANS_CONTACT, {"id_personne": None})
    publish_mois(etl, JUIN, "essai", depot=True)
    store_mesures(etl, "requete", JUIN)
    motifs = set(etl.scalars(text("SELECT DISTINCT motif FROM core.ecarte")))
    assert {modalite for _, modalite in read_mesures(etl, "ecartes")} == motifs
    assert len(motifs) == 4


def test_recomputing_changes_nothing_and_touches_no_other_month(etl: Connection) -> None:
    load_net(etl, {}, {}, mois=MAI)
    publish_mois(etl, MAI, "mai", depot=True)
    store_mesures(etl, "requete", MAI)
    load_net(etl, {}, SANS_CONTACT)
    publish_mois(etl, JUIN, "essai", depot=True)
    store_mesures(etl, "requete", JUIN)
    tout = text("SELECT * FROM marts.mesure ORDER BY mois, mesure, code_caf, modalite")
    avant = etl.execute(tout).all()
    store_mesures(etl, "requete", JUIN)
    assert etl.execute(tout).all() == avant
    load_net(etl, {})
    publish_mois(etl, JUIN, "essai", depot=True)
    store_mesures(etl, "requete", JUIN)
    assert read_mesures(etl, "demandeurs")["831", "tous"] == 1
    assert read_mesures(etl, "demandeurs", MAI)["831", "tous"] == 2


def test_a_caf_without_anybody_has_zeros_and_not_nothing(etl: Connection) -> None:
    load_net(etl)
    publish_mois(etl, JUIN, "essai", depot=True)
    store_mesures(etl, "requete", JUIN)
    valeurs = etl.execute(
        text(
            "SELECT count(*), sum(valeur) FROM marts.mesure WHERE mesure = 'demandeurs' AND code_caf = '971'"
        )
    ).one()
    assert tuple(valeurs) == (4, 0)


def test_lots_are_measured_from_the_last_word_of_the_ledger(etl: Connection) -> None:
    load_net(etl, {})
    publish_mois(etl, JUIN, "essai", depot=True)

    def tell(code_caf: str, etat: str, lignes: int = 0, version: int = 1) -> None:
        record_evenement(
            etl, mois=MOIS, code_caf=code_caf, version=version, etat=etat, acteur="essai",  # type: ignore[arg-type]
            preuve={"lignes": lignes},
        )  # fmt: skip

    tell("831", "retenu")
    tell("831", "depose", 1)
    tell("971", "depose", 0)
    tell("751", "depose", 3)
    tell("751", "retenu", version=2)
    tell("011", "prepare")
    assert store_mesures(etl, "indicateurs", JUIN)["lots"] == 404
    mesures = read_mesures(etl, "lots")
    assert sum(n for (_, modalite), n in mesures.items() if modalite == "attendus") == 101
    assert {cle for cle in mesures if cle[1] != "attendus"} == {
        ("831", "deposes"), ("971", "deposes"), ("971", "vides"), ("751", "retenus"),
    }  # fmt: skip


def test_a_month_that_drops_nothing_expects_no_lot(etl: Connection) -> None:
    load_net(etl, {})
    publish_mois(etl, JUIN, "essai", depot=False)
    assert store_mesures(etl, "indicateurs", JUIN)["lots"] == 0
