"""One file of a Cpam with the rows of two Caf: what is wrong for one is neither refused nor held for the other."""

from __future__ import annotations

import pytest
from registre import MENSUEL, Registre

from aller_vers.retours.fichiers.boite import BilanReception

DEPOT = "cpam/641"
CERTIFICATS = "code_cpam;code_caf;mois;version;date_destruction\n"
JUSTE = "641;{};2025-06;31/07/2025;111;79;79;46;;18;15;;\n"
TROP_JOINTES = JUSTE.replace(";46;", ";80;")


@pytest.fixture
def deux(registre: Registre) -> Registre:
    """Give a ledger where two Caf sent their lots to one Cpam."""
    for caf in ("401", "641"):
        registre.drop(caf, lignes=120)
        registre.acknowledge(caf, "641", 120)
    return registre


def receive(registre: Registre, contenu: str, nom: str = "retour.csv") -> BilanReception:
    registre.put(nom, contenu, DEPOT)
    return registre.collect_retours(DEPOT)


def read_avis(registre: Registre, cle: str) -> list[str]:
    lignes = registre.run(
        "SELECT corps FROM suivi.avis WHERE cle LIKE :c AND destinataire = 'cpam:641' ORDER BY cree_le, cle",
        c=f"{cle}/%",
    )
    return [corps for (corps,) in lignes]


def list_pris(registre: Registre) -> list[str]:
    return [caf for (caf,) in registre.run("SELECT code_caf FROM staging.retour ORDER BY id")]


def test_a_held_row_holds_its_caf_alone_and_its_notice_names_it(deux: Registre) -> None:
    assert receive(deux, MENSUEL + TROP_JOINTES.format("401") + JUSTE.format("641")).pris == 1
    assert "Retour mensuel, 2 lignes pour les Caf 401 et 641." in read_avis(deux, "recu")[0]
    assert {g.code_caf: d for g, d in deux.judge().items()} == {"401": "retenu", "641": "conforme"}
    deux.publish()
    assert {caf for caf, _, _ in deux.mesures("retour_mensuel")} == {"641"}
    [avis] = read_avis(deux, "retour")
    assert "de la Cpam 641 pour la Caf 401 (juin 2025) est reçu, mais retenu" in avis
    verdicts = deux.run(
        "SELECT code_caf, verdict FROM dq.verdict WHERE regle = 'ensemble' AND code_caf IS NOT NULL ORDER BY 1"
    )
    assert verdicts == [("401", "retenu"), ("641", "conforme")]
    receive(deux, MENSUEL + JUSTE.format("401"), "corrige.csv")
    deux.judge("r2")
    deux.publish("r2")
    assert {caf for caf, _, _ in deux.mesures("retour_mensuel")} == {"401", "641"}


def test_a_wrong_cell_refuses_the_rows_of_its_caf_all_of_them_and_takes_the_others(deux: Registre) -> None:
    faux = JUSTE.format("401").replace(";111;", ";beaucoup;")
    lignes = JUSTE.format("401").replace("2025-06", "2025-05") + faux + JUSTE.format("641")
    assert receive(deux, MENSUEL + lignes) == BilanReception(refuses=1)
    assert list_pris(deux) == ["641"]
    motif = deux.motifs(DEPOT)["retour.csv"].replace("\r\n", "\n")
    assert (
        "Les lignes pour la Caf 641 sont prises ; celles pour la Caf 401 ne le sont pas.\nCaf 401. " in motif
    )
    assert "- cellule E3 : la colonne cibles attend" in motif
    assert "Retour mensuel, 1 ligne pour la Caf 641." in read_avis(deux, "recu")[0]
    assert "celles pour la Caf 401 ne le sont pas" in read_avis(deux, "refus")[0]
    attendent = "SELECT sujets FROM suivi.fichier_recu WHERE issue = 'refuse'"
    assert {s.split("/")[1] for (sujets,) in deux.run(attendent) for s in sujets} == {"401"}
    # The whole file again, as the remedy says: what was taken is not taken twice.
    assert receive(deux, MENSUEL + lignes.replace("beaucoup", "112"), "retour.csv").pris == 1
    assert list_pris(deux) == ["641", "401", "401"]


def test_a_row_that_says_no_caf_refuses_the_file_as_a_whole(deux: Registre) -> None:
    """Whose row it is is not known: that Caf would be half taken."""
    assert receive(deux, MENSUEL + JUSTE.format("999") + JUSTE.format("641")) == BilanReception(refuses=1)
    assert list_pris(deux) == []
    assert read_avis(deux, "recu") == []


def test_certificates_of_two_caf_for_the_same_version_are_two_and_stand_alone(deux: Registre) -> None:
    lignes = [f"641;{caf};2025-06;1;{jour}\n" for caf, jour in (("401", "10/08/2025"), ("641", "11/08/2025"))]
    assert receive(deux, CERTIFICATS + lignes[0] + lignes[1].replace("2025-06;1", "2025-06;2")).refuses == 1
    assert "aucune transmission de la version 2" in deux.motifs(DEPOT)["retour.csv"]
    assert deux.events("detruit") == [("detruit", "401", 1, "641")]
    assert receive(deux, CERTIFICATS + "".join(lignes), "corrige.csv").pris == 1
    assert deux.events("detruit") == [("detruit", "401", 1, "641"), ("detruit", "641", 1, "641")]
