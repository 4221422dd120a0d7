"""Broken gates: a suite, a rule or a library that is not as it has to be lets nothing pass, at any of the four."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from shutil import copytree

import pytest
import yaml
from requete_exemples import JUIN, load_net
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from aller_vers.indicateurs.porte import publish_marts
from aller_vers.lots.relecture import Releve, judge_lots
from aller_vers.qualite import regles
from aller_vers.qualite.regles import load_regles
from aller_vers.qualite.suites import DOSSIER, load_suite
from aller_vers.requete.profil import profile_requete
from aller_vers.requete.publication import judge_requete
from aller_vers.retours.jugement import judge_retours, profile_retours
from aller_vers.socle import sql
from aller_vers.socle.erreurs import ErreurAllerVers

RUN = "essai"


def judge_request(entrepot: Connection) -> None:
    load_net(entrepot, {}, {"code_caf": "751", "code_caf_gestionnaire": "751"})
    profile_requete(entrepot, JUIN, RUN)
    judge_requete(entrepot, JUIN, RUN)


def judge_drops(entrepot: Connection) -> None:
    insert_profil(entrepot, "depots", "'831', ", asdict(Releve(lots=1)))
    judge_lots(entrepot, JUIN, RUN)


def judge_returns(entrepot: Connection) -> None:
    comptes = {regle.code: 0 for regle in load_regles("retours")}
    profile_retours(entrepot, RUN)  # nothing waits: what is judged is below
    champs = "forme, depot, code_caf, code_cpam, dernier_id, lignes"
    insert_profil(entrepot, "retours", "'mensuel', '831', '831', '831', 1, 1, ", comptes, f"{champs}, ")
    judge_retours(entrepot, RUN)


def judge_marts(entrepot: Connection) -> None:
    entrepot.execute(
        text("INSERT INTO marts.mesure (mois, code_caf, mesure, valeur) VALUES ('2025-06', '831', 'n', 3)")
    )
    publish_marts(entrepot, [JUIN], RUN, [], 5)


def insert_profil(
    entrepot: Connection, porte: str, cles: str, comptes: dict[str, int], champs: str = "code_caf, "
) -> None:
    entrepot.execute(
        text(
            f"INSERT INTO dq.profil_{porte} (mois, run_id, {champs}comptes)"
            f" VALUES ('2025-06', '{RUN}', {cles}cast(:k AS jsonb))"
        ),
        {"k": json.dumps(comptes)},
    )


@dataclass(frozen=True)
class Porte:
    """A gate: how a clean month goes through it, and which module asks for its suite."""

    suite: str
    module: str
    judge: Callable[[Connection], None]


PORTES = [
    Porte("requete_nationale", "aller_vers.requete.publication", judge_request),
    Porte("depots_caf", "aller_vers.lots.relecture", judge_drops),
    Porte("retours_cpam", "aller_vers.retours.jugement", judge_returns),
    Porte("marts_indicateurs", "aller_vers.indicateurs.porte", judge_marts),
]
chaque_porte = pytest.mark.parametrize("porte", PORTES, ids=lambda p: p.suite)


@pytest.fixture
def etl(entrepot: Connection) -> Connection:
    entrepot.execute(text("SET ROLE av_etl"))
    return entrepot


@contextmanager
def undone(entrepot: Connection) -> Iterator[None]:
    essai = entrepot.begin_nested()
    try:
        yield
    finally:
        while (ouverte := entrepot.get_nested_transaction()) is not None:
            ouverte.rollback()
            if ouverte is essai:
                break


def read_verdicts(entrepot: Connection) -> dict[str, set[str]]:
    """Return the rules behind each verdict, « ensemble » included."""
    lignes = entrepot.execute(text("SELECT verdict, regle FROM dq.verdict")).all()
    return {verdict: {r for v, r in lignes if v == verdict} for verdict, _ in lignes}


CASSURES: dict[str, tuple[str, str]] = {
    "unknown type": ("expect_column_values_to_be_between", "expect_column_values_to_be_entre"),
    "unknown parameter": (r"parametres: \{", "parametres: {mostly: 0.9, "),
    "value without sense": (r"parametres: \{.*\}", "parametres: {max_value: zero}"),
    "no parameter": (r"parametres: \{.*\}", "parametres: {}"),
    "unknown severity": ("severite: critical", "severite: grave"),
    "unknown key": ("severite: critical", "severite: critical\n    notes: x"),
    "key written twice": ("severite: critical", "severite: critical\n    severite: info"),
    "rule written twice": (r"(  - type(.|\n)*?date: .*\n)", r"\1\1"),
    "no reason": (r"    raison: (.|\n)*?    date", "    date"),
    "cut": (r"parametres: (.|\n)*", "parametres: {"),
    "empty": (r"(.|\n)*", ""),
}


@chaque_porte
def test_a_suite_that_is_broken_is_an_error_and_no_verdict(
    etl: Connection, porte: Porte, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module(porte.module), "load_suite", lambda nom: load_suite(nom, tmp_path))
    fichier = tmp_path / f"{porte.suite}.yml"
    bonne = (DOSSIER / fichier.name).read_text(encoding="utf-8")
    fichier.write_text(bonne, encoding="utf-8")
    with undone(etl):
        porte.judge(etl)
        assert set(read_verdicts(etl)) <= {"conforme"}, "as it stands, it lets a clean month pass"
    for nom, (motif, autre) in CASSURES.items():
        cassee = re.sub(motif, autre, bonne, count=1)
        assert cassee != bonne
        fichier.write_text(cassee, encoding="utf-8")
        with undone(etl):
            with pytest.raises(ErreurAllerVers, match=r"La suite expectations|La règle « "):
                porte.judge(etl)
            assert read_verdicts(etl) == {}, nom
    fichier.unlink()
    with pytest.raises(ErreurAllerVers, match=rf"expectations/{fichier.name} est refusée"):
        porte.judge(etl)


@chaque_porte
@pytest.mark.parametrize("portee", ["caf", "nation"])
def test_a_suite_that_asks_for_what_nothing_counts_holds_or_is_refused(
    etl: Connection, porte: Porte, portee: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module(porte.module), "load_suite", lambda nom: load_suite(nom, tmp_path))
    document = yaml.safe_load((DOSSIER / f"{porte.suite}.yml").read_text(encoding="utf-8"))
    inventee = document["caf"][0] | {"regle": "inventee", "colonne": "inventee", "severite": "info"}
    document[portee].append(inventee)
    (tmp_path / f"{porte.suite}.yml").write_text(yaml.safe_dump(document, allow_unicode=True))
    if porte.suite in ("requete_nationale", "depots_caf"):
        with undone(etl):
            with pytest.raises(ErreurAllerVers, match=r"colonnes inconnues : inventee\."):
                porte.judge(etl)
            assert read_verdicts(etl) == {}
        return
    porte.judge(etl)
    verdicts = read_verdicts(etl)
    # No return is the nation's: its gate keeps no verdict of it.
    tenue = (porte.suite, portee) != ("retours_cpam", "nation")
    assert verdicts.get("non_evalue") == ({"inventee"} if tenue else None)
    assert "ensemble" in verdicts["retenu" if tenue else "conforme"]


@chaque_porte
@pytest.mark.parametrize("absent", ["great_expectations", "great_expectations.expectations", "pandas"])
def test_a_library_that_is_missing_is_an_error_and_no_verdict(
    etl: Connection, porte: Porte, absent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, absent, None)
    with undone(etl):
        with pytest.raises(ImportError, match=absent):
            porte.judge(etl)
        assert read_verdicts(etl) == {}


def test_a_rule_of_the_returns_that_cannot_be_counted_is_named_and_nothing_is_judged(
    etl: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copytree(sql.DOSSIER / "retours" / "regles", tmp_path / "retours" / "regles")
    monkeypatch.setattr(regles, "DOSSIER", tmp_path)
    fichiers = sorted((tmp_path / "retours" / "regles").glob("*.sql"))
    assert len(fichiers) > 10
    for fichier in fichiers:
        intacte = fichier.read_text(encoding="utf-8")
        for panne in ("SYNTAXE", "r.colonne_disparue = 1"):
            entete, _, _ = intacte.partition("\n\n")
            fichier.write_text(f"{entete}\n\n{panne}\n", encoding="utf-8")
            with pytest.raises(ErreurAllerVers, match=f"La règle {fichier.stem} ne peut pas") as refus:
                profile_retours(etl, RUN)
            assert f"retours/regles/{fichier.name}" in refus.value.remede
        fichier.write_text(intacte, encoding="utf-8")
    assert profile_retours(etl, RUN) == 0


COMPTES = {
    "requete_nationale": ("profil_requete", {r.code for r in load_regles("requete")}),
    "retours_cpam": ("profil_retours", {r.code for r in load_regles("retours")}),
    "depots_caf": ("profil_depots", set(asdict(Releve())) - {"lots", "retenus"}),
}


@pytest.mark.parametrize("porte", PORTES[:3], ids=lambda p: p.suite)
def test_each_rule_that_was_not_counted_is_not_evaluated_and_holds(
    etl: Connection, porte: Porte, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every one of them at once: a line is judged without regard to the others."""
    table, codes = COMPTES[porte.suite]
    etl.execute(text("RESET ROLE"))
    oubli = "NEW.comptes := NEW.comptes - CAST(:oublies AS text[])"
    etl.execute(
        text(
            "CREATE FUNCTION dq.oublier() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            + oubli.replace(":oublies", "'{" + ",".join(sorted(codes)) + "}'")
            + "; RETURN NEW; END $$"
        )
    )
    etl.execute(
        text(f"CREATE TRIGGER oubli BEFORE INSERT ON dq.{table} FOR EACH ROW EXECUTE FUNCTION dq.oublier()")
    )
    porte.judge(etl)
    verdicts = read_verdicts(etl)
    lues = {a.regle for a in load_suite(porte.suite).caf if a.lue.removeprefix("part_") in codes}
    assert lues
    assert lues <= verdicts["non_evalue"]
    conformes = etl.execute(
        text("SELECT code_caf FROM dq.verdict WHERE regle = 'ensemble' AND verdict <> 'retenu'")
    ).all()
    assert [c for (c,) in conformes if c] == []


