"""A refused file waits until what it was about is accepted, by whatever way it comes; and no longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from registre import ACCUSE, AUJOURD_HUI, MAINTENANT, MENSUEL, Registre

from aller_vers.retours.accuse import Accuse, record_transmission
from aller_vers.retours.fichiers.boite import collect
from aller_vers.retours.fichiers.formes import DES_CPAM
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql

CERTIFICATS = "code_cpam;code_caf;mois;version;date_destruction\n"
OPPOSITIONS = "code_cpam;code_caf;mois;version;ligne;fichier\n"
SEMESTRE = "code_cpam;semestre;rdv_honores;precarite\n"
MESURES = "periode;mesure;valeur;code_cpam;code_caf;modalite\n"
RETOUR = "831;831;{mois};{arrete};40;36;36;21;12;9;7;{fin};{detruit}\n"


def write_accuse(mois: str = "2025-06", portail: str = "bluefiles", lignes: int = 40) -> str:
    return f"{ACCUSE}831;{mois};1;831;{lignes};{portail};04/07/2025;\n"


def write_retour(mois: str = "2025-06", arrete: str = "15/08/2025", detruit: str = "") -> str:
    return MENSUEL + RETOUR.format(
        mois=mois, arrete=arrete, fin="14/08/2025" if detruit else "", detruit=detruit
    )


def write_certificat(jour: str, version: int = 1) -> str:
    return f"{CERTIFICATS}831;831;2025-06;{version};{jour}\n"


@dataclass(frozen=True)
class Depot:
    """A file put into a folder, a while before the reception."""

    nom: str
    contenu: str
    dossier: str = "831"


FAUX, JUSTE = Depot("accuse.csv", write_accuse(portail="poste")), Depot("autre nom.csv", write_accuse())
RETOUR_FAUX = Depot("retour.csv", write_retour(arrete="hier"))
REPRIS = {
    "un accusé, sous un autre nom": (FAUX, JUSTE),
    "un accusé d'un mois qui ne se lit pas": (Depot("a.csv", write_accuse(mois="x")), JUSTE),
    "un accusé que rien ne lit, du nom de son modèle": (Depot("ACCUSE_831_202506.pdf", "x"), JUSTE),
    "un fichier dont rien n'est connu, par le suivant": (Depot("scan.pdf", "x"), JUSTE),
    "le même fichier sous une autre extension": (Depot("accuse.pdf", "x"), Depot("accuse.csv", write_accuse())),
    "un accusé d'un mauvais mois, corrigé dans son fichier": (
        Depot("accuse.csv", write_accuse(mois="2025-03")), Depot("accuse.csv", write_accuse()),
    ),
    "un retour": (RETOUR_FAUX, Depot("RETOUR corrigé.csv", write_retour())),
    "un retour de la Caf, par le dossier de sa Cpam": (RETOUR_FAUX, Depot("b.csv", write_retour(), "cpam/831")),
    "un retour de la Cpam, par le dossier de sa Caf": (
        Depot("r.csv", write_retour(arrete="hier"), "cpam/831"), Depot("b.csv", write_retour()),
    ),
    "un certificat": (Depot("c.csv", write_certificat("hier")), Depot("d.csv", write_certificat("15/08/2025"))),
    "un certificat, par un retour qui dit la destruction": (
        Depot("c.csv", write_certificat("hier")), Depot("d.csv", write_retour(detruit="15/08/2025")),
    ),
    "un certificat de la Caf, par le dossier de sa Cpam": (
        Depot("c.csv", write_certificat("hier")), Depot("d.csv", write_certificat("15/08/2025"), "cpam/831"),
    ),
    "un bilan mis chez la Caf, par le dossier de sa Cpam": (
        Depot("bilan.csv", f"{SEMESTRE}831;2025-S1;7;2\n"), Depot("b.csv", f"{SEMESTRE}831;2025-S1;7;2\n", "cpam/831"),
    ),
    "des mesures": (
        Depot("m.csv", f"{MESURES}2025-S1;orientations_misas_monoparentales;beaucoup;;831;\n"),
        Depot("n.csv", f"{MESURES}2025-S1;orientations_misas_monoparentales;3;;831;\n"),
    ),
}  # fmt: skip
RESTENT = {
    "d'un autre mois": (FAUX, Depot("b.csv", write_accuse(mois="2025-05"))),
    "d'une autre forme": (FAUX, Depot("b.csv", write_retour())),
    "d'un modèle d'un autre mois": (Depot("ACCUSE_831_202505.pdf", "x"), JUSTE),
    "d'un autre dossier, dont rien n'est connu": (Depot("scan.pdf", "x", "131"), JUSTE),
    "de moins de lignes": (
        Depot("c.csv", write_retour(arrete="hier") + RETOUR.format(mois="2025-05", arrete="", fin="", detruit="")),
        Depot("d.csv", write_retour()),
    ),
    "plus ancien que lui": (JUSTE, FAUX),
}  # fmt: skip


@pytest.fixture
def deposes(registre: Registre) -> Registre:
    """Two months dropped and, for the first of them, sent."""
    registre.drop(mois="2025-05", le=date(2025, 6, 2))
    registre.drop()
    registre.acknowledge()
    return registre


def receive(registre: Registre, depot: Depot) -> None:
    registre.put(depot.nom, depot.contenu, depot.dossier)
    for formes in (("accuse",), DES_CPAM) if "/" not in depot.dossier else (DES_CPAM,):
        collect(registre.boite(*formes), [depot.dossier], registre.notes.append)
    assert registre.notes == []


def list_noms(registre: Registre, quarantaine: timedelta = timedelta(hours=24)) -> list[str]:
    with registre.open("av_pilotage") as pilotage:
        lignes = run_sql(
            pilotage, "pilotage/select_fichiers_a_reprendre.sql", quarantaine=MAINTENANT - quarantaine
        )
        return [ligne.nom for ligne in lignes]


@pytest.mark.parametrize(("refuse", "repris"), REPRIS.values(), ids=REPRIS)
def test_what_was_refused_waits_until_it_came_right(deposes: Registre, refuse: Depot, repris: Depot) -> None:
    receive(deposes, refuse)
    assert list_noms(deposes) == [refuse.nom]
    receive(deposes, repris)
    assert list_noms(deposes) == [], deposes.motifs()


@pytest.mark.parametrize(("premier", "second"), RESTENT.values(), ids=RESTENT)
def test_what_is_not_replaced_waits(deposes: Registre, premier: Depot, second: Depot) -> None:
    receive(deposes, premier)
    receive(deposes, second)
    [nom] = list_noms(deposes)
    assert nom == (premier if second.nom != FAUX.nom else second).nom


def test_what_a_person_enters_on_the_page_replaces_a_refused_acknowledgement(deposes: Registre) -> None:
    receive(deposes, FAUX)
    assert list_noms(deposes) == ["accuse.csv"]
    with deposes.open() as entrepot:
        record_transmission(
            entrepot, Accuse("831", Mois(2025, 6), 1, "831", 40, "peps", date(2025, 7, 4)), "une personne", AUJOURD_HUI
        )  # fmt: skip
    assert list_noms(deposes) == []
