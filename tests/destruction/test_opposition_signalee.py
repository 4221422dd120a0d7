"""A refusal told to a Cpam comes back by the line of a lot, and becomes an objection as any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from destruction_exemples import JUIN, LOUTRE, PUTOIS, ZIBELINE, Maison
from lots_exemples import CLE, make_reglages

from aller_vers.retours.fichiers.formes import find_forme
from aller_vers.retours.fichiers.refus import FichierRefuseError
from aller_vers.retours.fichiers.tableau import read_tableau
from aller_vers.retours.modeles import Attendu, plan_modeles
from aller_vers.retours.oppositions_signalees import take_oppositions
from aller_vers.socle.identite import compute_empreinte
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.reglages_reception import Limites
from aller_vers.suivi.evenements import record_evenement

TITRES = "code_cpam;code_caf;mois;version;ligne;fichier\n"


def send(maison: Maison, code_caf: str = "831", code_cpam: str = "831", version: int = 1) -> None:
    with maison.open() as entrepot:
        record_evenement(
            entrepot, mois=str(JUIN), code_caf=code_caf, version=version, code_cpam=code_cpam, etat="transmis",
            acteur="essai", preuve={"date_transmission": "2025-07-04", "lignes": 1},
        )  # fmt: skip


def take(maison: Maison, *lignes: str, code_caf: str = "831") -> int:
    tableau = read_tableau(f"{TITRES}{chr(10).join(lignes)}\n".encode(), "o.csv", Limites.of(Reglages()))
    assert find_forme(tableau).nom == "opposition"
    with maison.open() as entrepot:
        return take_oppositions(entrepot, code_caf, tableau, make_reglages())


def list_empreintes(maison: Maison) -> set[str]:
    return {e for (e,) in maison.run("SELECT empreinte FROM suivi.opposition")}


def hash_of(*personnes: Any) -> set[str]:
    return {compute_empreinte(CLE.encode(), p[0]) for p in personnes}


def test_the_person_of_a_line_is_left_alone_like_any_other_who_objects(maison: Maison) -> None:
    maison.drop_juin()
    send(maison)
    assert take(maison, "831;831;2025-06;1;3;") == 1, "the file is in the order of its e-mails"
    assert list_empreintes(maison) == hash_of(ZIBELINE)
    assert take(maison, "831;831;2025-06;1;3;") == 0, "the same again adds nothing"
    maison.treat_oppositions().require_complete()
    assert maison.search("zibeline", ZIBELINE[0]) == []
    lot = maison.read_lot("831")
    assert lot is not None
    assert (lot["version"], lot["lignes"]) == (2, 1)


def test_people_whom_nothing_tells_apart_are_all_left_alone(maison: Maison) -> None:
    jumelle = ("7100009", *ZIBELINE[1:])
    maison.fill(JUIN, {"831": [ZIBELINE, jumelle, LOUTRE]})
    maison.drop(JUIN, "831")
    send(maison)
    assert take(maison, "831;831;2025-06;1;4;") == 2
    assert list_empreintes(maison) == hash_of(ZIBELINE, jumelle)


def test_of_a_lot_split_between_cpam_the_line_is_that_of_the_recipient_s_file(maison: Maison) -> None:
    confirme = (
        "UPDATE marts.perimetre SET fiabilite = 'confirmé' WHERE code_cpam IN ('594', '595', '597', '599')"
    )
    with psycopg.connect(maison.dsn_proprietaire) as connexion:
        connexion.execute(confirme)
    [(ailleurs,)] = maison.run(
        "SELECT min(code_postal) FROM (SELECT code_postal FROM marts.perimetre WHERE code_cpam = '595'"
        " EXCEPT SELECT code_postal FROM marts.perimetre WHERE code_cpam IN ('594', '597', '599')) AS p"
    )
    lille, nulle_part = (*PUTOIS[:3], ailleurs), (*LOUTRE[:3], "99999")
    maison.fill(JUIN, {"591": [lille, nulle_part]})
    maison.drop(JUIN, "591")
    send(maison, "591", "595")
    assert take(maison, "595;591;2025-06;1;2;", code_caf="591") == 1
    assert list_empreintes(maison) == hash_of(lille)
    assert take(maison, "595;591;2025-06;1;2;a_repartir", code_caf="591") == 1
    assert list_empreintes(maison) == hash_of(lille, nulle_part)
    with pytest.raises(FichierRefuseError, match="n'est connue"):
        take(maison, "594;591;2025-06;1;2;", code_caf="591")


@pytest.mark.parametrize(
    ("ligne", "motif"),
    [
        ("831;831;2025-06;1;4;", "attend un numéro de 2 à 3"),
        ("831;831;2025-06;1;1;", "2 pour la première personne"),
        ("831;831;2025-06;2;2;", "aucune transmission de la version 2"),
        ("831;831;2025-06;1;2;a_repartir", "n'a pas ce fichier"),
        ("831;591;2025-06;1;2;", "le code de la Caf qui dépose"),
        ("831;831;2025-06;1;;", "Aucune ligne"),
        ("831;831;2025-06;1;2;\n831;831;2025-06;1;2;", "la même chose"),
    ],
)
def test_a_line_of_nobody_is_refused_and_nobody_is_recorded(maison: Maison, ligne: str, motif: str) -> None:
    maison.drop_juin()
    send(maison)
    with pytest.raises(FichierRefuseError, match=motif):
        take(maison, ligne)
    assert list_empreintes(maison) == set()


def test_a_version_that_is_not_there_any_more_is_never_read_for_another(maison: Maison) -> None:
    maison.drop_juin()
    send(maison)
    maison.fill(JUIN, {"831": [LOUTRE, PUTOIS]})
    with pytest.raises(FichierRefuseError, match="n'est plus là"):
        take(maison, "831;831;2025-06;1;2;")
    assert list_empreintes(maison) == set()


def test_the_form_stands_in_the_templates_and_is_taken_as_it_is(maison: Maison, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    maison.drop_juin()
    send(maison)
    modele = tmp_path / "m.xlsx"
    modeles = plan_modeles("831", [Attendu(str(JUIN), "831", "831")], JUIN.fin)
    modele.write_bytes(modeles["OPPOSITIONS_831_202506_v1.xlsx"]())
    classeur = load_workbook(modele)
    classeur.active["E2"] = 2
    classeur.save(modele)
    tableau = read_tableau(modele.read_bytes(), "m.xlsx", Limites.of(Reglages()))
    with maison.open() as entrepot:
        assert take_oppositions(entrepot, "831", tableau, make_reglages()) == 1
    assert list_empreintes(maison) == hash_of(LOUTRE)