def break_profil_marts(monkeypatch: pytest.MonkeyPatch, avant: str, apres: str) -> None:
    from aller_vers.indicateurs import porte as porte_marts

    intact = sql.read_sql("indicateurs/profile_marts.sql")
    assert avant in intact
    casse = text(intact.replace(avant, apres))
    lance = sql.run_sql

    def run(connexion: Connection, chemin: str, **parametres: object) -> object:
        if chemin.endswith("profile_marts.sql"):
            return connexion.execute(casse, parametres)
        return lance(connexion, chemin, **parametres)

    monkeypatch.setattr(porte_marts, "run_sql", run)


def test_marts_whose_rules_cannot_be_counted_are_neither_judged_nor_published(
    etl: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_profil_marts(monkeypatch, "LEFT JOIN bornes AS b", "LEFT JOIN table_disparue AS b")
    with undone(etl):
        with undone(etl), pytest.raises(DBAPIError):
            judge_marts(etl)
        assert read_verdicts(etl) == {}


@pytest.mark.parametrize(
    "regle",
    sorted({a.regle for a in (*load_suite("marts_indicateurs").caf, *load_suite("marts_indicateurs").nation)}
           - {"valeur_differente"}),  # counted by the other engine
)  # fmt: skip
def test_a_rule_of_the_marts_that_the_profile_forgets_is_not_evaluated_and_holds(
    etl: Connection, monkeypatch: pytest.MonkeyPatch, regle: str
) -> None:
    break_profil_marts(monkeypatch, f"'{regle}'", f"'{regle}_oubliee'")
    judge_marts(etl)
    verdicts = read_verdicts(etl)
    assert verdicts["non_evalue"] == {regle}
    assert "ensemble" in verdicts["retenu"]
