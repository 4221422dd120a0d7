"""The rules of the request: each counts its own defect, for the Caf that has it."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from requete_exemples import JUIN, OPPOSEE, PARTIE, SANS_CONTACT, load_net
from sqlalchemy import Connection, text

from aller_vers.qualite import regles as module
from aller_vers.qualite.regles import load_regles, parse_regle
from aller_vers.qualite.suites import load_suite
from aller_vers.requete.profil import profile_requete
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.sql import DOSSIER

RUN = "essai"
ENTETE = "-- code: neuve\n-- libelle: L\n-- protege: P\n-- source: S\n-- bloquante: non\n"
BLOQUANTES = {
    "dates_inversees", "depot_hors_mois", "format_inattendu", "identite_absente", "identite_dupliquee", "opposition_inconnue",
    "opposition_transmise", "prestation_inconnue",
}  # fmt: skip

ILLISIBLE = {"courriel": "néant", "courriel_net": None}
HORS_TERRITOIRE = {"code_postal": "59000", "code_postal_net": "59000"}
# What breaks one row of the Caf 751, and every rule that counts it.
DEFAUTS: list[tuple[str, dict[str, str | None]]] = [
    ("code_postal_inconnu", {"code_postal": "99999", "code_postal_net": None}),
    ("code_postal_absent", {"code_postal": "\u00a0", "code_postal_net": None}),
    ("courriel_inutilisable", ILLISIBLE),
    ("courriel_absent", {"courriel": None, "courriel_net": None}),
    ("telephone_inutilisable", {"telephone": "0000000000", "telephone_net": None}),
    ("telephone_absent", {"telephone": "", "telephone_net": None}),
    (
        "champs_inverses courriel_inutilisable telephone_inutilisable sans_contact",
        {"courriel": "0199001234", "telephone": "claire@example.org", "courriel_net": None,
         "telephone_net": None, "motifs": "{champs_inverses}"},
    ),
    ("opposition", OPPOSEE),
    ("affiliation_terminee", PARTIE),
    ("depot_hors_mois", {"date_premier_depot": "2025-05-31"}),
    ("depot_hors_mois", {"date_dernier_depot": "2025-07-01"}),
    ("depot_hors_mois", {"date_premier_depot": None}),
    ("depot_hors_mois", {"date_dernier_depot": None}),
    ("depot_hors_mois format_inattendu dates_inversees", {"date_dernier_depot": ""}),
    ("dates_inversees", {"date_premier_depot": "2025-06-11"}),
    ("format_inattendu", {"date_dernier_depot": "2025-06-10 00:00:00"}),
    ("format_inattendu", {"id_personne": "claire@example.org"}),
    ("format_inattendu", {"id_personne": "Claire Martin"}),
    ("format_inattendu", {"demandes_ajpa": "AJPA"}),
    ("format_inattendu", {"demandes_ajpp": "1.0"}),
    ("format_inattendu prestation_inconnue", {"demandes_autres": "831"[::-1] + "x"}),
    ("identite_absente", {"id_personne": None}),
    ("identite_absente", {"id_personne": " \u00a0"}),
    ("opposition_inconnue", {"opposition_contact": "0", "affiliation_terminee": None}),
    ("opposition_inconnue", {"opposition_contact": "0", "affiliation_terminee": ""}),
    ("opposition_inconnue", OPPOSEE | {"opposition_contact": None}),
    ("opposition_inconnue", OPPOSEE | {"opposition_contact": "true"}),
    (
        "opposition opposition_transmise",
        OPPOSEE | {"courriel": "claire@example.org", "courriel_net": "claire@example.org"},
    ),
    ("opposition opposition_transmise", OPPOSEE | {"telephone": "0199001234", "telephone_net": "0199001234"}),
    ("opposition opposition_transmise", OPPOSEE | {"code_postal": "75001", "code_postal_net": "75001"}),
    ("prestation_inconnue", {"demandes_ajpa": "0"}),
    ("prestation_inconnue", {"demandes_ajpa": None, "demandes_ajpp": None}),
    ("prestation_inconnue", {"demandes_autres": "1"}),
    ("contact_de_remplissage", {"courriel_net": "aucun@example.org"}),
    ("contact_de_remplissage", {"courriel_net": "test1@example.org"}),
    ("contact_de_remplissage", {"courriel_net": "pas-de-courriel@example.org"}),
    ("contact_de_remplissage", {"courriel_net": "nonrenseigne@example.org"}),
    ("contact_de_remplissage", {"courriel_net": "nc@nc.example"}),
    ("contact_de_remplissage", {"telephone_net": "06 12 34 56 78"}),
    ("contact_de_remplissage", {"telephone_net": "01 02 03 04 05"}),
    ("contact_de_remplissage", {"telephone_net": "06 06 06 06 06"}),
    ("contact_de_remplissage", {"telephone_net": "09 99 99 99 99"}),
    ("hors_territoire", HORS_TERRITOIRE),
    ("hors_territoire pivot_pour_caf", HORS_TERRITOIRE | {"code_caf_gestionnaire": "751"}),
]  # fmt: skip


def read_comptes(entrepot: Connection) -> dict[str, dict[str, int]]:
    lignes = entrepot.execute(
        text("SELECT code_caf, comptes FROM dq.profil_requete WHERE run_id = :r"), {"r": RUN}
    )
    return {
        ligne.code_caf: {regle: n for regle, n in ligne.comptes.items() if n}
        for ligne in lignes
        if any(ligne.comptes.values())
    }


def read_quarantaine(entrepot: Connection) -> list[tuple[str, str, int]]:
    lignes = entrepot.execute(
        text("SELECT code_caf, regle, nombre FROM dq.quarantaine WHERE run_id = :r ORDER BY 1, 2"), {"r": RUN}
    )
    return [tuple(ligne) for ligne in lignes]


@pytest.mark.parametrize(("regle", "defaut"), DEFAUTS)
def test_a_rule_counts_its_defect_for_the_right_caf_and_no_other(
    etl: Connection, regle: str, defaut: dict[str, str | None]
) -> None:
    load_net(etl, {}, {"code_caf": "751"}, defaut | {"code_caf": "751"}, {"code_caf": "971"})
    profile_requete(etl, JUIN, RUN)
    assert read_comptes(etl) == {"751": dict.fromkeys(regle.split(), 1)}


def test_every_rule_has_a_seeded_defect() -> None:
    semes = {code for regle, _ in DEFAUTS for code in regle.split()}
    semes |= {"identite_dupliquee", "contact_repete", "deja_le_mois_precedent"}  # two rows each: below
    assert semes == {regle.code for regle in load_regles("requete")}


def test_a_person_twice_is_counted_in_each_of_their_caf(etl: Connection) -> None:
    double = {"id_personne": "7"}
    load_net(etl, double, double | {"code_caf": "751"}, {"id_personne": None}, {"code_caf": "971"})
    profile_requete(etl, JUIN, RUN)
    assert read_comptes(etl) == {
        "831": {"identite_dupliquee": 1, "identite_absente": 1},
        "751": {"identite_dupliquee": 1},
    }


def test_two_people_without_identity_are_not_the_same_person(etl: Connection) -> None:
    load_net(etl, {"id_personne": None}, {"id_personne": None})
    profile_requete(etl, JUIN, RUN)
    assert read_comptes(etl) == {"831": {"identite_absente": 2}}


def test_the_same_person_in_two_months_is_not_twice_but_seen_again(etl: Connection) -> None:
    load_net(etl, {"id_personne": "6"}, mois=JUIN.shift(-2))
    load_net(etl, {"id_personne": "7"}, {"id_personne": None}, mois=JUIN.shift(-1))
    load_net(etl, {"id_personne": "6"}, {"id_personne": "7"}, {"id_personne": "8"})
    profile_requete(etl, JUIN, RUN)
    assert read_comptes(etl) == {"831": {"deja_le_mois_precedent": 1}}


def test_the_same_contacts_under_another_identity_are_counted_where_both_are_known(etl: Connection) -> None:
    memes = {"courriel_net": "a@example.org"}
    load_net(
        etl, memes, memes, memes | {"telephone_net": "01 99 00 56 78"}, memes | {"code_caf": "751"},
        ILLISIBLE, ILLISIBLE,
    )  # fmt: skip
    profile_requete(etl, JUIN, RUN)
    comptes = read_comptes(etl)
    assert (comptes["831"]["contact_repete"], comptes["751"]["contact_repete"]) == (2, 1)


def test_who_has_no_usable_contact_is_counted_with_what_is_unusable(etl: Connection) -> None:
    load_net(etl, SANS_CONTACT)
    profile_requete(etl, JUIN, RUN)
    assert read_comptes(etl) == {
        "831": {"courriel_inutilisable": 1, "telephone_inutilisable": 1, "sans_contact": 1}
    }


@pytest.mark.parametrize("vide", [None, "", "  ", "\u00a0", "\t"])
def test_a_blank_contact_is_absent_and_not_unusable(etl: Connection, vide: str | None) -> None:
    load_net(
        etl,
        {"courriel": vide, "courriel_net": None, "code_postal": vide, "code_postal_net": None},
        {"telephone": vide, "telephone_net": None},
    )
    profile_requete(etl, JUIN, RUN)
    comptes = read_comptes(etl)
    assert comptes == {"831": {"courriel_absent": 1, "code_postal_absent": 1, "telephone_absent": 1}}


def test_who_objects_is_no_defect(etl: Connection) -> None:
    load_net(etl, OPPOSEE, PARTIE)
    profile_requete(etl, JUIN, RUN)
    assert read_comptes(etl) == {"831": {"opposition": 1, "affiliation_terminee": 1}}, (
        "counted, and no contact missing"
    )


def test_quarantine_holds_the_counts_of_blocking_rules_and_a_replay_leaves_nothing_of_the_former(
    etl: Connection,
) -> None:
    load_net(
        etl,
        {"id_personne": "7"},
        {"id_personne": "7"},
        {"id_personne": None, "code_caf": "751"},
        SANS_CONTACT,
    )
    profile_requete(etl, JUIN, RUN)
    attendu = [("751", "identite_absente", 1), ("831", "identite_dupliquee", 2)]
    assert read_quarantaine(etl) == attendu
    profile_requete(etl, JUIN, RUN)
    assert read_quarantaine(etl) == attendu
    load_net(etl, {"id_personne": None, "code_caf": "751"}, {"id_personne": None, "code_caf": "751"})
    profile_requete(etl, JUIN, RUN)
    assert read_quarantaine(etl) == [("751", "identite_absente", 2)]


def test_quarantine_and_profile_have_room_for_counts_and_codes_alone(etl: Connection) -> None:
    colonnes = etl.execute(
        text(
            "SELECT table_name, string_agg(column_name, ' ' ORDER BY ordinal_position)"
            " FROM information_schema.columns"
            " WHERE table_schema = 'dq' AND table_name IN ('quarantaine', 'profil_requete')"
            " GROUP BY 1 ORDER BY 1"
        )
    )
    assert [tuple(ligne) for ligne in colonnes] == [
        ("profil_requete", "mois run_id code_caf connue lignes comptes"),
        ("quarantaine", "mois run_id code_caf regle nombre"),
    ]


def test_the_rules_that_block_are_these_and_each_is_critical_for_its_caf() -> None:
    assert {regle.code for regle in load_regles("requete") if regle.bloquante} == BLOQUANTES
    attentes = load_suite("requete_nationale").caf
    interdites = {a.regle for a in attentes if a.severite == "critical" and a.parametres == {"max_value": 0}}
    assert interdites == BLOQUANTES


def test_adding_a_rule_is_adding_a_file(
    etl: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copytree(DOSSIER / "requete", tmp_path / "requete")
    predicat = (
        "-- why: the seventh\nd.id_personne = '7'\n-- and its friends\nOR d.courriel LIKE '%@b.example.org'\n"
    )
    (tmp_path / "requete" / "regles" / "neuve.sql").write_text(ENTETE + predicat, encoding="utf-8")
    monkeypatch.setattr(module, "DOSSIER", tmp_path)
    load_net(etl, {"id_personne": "7"}, {"courriel": "a@b.example.org", "code_caf": "751"}, {})
    assert profile_requete(etl, JUIN, RUN) == len(load_regles("requete"))
    assert read_comptes(etl) == {"831": {"neuve": 1}, "751": {"neuve": 1}}


@pytest.mark.parametrize(
    ("texte", "manque"),
    [
        (ENTETE.replace("-- libelle: L\n", "") + "TRUE", r"il manque libelle\."),
        ("TRUE", "il manque code, libelle, protege, source, bloquante"),
        (ENTETE, "code, bloquante ou prédicat"),
        (ENTETE.replace("bloquante: non", "bloquante: peut-être") + "TRUE", "code, bloquante ou prédicat"),
        (ENTETE.replace("code: neuve", "code: autre") + "TRUE", "code, bloquante ou prédicat"),
    ],
)
def test_a_rule_whose_header_is_incomplete_or_misnamed_is_refused(texte: str, manque: str) -> None:
    with pytest.raises(ErreurAllerVers, match=rf"La règle neuve\.sql est incomplète.*{manque}"):
        parse_regle("neuve", texte)


def test_a_rule_is_read_with_its_header() -> None:
    regle = parse_regle("neuve", ENTETE + "\nd.ligne = 1\n")
    assert (regle.code, regle.libelle, regle.protege, regle.source) == ("neuve", "L", "P", "S")
    assert (regle.bloquante, regle.predicat) == (False, "d.ligne = 1")


def test_the_month_is_read_once_however_many_people_are_there(etl: Connection) -> None:
    """A rule that reads the month again for each row would take hours at 200,000 rows."""
    load_net(etl, {})
    etl.execute(
        text(
            "INSERT INTO staging.demandeur SELECT (jsonb_populate_record(d, jsonb_build_object("
            "'ligne', n, 'id_personne', n::text))).* FROM staging.demandeur AS d"
            " CROSS JOIN generate_series(2, 5000) AS g (n)"
        )
    )
    comptes = ", ".join(f"count(*) FILTER (WHERE {r.predicat})" for r in load_regles("requete"))
    etl.execute(text("SET LOCAL work_mem TO '256MB'"))
    plan = etl.execute(
        text(
            f"EXPLAIN (ANALYZE, FORMAT JSON) SELECT {comptes}"
            " FROM staging.demandeur AS d WHERE d.mois = :mois"
        ),
        {"mois": str(JUIN), "mois_precedent": str(JUIN.shift(-1))},
    ).scalar_one()
    assert _count_lectures(plan[0]["Plan"]) == {1}


def _count_lectures(noeud: dict[str, object]) -> set[int]:
    """Return how many times each node that reads the month was run."""
    tours = {int(str(noeud["Actual Loops"]))} if "Relation Name" in noeud else set()
    enfants = noeud.get("Plans", [])
    assert isinstance(enfants, list)
    return tours.union(*(_count_lectures(enfant) for enfant in enfants))


@pytest.mark.parametrize("panne", ["SYNTAXE", "d.colonne_disparue = '1'", "(d.courriel)::integer > 0"])
def test_a_rule_that_cannot_be_counted_is_named_and_nothing_is_judged(
    etl: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, panne: str
) -> None:
    copytree(DOSSIER / "requete", tmp_path / "requete")
    monkeypatch.setattr(module, "DOSSIER", tmp_path)
    load_net(etl, {})
    for fichier in sorted((tmp_path / "requete" / "regles").glob("*.sql")):
        intact = fichier.read_text(encoding="utf-8")
        entete = intact.partition("\n\n")[0]
        fichier.write_text(f"{entete}\n\n{panne}\n", encoding="utf-8")
        with pytest.raises(
            ErreurAllerVers, match=f"La règle {fichier.stem} ne peut pas être comptée"
        ) as erreur:
            profile_requete(etl, JUIN, RUN)
        assert f"regles/{fichier.name}" in erreur.value.remede
        assert "claire" not in str(erreur.value)
        assert etl.scalar(text("SELECT count(*) FROM dq.profil_requete")) == 0
        fichier.write_text(intact, encoding="utf-8")
    assert profile_requete(etl, JUIN, RUN) == len(load_regles("requete"))
