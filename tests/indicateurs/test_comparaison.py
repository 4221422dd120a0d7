"""What a change of the dictionary is: a word, a value or a break; the lock sees what gives a value."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from exemples import define

from aller_vers.indicateurs import verrou
from aller_vers.indicateurs.comparaison import compare
from aller_vers.indicateurs.verrou import find_changements, lock_definitions, read_verrou
from aller_vers.mesures.calculs import describe_calculs
from aller_vers.socle.reglages import load_reglages

BASE: dict[str, Any] = {
    "code": "taux", "type_": "ratio", "numerateur": "n:a", "denominateur": "d:a", "journal": ["version 1 : première"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("champs", "sorte", "mois"),
    [
        ({"libelle": "Autre mot"}, "nouveau mot", None),
        ({"numerateur": "n:b"}, "rupture", "2009-01"),
        ({"sens": "moins"}, "rupture", "2009-01"),
        ({"cibles": {date(2025, 3, 1): 0.5}}, "nouvelle valeur", "2025-03"),
        ({"valable_au": date(2024, 12, 31)}, "nouvelle valeur", "2024-12"),
    ],
)
def test_a_change_is_a_word_a_value_or_a_break(champs: dict[str, Any], sorte: str, mois: str | None) -> None:
    avant, apres = define(**BASE), define(**BASE | champs)
    assert compare([avant], [avant]) == []
    [changement] = compare([avant], [apres])
    assert (changement.cle, changement.sorte, changement.mois) == ("taux/1", sorte, mois)


def test_a_newer_version_beside_the_former_is_a_new_value_and_in_its_place_a_break() -> None:
    avant = define(**BASE)
    apres = define(**BASE | {"version": 2, "numerateur": "n:b", "journal": ["version 2 : n devient b"]})
    autre = define(**BASE | {"code": "autre"})
    assert [(c.cle, c.sorte) for c in compare([avant], [avant, apres, autre])] == [
        ("taux/2", "nouvelle valeur"), ("autre/1", "nouvel indicateur"),
    ]  # fmt: skip
    assert [(c.cle, c.sorte) for c in compare([avant], [apres])] == [
        ("taux/1", "rupture"), ("taux/2", "nouvelle valeur"),
    ]  # fmt: skip


def test_another_sql_or_another_setting_of_a_measure_asks_for_a_line_of_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    champs = BASE | {"numerateur": "separations:avec_enfants"}
    lock_definitions([define(**champs)], tmp_path)
    calculs = dict(describe_calculs(load_reglages()))
    monkeypatch.setattr(verrou, "_load_calculs", lambda: calculs | {"separations": "SELECT 1"})
    [refus] = find_changements(read_verrou(tmp_path), [define(**champs)])
    assert refus.startswith("taux/1 lit une mesure dont le SQL ou les réglages ont changé")
    dit = champs | {"journal": ["version 1 : première", "2026-01 : la séparation se lit autrement"]}
    assert find_changements(read_verrou(tmp_path), [define(**dit)]) == []


def test_what_gives_a_measure_names_the_settings_that_its_sql_reads() -> None:
    reglages = load_reglages()
    avant = describe_calculs(reglages)
    apres = describe_calculs(reglages.model_copy(update={"mois_suivi": 6}))
    changees = {mesure for mesure in avant if avant[mesure] != apres[mesure]}
    assert {"contacts_separation", "droits_nouveaux_separation", "cohorte_demandes"} <= changees
    assert not changees & {"demandeurs", "delai_decision_jours", "lots"}
