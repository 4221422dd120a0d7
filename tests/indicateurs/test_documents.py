"""The figures of the instruction and of the IGAS reports, recomputed by the command from measures.

Where a document disagrees with itself, or rounds another way, both figures stand here.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from exemples import define, mesure, write_dictionnaire

from aller_vers.__main__ import main
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.fichiers_auditeur import format_csv
from aller_vers.indicateurs.modele import Mesure

Resultats = Callable[..., dict[str, str]]
VAR_2023, VAR_2024, FLANDRES = "2023-12", "2024-08", "2024-12"
RETOUR = "retour_mensuel"
ALLER_VERS = [
    define("transformation_appelees", "ratio", f"{RETOUR}:rdv_honores", f"{RETOUR}:personnes_appelees", maille="couple"),
    define("transformation_jointes", "ratio", f"{RETOUR}:rdv_honores", f"{RETOUR}:personnes_jointes", maille="couple"),
    define("taux_jointes", "ratio", f"{RETOUR}:personnes_jointes", f"{RETOUR}:personnes_appelees", maille="couple"),
    define("taux_acceptation", "ratio", f"{RETOUR}:acceptations", f"{RETOUR}:personnes_jointes", maille="couple"),
    define("taux_honores", "ratio", f"{RETOUR}:rdv_honores", f"{RETOUR}:rdv_pris", maille="couple"),
    define("taux_courriel", "ratio", "contacts_utilisables:courriel", "demandeurs:tous"),
    define("taux_appelees", "ratio", f"{RETOUR}:personnes_appelees", f"{RETOUR}:cibles", maille="couple"),
    define("misas", "compte", "retour_semestriel:accompagnements_misas", maille="cpam"),
]  # fmt: skip


class Commande:
    """Runs the command on a dictionary and measures, in files, and reads what it writes."""

    def __init__(self, dossier: Path) -> None:
        self.dossier = dossier
        self.sortie = dossier / "sortie.csv"

    def run(self, dictionnaire: Sequence[Indicateur], mesures: Sequence[Mesure], *options: str) -> int:
        write_dictionnaire(self.dossier / "dictionnaire", dictionnaire)
        # An auditor's file says no day of counting, the last field of a measure.
        lignes = format_csv(mesures, Mesure).split(b"\r\n")
        (self.dossier / "mesures.csv").write_bytes(b"\r\n".join(x.rpartition(b";")[0] for x in lignes))
        return main(
            ["indicateurs", "--dictionnaire", str(self.dossier / "dictionnaire"),
             "--mesures", str(self.dossier / "mesures.csv"), *options, "--sortie", str(self.sortie)]
        )  # fmt: skip

    def read(self, suffixe: str = "", **cle: str) -> list[dict[str, str]]:
        fichier = self.sortie.with_name(f"sortie{suffixe}.csv")
        with fichier.open(encoding="utf-8-sig", newline="") as flux:
            lignes = [
                {cle: valeur.replace(",", ".") for cle, valeur in ligne.items()}
                for ligne in csv.DictReader(flux, delimiter=";")
            ]
        return [ligne for ligne in lignes if cle.items() <= ligne.items()]

    def find(
        self, code: str, mois: str, territoire: str = "FR", periode: str = "mois", **cle: str
    ) -> dict[str, str]:
        [ligne] = self.read(code=code, mois=mois, territoire=territoire, periode=periode, **cle)
        return ligne

    def percent(self, *cle: str, decimales: int = 0, **autres: str) -> str:
        ligne = self.find(*cle, **autres)
        return f"{Decimal(ligne['valeur']) * 100:.{decimales}f} %"


@pytest.fixture
def commande(tmp_path: Path) -> Commande:
    return Commande(tmp_path)


@pytest.fixture
def bilan(commande: Commande) -> Commande:
    """Give IT 2025-098 §1.2, « Exemple de bilans des expérimentations en quelques chiffres »."""

    def retour(mois: str, caf: str, cpam: str, **comptes: int) -> list[Mesure]:
        return [mesure(mois, f"{RETOUR}:{nom}", n, caf, cpam) for nom, n in comptes.items()]

    mesures = [
        *retour(VAR_2023, "831", "831", cibles=111, personnes_appelees=79, personnes_jointes=46, rdv_pris=18, rdv_honores=15),
        *retour(VAR_2024, "831", "831", cibles=175, personnes_appelees=78, rdv_honores=14),
        mesure(VAR_2024, "demandeurs:tous", 175, "831"),
        mesure(VAR_2024, "contacts_utilisables:courriel", 122, "831"),
        mesure(VAR_2024, "retour_semestriel:accompagnements_misas", 2, cpam="831"),
        *retour(FLANDRES, "591", "594", personnes_appelees=109, personnes_jointes=61, acceptations=42, rdv_honores=28),
    ]  # fmt: skip
    assert commande.run(ALLER_VERS, mesures) == 0
    return commande


def test_var_2023_15_parcours_of_79_calls_are_19_percent(bilan: Commande) -> None:
    """« 79 appels sortants […] 18 RDV […] dont 15 honorés (soit un taux de transformation de 19 %) »."""
    assert bilan.percent("transformation_appelees", VAR_2023) == "19 %"
    ligne = bilan.find("transformation_appelees", VAR_2023, "831", niveau="caf")
    assert (ligne["numerateur"], ligne["denominateur"]) == ("15", "79")
    assert bilan.percent("taux_appelees", VAR_2023) == "71 %"
    assert bilan.percent("taux_jointes", VAR_2023) == "58 %"
    assert bilan.percent("taux_honores", VAR_2023) == "83 %"


def test_var_2024_14_parcours_of_78_calls_are_18_percent(bilan: Commande) -> None:
    assert bilan.percent("transformation_appelees", VAR_2024) == "18 %"
    assert bilan.percent("taux_courriel", VAR_2024) == "70 %"
    assert bilan.find("misas", VAR_2024, "831", niveau="cpam")["valeur"] == "2"


def test_var_2024_does_not_say_how_many_were_reached_and_neither_do_we(bilan: Commande) -> None:
    """Not provided is not zero: no rate on people reached, in the Var and therefore in the nation."""
    for territoire in ("831", "FR"):
        lignes = bilan.read(code="transformation_jointes", mois=VAR_2024, territoire=territoire)
        assert {(li["valeur"], li["statut"]) for li in lignes} == {("", "non_fourni")}


def test_flandres_28_parcours_are_counted_on_people_reached_and_on_people_called(bilan: Commande) -> None:
    """The instruction prints 45 % for 28 of 61, which is 45.9 %: cut, not rounded. It is a rate on people reached.

    On people called, like that of the Var, it is 26 %. Hence two indicators, each with its name.
    """
    assert bilan.percent("transformation_jointes", FLANDRES, decimales=1) == "45.9 %"
    assert bilan.find("transformation_jointes", FLANDRES, "594", niveau="cpam")["valeur"].startswith("0.459")
    assert bilan.percent("transformation_appelees", FLANDRES) == "26 %"
    assert bilan.percent("taux_jointes", FLANDRES) == "56 %"
    assert bilan.percent("taux_acceptation", FLANDRES) == "69 %"


def test_39_8_percent_of_ajpa_applications_led_to_a_right_since_2020(commande: Commande) -> None:
    """The instruction gives the rate, not its terms; those of Sept. 2020 to Feb. 2022 are public: 6,626 of 18,987.

    Those that follow are made up: what is tested is that the cohorts add up to the rate, and not its months.
    """
    depuis_2020 = define(
        "acces_ajpa", "ratio", "cohortes:droits_ajpa", "cohortes:demandes_ajpa", periodes=["origine"]
    )
    mesures = []
    for mois, demandes, droits in (("2022-02", 18987, 6626), ("2025-04", 31013, 13274)):
        mesures += [
            mesure(mois, "cohortes:demandes_ajpa", demandes, "831"),
            mesure(mois, "cohortes:droits_ajpa", droits, "831"),
        ]
    assert commande.run([depuis_2020], mesures) == 0
    assert commande.percent("acces_ajpa", "2022-02", periode="origine", decimales=1) == "34.9 %"
    assert commande.percent("acces_ajpa", "2025-04", periode="origine", decimales=1) == "39.8 %"


@pytest.mark.parametrize(
    ("canal", "cout", "contacts", "euros"),
    [
        ("accueil", 276_240_039, 34_538_363, "8.00"),
        ("telephone", 178_191_173, 28_221_515, "6.31"),
        ("courrier", 120_747_629, 5_215_717, "23.15"),
    ],
)
def test_a_contact_costs_8_6_31_or_23_15_euros(
    commande: Commande, canal: str, cout: int, contacts: int, euros: str
) -> None:
    """IGAS 2013-164R: costs of the channels in 2012."""
    indicateur = define("cout", "moyenne", f"couts:{canal}", f"contacts:{canal}", unite="euros", sens="moins")
    mesures = [
        mesure("2012-12", f"couts:{canal}", cout, "831"),
        mesure("2012-12", f"contacts:{canal}", contacts, "831"),
    ]
    assert commande.run([indicateur], mesures) == 0
    assert f"{Decimal(commande.find('cout', '2012-12')['valeur']):.2f}" == euros


@pytest.mark.parametrize(("plus_cher", "rapport"), [(18, "3"), (90, "15")])
def test_unit_costs_vary_1_to_3_at_the_front_desk_and_1_to_15_by_mail(
    commande: Commande, plus_cher: int, rapport: str
) -> None:
    """IGAS 2013-164R rec. 5, table 3: the dispersion is the largest local cost over the smallest."""
    indicateur = define("dispersion_cout", "dispersion", "couts", "contacts", unite="rapport", sens="moins")
    mesures = [
        ligne
        for caf, cout in (("831", 6), ("061", 10), ("751", plus_cher))
        for ligne in (mesure("2012-12", "couts", cout * 100, caf), mesure("2012-12", "contacts", 100, caf))
    ]
    assert commande.run([indicateur], mesures) == 0
    ligne = commande.find("dispersion_cout", "2012-12")
    assert (ligne["numerateur"], ligne["denominateur"], ligne["valeur"]) == (str(plus_cher), "6", rapport)


def test_138_million_contacts_in_2009_and_230_8_in_2013_are_67_percent_more(commande: Commande) -> None:
    indicateur = define(
        "contacts", "evolution", ["contacts:accueil", "contacts:telephone"], recul_mois=48, frequence="annee"
    )
    mesures = [
        mesure("2009-12", "contacts:accueil", 38_000_000, "831"),
        mesure("2009-12", "contacts:telephone", 100_000_000, "831"),
        mesure("2013-12", "contacts:accueil", 60_800_000, "831"),
        mesure("2013-12", "contacts:telephone", 170_000_000, "831"),
    ]
    assert commande.run([indicateur], mesures) == 0
    assert commande.percent("contacts", "2013-12") == "67 %"
    assert commande.find("contacts", "2009-12")["statut"] == "non_fourni"


def delai(**champs: Any) -> Indicateur:
    return define(
        "delai_ij", "moyenne", "jours", "dossiers", unite="jours", sens="moins", cibles={date(2013, 1, 1): 30}, **champs
    )  # fmt: skip


@pytest.mark.parametrize(
    ("moyenne", "atteinte"), [("28.9", "atteinte"), ("30", "atteinte"), ("33", "non_atteinte")]
)
def test_lower_is_better_for_a_delay(commande: Commande, moyenne: str, atteinte: str) -> None:
    """IGAS 2017-008R annex 2: target 30 days for the first daily allowance; 28.9 in 2016 attains it, 33 does not."""
    mesures = [
        mesure("2016-12", "jours", Decimal(moyenne) * 1000, "831"),
        mesure("2016-12", "dossiers", 1000, "831"),
    ]
    assert commande.run([delai()], mesures) == 0
    assert commande.find("delai_ij", "2016-12")["atteinte"] == atteinte


def test_the_median_distributes_the_caisses_and_the_nation_is_weighted(commande: Commande) -> None:
    """IGAS 2013-164R §30, table 2 (24.81, 55.42, median 31.82, target 30) and note 4.

    The nation attains the target thanks to one big caisse; two of three caisses do not: homogeneity tells.
    """
    mesures = []
    for caf, jours, dossiers in (("831", "24.81", 10_000), ("061", "31.82", 100), ("751", "55.42", 100)):
        mesures += [
            mesure("2013-12", "jours", Decimal(jours) * dossiers, caf),
            mesure("2013-12", "dossiers", dossiers, caf),
        ]
    assert commande.run([delai(part_minimale_caisses=0.75)], mesures) == 0
    [ligne] = commande.read(".homogeneite")
    assert (ligne["mini"], ligne["mediane"], ligne["maxi"]) == ("24.81", "31.82", "55.42")
    assert (ligne["nb_fournies"], ligne["nb_atteint"]) == ("3", "1")
    assert (ligne["atteinte_nationale"], ligne["atteinte_homogeneite"]) == ("atteinte", "non_atteinte")
    assert (
        f"{Decimal(ligne['valeur_nationale']):.2f}" == "25.18"
    )  # the mean of the local values would be 37.35


def test_147_actions_done_and_50_partly_of_212_are_81_1_percent(commande: Commande, tmp_path: Path) -> None:
    """IGAS 2017-008R annex 1, §10: 224 actions, 147 done, 50 partly, 15 not, 12 obsolete."""
    etats = ["mise_en_oeuvre"] * 147 + ["partielle"] * 50 + ["non_effectuee"] * 15 + ["obsolete"] * 12
    lignes = [f"A{n};F{n % 20};Axe {n % 3};{etat}" for n, etat in enumerate(etats)]
    fichier = tmp_path / "actions.csv"
    fichier.write_text("code;fiche;axe;etat\n" + "\n".join(lignes), encoding="utf-8")
    assert commande.run([delai()], [mesure("2016-12", "jours", 1, "831")], "--actions", str(fichier)) == 0
    ensemble, *axes = commande.read(".actions")
    assert (ensemble["axe"], ensemble["nb_actions"], ensemble["obsoletes"]) == ("ensemble", "224", "12")
    assert f"{Decimal(ensemble['taux']) * 100:.1f} %" == "81.1 %"
    assert [a["axe"] for a in axes] == ["Axe 0", "Axe 1", "Axe 2"]
    assert sum(int(a["nb_actions"]) for a in axes) == 224


@pytest.mark.parametrize(("notes", "taux"), [(35, "74 %"), (36, "72 %")])
def test_24_attained_and_4_nearly_are_72_percent_of_the_36_that_the_report_rates(
    commande: Commande, notes: int, taux: str
) -> None:
    """IGAS 2017-008R annex 2: the report says 35 and prints 72 %, which is 26/36; 26/35 is 74 %. Both stand here.

    Nearly attained is a decision of the evaluators, or a band; not provided counts as not attained; given up leaves.
    """
    champs: dict[str, Any] = {"nature": "IR", "cibles": {date(2014, 1, 1): 0.9}}
    decision = [{"mois": "2016-12", "atteinte": "quasi_atteinte", "date": date(2017, 6, 1), "raison": "Appréciation des évaluateurs."}]  # fmt: skip
    dictionnaire = [define(f"a{n}", "ratio", f"n:a{n}", "d", **champs) for n in range(24)]
    dictionnaire += [
        define(f"b{n}", "ratio", f"n:b{n}", "d", bande_quasi_atteint=0.1, **champs) for n in range(3)
    ]
    dictionnaire += [define("c", "ratio", "n:c", "d", decisions=decision, **champs)]
    dictionnaire += [define(f"e{n}", "ratio", f"n:e{n}", "d", **champs) for n in range(notes - 28)]
    dictionnaire += [define("abandon", "ratio", "n:a0", "d", abandonne=date(2016, 1, 1), **champs)]
    dictionnaire += [define("suivi", "ratio", "n:a0", "d", cibles={date(2014, 1, 1): 0.9})]
    valeurs = {"a": 95, "b": 85, "c": 60, "e": 50}
    mesures = [mesure("2016-12", "d", 100, "831")]
    mesures += [
        mesure("2016-12", f"n:{i.code}", valeurs[i.code[0]], "831")
        for i in dictionnaire if i.code not in ("abandon", "suivi", "e0")
    ]  # fmt: skip
    assert commande.run(dictionnaire, mesures) == 0
    [ligne] = commande.read(".atteinte", niveau="national", axe="ensemble")
    comptes = [
        ligne[f"nb_{nom}"]
        for nom in ("indicateurs", "atteints", "quasi_atteints", "non_atteints", "non_fournis")
    ]
    assert comptes == [str(notes), "24", "4", str(notes - 28), "1"]
    assert f"{Decimal(ligne['taux']) * 100:.0f} %" == taux


def test_the_axes_of_a_cpam_carry_150_300_and_250_points(commande: Commande) -> None:
    """IGAS 2017-008R annex 1, table 1: the hors-GDR axes of a Cpam, 700 of 1,000 points."""
    champs: dict[str, Any] = {"nature": "IR", "maille": "cpam", "cibles": {date(2014, 1, 1): 0.9}}
    dictionnaire = [
        define("qualite", "ratio", "n:a", "d", axe="1. Qualité", points=150, **champs),
        define("droits", "ratio", "n:b", "d", axe="2. Droits", points=200, **champs),
        define("droits_bis", "ratio", "n:c", "d", axe="2. Droits", points=100, bande_quasi_atteint=0.1, **champs),
        define("efficience", "ratio", "n:d", "d", axe="3. Efficience", points=250, **champs),
    ]  # fmt: skip
    mesures = [mesure("2016-12", "d", 100, cpam="831")]
    mesures += [
        mesure("2016-12", f"n:{m}", v, cpam="831") for m, v in (("a", 95), ("b", 90), ("c", 85), ("d", 10))
    ]
    assert commande.run(dictionnaire, mesures) == 0
    points = {
        li["axe"]: (li["points_obtenus"], li["points_possibles"])
        for li in commande.read(".atteinte", niveau="cpam", territoire="831")
    }
    assert points == {
        "1. Qualité": ("150", "150"), "2. Droits": ("250", "300"), "3. Efficience": ("0", "250"),
        "ensemble": ("400", "700"),
    }  # fmt: skip
    [absente] = commande.read(".atteinte", niveau="cpam", territoire="594", axe="ensemble")
    assert (absente["nb_non_fournis"], absente["points_obtenus"]) == ("4", "0")


def test_the_median_and_the_ninth_decile_are_read_from_a_histogram(commande: Commande) -> None:
    """IGAS 2013-164R rec. 13: follow the tail, not only the mean."""
    dictionnaire = [
        define("mediane", "quantile", "delai", quantile=0.5, unite="jours", sens="moins"),
        define("d9", "quantile", "delai", quantile=0.9, unite="jours", sens="moins"),
        define("moyenne", "moyenne", "delai", unite="jours", sens="moins"),
    ]
    mesures = [
        mesure("2025-06", "delai", 6, "831", classe=10),
        mesure("2025-06", "delai", 3, "061", classe=20),
        mesure("2025-06", "delai", 1, "751", classe=90),
    ]
    assert commande.run(dictionnaire, mesures) == 0
    assert [commande.find(c, "2025-06")["valeur"] for c in ("mediane", "d9", "moyenne")] == ["10", "55", "21"]
    assert commande.find("d9", "2025-06", "93")["valeur"] == "20"


@pytest.mark.parametrize(
    ("ligne", "constat"),
    [
        ("2025-6;831;;n;;;1", "le mois ne s'écrit pas AAAA-MM"),
        ("2025-06;999;;n;;;1", "la caisse est inconnue"),
        ("2025-06;;999;n;;;1", "la caisse est inconnue"),
        ("2025-06;831;;;;;1", "la mesure n'a pas de nom"),
        ("2025-06;831;;n;;-1;1", "la classe n'est pas un entier"),
        ("2025-06;831;;n;;;", "la valeur attend un nombre"),
        ("2025-06;831;;n;;;NaN", "la valeur attend un nombre"),
        ("2025-06;831;;n;;1", "ses cellules sont 6"),
        ("2025-05;831;;n;;;1", "cette mesure est déjà donnée plus haut"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_nothing_is_computed(
    commande: Commande, capsys: pytest.CaptureFixture[str], ligne: str, constat: str
) -> None:
    fichier = commande.dossier / "m.csv"
    fichier.write_text(
        f"mois;code_caf;code_cpam;mesure;modalite;classe;valeur\n2025-05;831;;n;;;1,5\n\n{ligne}\n"
    )
    write_dictionnaire(commande.dossier / "d", [delai()])
    arguments = ["--dictionnaire", str(commande.dossier / "d"), "--mesures", str(fichier)]
    assert main(["indicateurs", *arguments, "--sortie", str(commande.sortie)]) == 1
    erreur = capsys.readouterr().err
    assert f"Ligne 4 de m.csv : {constat}" in erreur.replace("\n", " ")
    assert not commande.sortie.exists()


@pytest.mark.parametrize(
    ("actions", "constat"),
    [
        ("A1;F;Axe;faite", "l'état est l'un de"),
        ("A1;F;;obsolete", "pas d'axe"),
        ("A0;F;Axe;obsolete", "déjà donnée"),
    ],
)
def test_an_action_in_an_unknown_state_is_refused(
    commande: Commande, capsys: pytest.CaptureFixture[str], actions: str, constat: str
) -> None:
    fichier = commande.dossier / "a.csv"
    fichier.write_text(f"code;fiche;axe;etat\nA0;F;Axe;partielle\n{actions}\n")
    assert commande.run([delai()], [], "--actions", str(fichier)) == 1
    assert constat in capsys.readouterr().err.replace("\n", " ")


def test_two_versions_of_one_indicator_are_computed_over_the_same_months(commande: Commande) -> None:
    """IGAS 2013-164R rec. 17 says three contacts or fewer; its §103 says fewer than three."""
    dictionnaire = [
        define("dossiers_en_trois_contacts", "ratio", [{"mesure": "contacts", "classe_max": maxi}], "contacts:*",
               version=version)
        for version, maxi in ((1, 3), (2, 2))
    ]  # fmt: skip
    dictionnaire = [
        i.model_copy(
            update={
                "denominateur": tuple(c.model_copy(update={"modalite": None}) for c in i.denominateur or ())
            }
        )
        for i in dictionnaire
    ]
    mesures = [
        mesure(mois, "contacts", n, "831", classe=classe)
        for mois in ("2025-05", "2025-06")
        for classe, n in ((1, 50), (2, 20), (3, 10), (4, 20))
    ]
    assert commande.run(dictionnaire, mesures) == 0
    for mois in ("2025-05", "2025-06"):
        assert commande.find("dossiers_en_trois_contacts", mois, version="1")["valeur"] == "0.8"
        assert commande.find("dossiers_en_trois_contacts", mois, version="2")["valeur"] == "0.7"
