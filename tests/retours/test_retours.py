"""Returns of the Cpam: kept with their history, judged, measured; what is held is nowhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from fichiers_recus import make_xlsx
from mutilations import ACCUSE_BON
from registre import MENSUEL, QUARANTAINE, Registre

from aller_vers.mesures.declarees import load_profils
from aller_vers.partage.partage import Partage
from aller_vers.qualite.regles import load_regles
from aller_vers.qualite.suites import load_suite
from aller_vers.retours.fichiers.formes import ENTONNOIR
from aller_vers.retours.fichiers.quarantaine import admit, list_ecartes
from aller_vers.retours.jugement import Groupe
from aller_vers.socle.erreurs import ErreurAllerVers

# The Var in 2023 (IT 2025-098 §1.2): 111, 79, 79, 46, ., 18, 15.
VAR = "831;831;2025-06;31/07/2025;111;79;79;46;;18;15;;"
GROUPE = Groupe("2025-06", "mensuel", "831", "831", "831")
CAFS = ("831", "061", "131")


def transmit(registre: Registre, lignes: int = 120) -> None:
    registre.drop(lignes=lignes)
    registre.acknowledge(lignes=lignes)


CPAM = "cpam/831"


def take(
    registre: Registre, ligne: str, run_id: str, titres: str = MENSUEL, depot: str = "831"
) -> None:  # fmt: skip
    registre.put("retour.csv", f"{titres}{ligne}\n", depot)
    assert registre.collect_retours(depot).pris == 1, registre.motifs(depot)
    registre.judge(run_id)
    registre.publish(run_id)


def test_a_monthly_return_becomes_measures_and_what_is_empty_is_not_zero(registre: Registre) -> None:
    transmit(registre)
    take(registre, VAR.replace(";15;;", ";0;;"), "r1")
    assert registre.mesures("retour_mensuel") == {
        ("831", "831", etape): n
        for etape, n in [("cibles", 111), ("contactables", 79), ("personnes_appelees", 79),
                         ("personnes_jointes", 46), ("rdv_pris", 18), ("rdv_honores", 0)]
    }  # fmt: skip
    assert registre.files() == {"retours": [], "traites": ["accuse_831.csv", "retour.csv"]}


def test_a_monthly_return_comes_by_the_cpam_s_own_folder_and_either_way_the_last_one_stands(
    registre: Registre,
) -> None:
    transmit(registre)
    take(registre, VAR, "r1", depot=CPAM)
    assert registre.mesures("retour_mensuel")["831", "831", "rdv_honores"] == 15
    take(registre, VAR.replace(";15;;", ";14;;"), "r2")
    assert registre.mesures("retour_mensuel")["831", "831", "rdv_honores"] == 14
    take(registre, VAR.replace("831;831", "831;061"), "r3", depot=CPAM)
    assert read_regles(registre, "r3")["061"] >= {"couple_inconnu"}, "a Caf without a convention with it"


def test_a_correction_replaces_and_the_history_stays(registre: Registre) -> None:
    transmit(registre)
    take(registre, VAR, "r1")
    take(registre, VAR.replace(";18;15", ";20;"), "r2")
    assert registre.mesures("retour_mensuel")["831", "831", "rdv_pris"] == 20
    assert ("831", "831", "rdv_honores") not in registre.mesures("retour_mensuel")
    assert registre.run("SELECT rdv_pris, rdv_honores, verdict, run_id FROM staging.retour ORDER BY id") == [
        (18, 15, "conforme", "r1"), (20, None, "conforme", "r2"),
    ]  # fmt: skip
    take(registre, VAR.replace(";18;15", ";20;"), "r3")
    assert len(registre.run("SELECT FROM staging.retour")) == 2, "the same content adds nothing"


def test_a_correction_that_is_held_leaves_the_former_one_in_place(registre: Registre) -> None:
    transmit(registre)
    take(registre, VAR, "r1")
    take(registre, VAR.replace("111;79", "111;112"), "r2")
    assert registre.mesures("retour_mensuel")["831", "831", "contactables"] == 79
    assert registre.run("SELECT verdict FROM staging.retour ORDER BY id") == [("conforme",), ("retenu",)]
    take(registre, VAR.replace("111;79", "111;80"), "r3")
    assert registre.mesures("retour_mensuel")["831", "831", "contactables"] == 80


def test_a_return_without_acknowledgement_is_held_until_it_comes(registre: Registre) -> None:
    registre.drop(lignes=120)
    take(registre, VAR, "r1")
    assert registre.mesures("retour_mensuel") == {}
    assert "transmission_inconnue" in registre.run("SELECT string_agg(regle, ' ') FROM dq.verdict")[0][0]
    registre.judge("r2")
    assert registre.publish("r2").avis == 0, "told once"
    registre.acknowledge(lignes=120)
    registre.judge("r3")
    registre.publish("r3")
    assert registre.mesures("retour_mensuel")["831", "831", "cibles"] == 111


def test_treatment_and_destruction_enter_the_ledger_with_their_proof(registre: Registre) -> None:
    transmit(registre)
    take(registre, VAR[:-1] + "15/07/2025;", "r1")
    take(registre, VAR[:-1] + "15/07/2025;10/08/2025", "r2")
    assert registre.events("traite", "detruit") == [("traite", "831", 1, "831"), ("detruit", "831", 1, "831")]
    assert registre.run("SELECT preuve FROM suivi.evenement WHERE etat IN ('traite', 'detruit') ORDER BY id") == [
        ({"date_fin_traitement": "2025-07-15"},), ({"date_destruction": "2025-08-10"},),
    ]  # fmt: skip
    assert registre.mesures("destructions_cpam") == {
        ("831", "831", "attendues"): 1, ("831", "831", "certifiees"): 1, ("831", "831", "dans_le_mois"): 1,
    }  # fmt: skip


def test_the_ledger_gives_transmissions_and_delays(registre: Registre) -> None:
    registre.drop("591", lignes=100)
    registre.put(
        "a.csv",
        "code_caf;mois;version;cpam;lignes;portail;date_transmission;reference\n"
        "591;2025-06;1;594;60;peps;04/07/2025;\n591;2025-06;1;595;30;peps;15/07/2025;\n591;2025-06;1;597;0;peps;04/07/2025;\n",
        "591",
    )
    assert registre.collect_accuses("591").pris == 1, registre.motifs("591")
    registre.drop("061", lignes=0)
    registre.drop("131", etat="retenu")
    registre.judge()
    assert registre.publish().mois == ("2025-06",)
    cpams = {"594": (1, 1), "595": (1, 0), "599": (0, 0)}
    # Nobody is for these: nothing is expected, which is not nothing given; the lot that is held says nothing.
    vides = [("591", "597"), ("061", "061")]
    assert registre.mesures("transmissions") == {
        ("591", cpam, modalite): n
        for cpam, (transmise, a_temps) in cpams.items()
        for modalite, n in [("attendues", 1), ("transmises", transmise), ("dans_les_delais", a_temps)]
    } | {
        (*vide, modalite): 0 for vide in vides for modalite in ("attendues", "transmises", "dans_les_delais")
    }
    # 14 July is a holiday: from the 1st to the 15th there are nine business days.
    assert registre.mesures("delai_transmission_jours") == {
        ("591", "594", "3"): 1, ("591", "595", "9"): 1, **{(*vide, "0"): 0 for vide in vides},
    }  # fmt: skip
    assert registre.mesures("retour_mensuel") == {(*vide, etape): 0 for vide in vides for etape in ENTONNOIR}
    assert registre.mesures("retours_attendus") == {
        ("591", cpam, modalite): n
        for cpam in ("594", "595")
        for modalite, n in [("attendus", 1), ("recus", 0), ("a_temps", 0)]
    } | {(*vide, modalite): 0 for vide in vides for modalite in ("attendus", "recus", "a_temps")}


def test_returns_are_counted_over_those_expected_each_when_it_is_due(registre: Registre) -> None:
    """A return that came in time, none, one of a lot sent late: due later than the month, then counted."""

    def live(le: str, run_id: str) -> tuple[bool, dict[str, tuple[int, ...]]]:
        registre.run("DELETE FROM suivi.horloge", "proprietaire")
        registre.run(
            "INSERT INTO suivi.horloge (decalage) VALUES (CAST(:le AS timestamptz) - now())", "proprietaire",
            le=f"{le}T12:00:00Z",
        )  # fmt: skip
        registre.judge(run_id)
        change = registre.publish(run_id).mois == ("2025-06",)
        lues = registre.mesures("retours_attendus")
        return change, {
            caf: tuple(lues.get((caf, caf, m), -1) for m in ("attendus", "recus", "a_temps")) for caf in CAFS
        }

    for caf, le in zip(CAFS, ("04/07/2025", "04/07/2025", "31/07/2025"), strict=True):
        registre.drop(caf, lignes=120)
        registre.acknowledge(caf, caf, 120, le=le)
    registre.put("r.csv", f"{MENSUEL}{VAR}\n")
    assert registre.collect_retours().pris == 1, registre.motifs()
    registre.run("UPDATE staging.retour SET recu_le = '2025-08-18T12:00:00Z'", "proprietaire")
    rien, tard = (1, 0, 0), (-1, -1, -1)
    vus = {"831": (1, 1, 1), "061": rien, "131": tard}
    assert live("2025-08-20", "r1") == (True, vus)
    assert live("2025-09-14", "r2") == (False, vus)
    assert live("2025-09-15", "r3") == (True, vus | {"131": rien}), "due the day before"
    assert live("2025-09-16", "r4") == (False, vus | {"131": rien})
    registre.run("UPDATE staging.retour SET recu_le = '2025-08-19T12:00:00Z'", "proprietaire")
    registre.acknowledge("131", "131", 119, le="31/07/2025")  # the ledger changes
    assert live("2025-09-17", "r5") == (True, {"831": (1, 1, 0), "061": rien, "131": rien})


def test_months_that_did_not_change_are_not_told_again(registre: Registre) -> None:
    transmit(registre)
    registre.drop("831", mois="2025-05", le=date(2025, 6, 2))
    take(registre, VAR, "r1")
    assert registre.publish("r1").mois == ("2025-05", "2025-06"), "again, the same run says the same"
    registre.judge("r2")
    assert registre.publish("r2").mois == ()
    take(registre, VAR.replace(";18;", ";19;"), "r3")
    assert registre.publish("r3").mois == ("2025-06",)


def test_a_half_year_its_profiles_and_declared_measures(registre: Registre) -> None:
    transmit(registre)
    registre.put("bilan.csv", "cpam;semestre;rdv_honores;precarite;sante_mentale\n831;S1 2025;28;18;\n", CPAM)
    profils = [["code_cpam", "semestre", "dimension", "modalite", "personnes"],
               [831, "2025-S1", "Sexe", "Femmes", 24], [831, "2025-S1", "sexe", "hommes", 4],
               [831, "2025-S1", "lien_aidé".replace("é", "e"), "conjoint", None]]  # fmt: skip
    registre.put("profils.xlsx", make_xlsx(profils), CPAM)
    registre.put(
        "mesures.csv",
        "code_cpam;code_caf;periode;mesure;modalite;valeur\n"
        "831;;2025-S1;complementaire_sante_monoparentales;sans_complementaire;1 200\n"
        "831;;2025-S1;complementaire_sante_monoparentales;couvertes;\n",
    )
    assert registre.collect_retours("831", CPAM).pris == 3, registre.motifs()
    assert set(registre.judge().values()) == {"conforme"}
    registre.publish()
    assert registre.mesures("retour_semestriel") == {
        (None, "831", "rdv_honores"): 28,
        (None, "831", "precarite"): 18,
    }
    assert registre.mesures("profil_aidant") == {
        (None, "831", "sexe:femmes"): 24,
        (None, "831", "sexe:hommes"): 4,
    }
    assert registre.mesures("complementaire_sante_monoparentales") == {
        (None, "831", "sans_complementaire"): 1200
    }


MENSUELS_FAUX = {
    "entonnoir_contactables": VAR.replace("111;79;79", "111;112;79"),
    "entonnoir_personnes_appelees": VAR.replace("79;79;46", "79;80;46"),
    "entonnoir_personnes_jointes": VAR.replace("79;46", "79;80"),
    "entonnoir_acceptations": VAR.replace("46;;18", "46;47;18"),
    "entonnoir_rdv_pris": VAR.replace("46;;18", "46;17;18"),
    "entonnoir_rdv_honores": VAR.replace("18;15", "18;19"),
    "cibles_non_transmises": VAR.replace("111;79", "121;79"),
    "couple_inconnu": VAR.replace("831;831", "131;831"),
    "periode_en_cours": VAR.replace("2025-06", "2025-08"),
    "dates_dans_le_desordre": VAR[:-1] + "10/08/2025;09/08/2025",
    "dates_futures": VAR[:-1] + "10/08/2025;21/08/2025",
    "destruction_sans_fin": VAR[:-1] + ";10/08/2025",
}  # fmt: skip
# What follows from the defect as well: a Cpam or a month that nobody transmitted to.
AUSSI = {
    "couple_inconnu": {"transmission_inconnue"}, "periode_en_cours": {"transmission_inconnue"},
    "dates_futures": set(),
}  # fmt: skip


def read_regles(registre: Registre, run_id: str) -> dict[str, set[str]]:
    lignes = registre.run(
        "SELECT coalesce(code_caf, 'FR'), regle FROM dq.verdict WHERE gate = 'retours' AND run_id = :r"
        " AND regle <> 'ensemble'",
        r=run_id,
    )
    return {caf: {regle for c, regle in lignes if c == caf} for caf, _ in lignes}


def test_each_seeded_defect_holds_its_caf_by_its_rule_and_no_other(registre: Registre) -> None:
    registre.drop(lignes=120)
    registre.acknowledge(lignes=120)
    registre.drop("061", lignes=120)
    registre.acknowledge("061", "061", 120)
    for rang, (regle, ligne) in enumerate(MENSUELS_FAUX.items()):
        run_id = f"d{rang}"
        registre.put("retour.csv", f"{MENSUEL}{ligne}\n")
        registre.put("bon.csv", f"{MENSUEL}061;061;2025-06;;{30 + rang};;;;;;;;\n", "061")
        assert registre.collect_retours("831", "061").pris == 2, (registre.motifs(), regle)
        decisions = registre.judge(run_id)
        registre.publish(run_id)
        assert read_regles(registre, run_id) == {"831": {regle} | AUSSI.get(regle, set())}, regle
        attendue = "avertissement" if regle == "destruction_sans_fin" else "retenu"
        assert {g.code_caf: d for g, d in decisions.items()} == {"831": attendue, "061": "conforme"}, regle
        assert registre.mesures("retour_mensuel")["061", "061", "cibles"] == 30 + rang
        assert (("831", "831", "cibles") in registre.mesures("retour_mensuel")) == (attendue != "retenu"), (
            regle
        )
        registre.run("TRUNCATE staging.retour", "proprietaire")
    avis = registre.run("SELECT destinataire, corps FROM suivi.avis WHERE cle LIKE 'retour/%'")
    assert {d for d, _ in avis} == {"caf:831"}
    libelles = {r.code: r.libelle for r in load_regles("retours")}
    for regle in set(MENSUELS_FAUX) - {"destruction_sans_fin"}:
        assert any(libelles[regle] in corps for _, corps in avis), regle


def test_more_offers_than_people_are_held(registre: Registre) -> None:
    transmit(registre)
    registre.put("retour.csv", "code_cpam;code_caf;mois;cibles;offres_envoyees\n831;831;2025-06;10;11\n")
    assert registre.collect_retours().pris == 1
    registre.judge("r1")
    registre.publish("r1")
    assert read_regles(registre, "r1") == {"831": {"entonnoir_offres_envoyees"}}


def test_the_funnel_is_held_across_what_was_not_provided(registre: Registre) -> None:
    transmit(registre)
    take(registre, "831;831;2025-06;;10;;;11;;;;;", "r1")
    assert read_regles(registre, "r1") == {"831": {"entonnoir_personnes_jointes"}}


def test_older_figures_that_come_with_newer_ones_are_held_too(registre: Registre) -> None:
    transmit(registre)
    registre.put("a.csv", f"{MENSUEL}{VAR}\n")
    registre.put("b.csv", f"{MENSUEL}{VAR}\n".replace("31/07", "15/07"))
    assert registre.collect_retours().pris == 2
    registre.judge("r1")
    assert read_regles(registre, "r1") == {"831": {"arrete_anterieur"}}


def test_older_figures_do_not_replace_newer_ones(registre: Registre) -> None:
    transmit(registre)
    take(registre, VAR, "r1")
    take(registre, VAR.replace("31/07", "15/07").replace(";18;", ";17;"), "r2")
    assert read_regles(registre, "r2") == {"831": {"arrete_anterieur"}}
    assert registre.mesures("retour_mensuel")["831", "831", "rdv_pris"] == 18


PROFIL = "code_cpam;semestre;dimension;modalite;personnes\n"
SENSIBLE = "code_cpam;semestre;rdv_honores;precarite\n"


@pytest.mark.parametrize(
    ("depot", "contenu", "dit"),
    [
        ("831", f"{SENSIBLE}831;2025-S1;28;18\n", "la Cpam, qui le dépose dans son propre dossier"),
        (CPAM, f"{ACCUSE_BON}\n", "la Caf, qui le dépose dans le sien"),
        (CPAM, f"{SENSIBLE}594;2025-S1;28;18\n", "le code de la Cpam qui dépose, 831"),
        (CPAM, f"{MENSUEL}{VAR.replace('831;831', '594;831')}\n", "le code de la Cpam qui dépose, 831"),
        (CPAM, "code_cpam;code_caf;mois;version;date_destruction\n594;831;2025-06;1;12/07/2025\n",
         "le code de la Cpam qui dépose, 831"),
    ],
    ids=["sensitive_by_a_caf", "acknowledgement_by_a_cpam", "of_another_cpam", "monthly_of_another", "certificate_of_another"],
)  # fmt: skip
def test_what_says_something_of_a_person_comes_by_its_own_cpam_alone(
    registre: Registre, depot: str, contenu: str, dit: str
) -> None:
    transmit(registre)
    registre.put("r.csv", contenu, depot)
    assert registre.collect_retours("831", CPAM).refuses == 1
    assert dit in registre.motifs(depot)["r.csv"]
    assert registre.run("SELECT count(*) FROM staging.retour") == [(0,)]
    qui = registre.run(
        "SELECT destinataire FROM suivi.avis WHERE cle LIKE 'refus/%' AND right(destinataire, 4) = :fin",
        fin=":831",
    )
    assert qui == [("cpam:831" if depot == CPAM else "caf:831",)]


def test_a_cpam_s_doubtful_file_waits_apart_and_is_read_again_once_admitted(registre: Registre) -> None:
    registre.put("r.csv", ACCUSE_BON.replace("BF-17", "199001234"), CPAM)
    assert registre.collect_retours(CPAM).ecartes == 1
    partage = Partage(str(registre.racine))
    [ecarte] = list_ecartes(partage, QUARANTAINE)
    admit(partage, QUARANTAINE, ecarte.cle)
    assert registre.collect_retours(CPAM).refuses == 1
    assert "la Caf, qui le dépose dans le sien" in registre.motifs(CPAM)["r.csv"]


def test_a_half_year_s_defects(registre: Registre) -> None:
    transmit(registre)
    bilan = "code_cpam;semestre;rdv_honores;accompagnements_misas;sante_mentale\n"
    take(registre, "831;2025-S1;28;29;", "r1", bilan, depot=CPAM)
    assert read_regles(registre, "r1") == {CPAM: {"bilan_incoherent"}}
    take(registre, "831;2025-S2;28;2;", "r2", bilan, depot=CPAM)
    assert read_regles(registre, "r2") == {CPAM: {"bilan_incoherent", "periode_en_cours"}}
    take(registre, "831;2025-S1;28;28;", "r3", bilan, depot=CPAM)
    take(registre, "831;2025-S1;sexe;femmes;29", "r4", PROFIL, depot=CPAM)
    assert read_regles(registre, "r4")[CPAM] >= {"profil_incoherent"}
    assert registre.mesures("profil_aidant") == {(None, "831", "sexe:femmes"): 29}, "a warning does not hold"


def test_every_rule_has_its_seeded_defect_and_its_threshold() -> None:
    regles = {regle.code for regle in load_regles("retours")}
    semes = {
        *MENSUELS_FAUX,
        "entonnoir_offres_envoyees",
        "transmission_inconnue",
        "arrete_anterieur",
        "bilan_incoherent",
        "profil_incoherent",
    }
    assert semes == regles
    assert {a.regle for a in load_suite("retours_cpam").caf} == regles
    assert all(
        a.colonne == a.regle and a.parametres == {"max_value": 0} for a in load_suite("retours_cpam").caf
    )


def test_a_rule_that_was_not_counted_holds_every_return(
    registre: Registre, monkeypatch: pytest.MonkeyPatch
) -> None:
    transmit(registre)
    monkeypatch.setattr(
        "aller_vers.retours.jugement.load_regles",
        lambda dag: [r for r in load_regles(dag) if r.code != "dates_futures"],
    )
    take(registre, VAR, "r1")
    assert registre.run("SELECT verdict FROM dq.verdict WHERE regle = 'dates_futures'") == [("non_evalue",)]
    assert registre.mesures("retour_mensuel") == {}


REFUSES: list[tuple[str, str]] = [
    (f"{MENSUEL}831;131;2025-06;;1;;;;;;;;\n", "colonne code_caf attend le code de la Caf qui dépose, 831"),
    (f"{MENSUEL}831;831;2025-06;;1;;;;;;;;\n831;831;2025-06;;2;;;;;;;;\n", "une autre ligne a la même clé"),
    (f"{MENSUEL}831;831;2025-06;;;;;;;;;;\n", "Aucune ligne de ce retour n'est complétée"),
    (f"{MENSUEL}831;831;;;1;;;;;;;;\n", "la colonne mois est vide"),
    (f"{MENSUEL}831;831;2025-06;;1,5;;;;;;;;\n", "colonne cibles attend un nombre entier"),
    (f"{MENSUEL}831;831;2025-06;;-1;;;;;;;;\n", "colonne cibles attend un nombre positif"),
    (f"{MENSUEL}831;831;2025-06;;NC;;;;;;;;\n", "colonne cibles attend un nombre, ou rien"),
    (f"{MENSUEL}999;831;2025-06;;1;;;;;;;;\n", "un code de Cpam connu"),
    (f"{MENSUEL}831;831;2025-06;32/07/2025;1;;;;;;;;\n", "colonne date_arrete attend une date"),
    ("code_cpam;semestre;rdv_honores;precarite\n831;2025-S3;1;1\n", "un semestre écrit 2025-Sn"),
    ("code_cpam;semestre;dimension;modalite;personnes\n831;2025-S1;taille;grande;1\n", "un des mots suivants : sexe"),
    ("code_cpam;semestre;dimension;modalite;personnes\n831;2025-S1;sexe;grande;1\n", "femmes, hommes"),
    ("periode;mesure;valeur;code_cpam\n2025-S1;inconnue;1;831\n", "colonne mesure attend un des mots"),
    ("periode;mesure;valeur;code_caf;code_cpam\n2025-S1;misas_monoparentales;1;831;\n", "celle d'une Cpam, seule"),
    ("periode;mesure;valeur;code_cpam;modalite\n2025-S1;misas_monoparentales;1;831;x\n", "n'a pas de modalité"),
    ("periode;mesure;valeur;code_cpam;modalite\n2025-06;misas_monoparentales;1;831;\n", "un semestre écrit"),
    ("code_cpam;code_caf;mois;cible\n831;831;2025-06;1\n", "n'est celle d'aucun fichier attendu"),
    ("code_cpam;code_caf;mois;cibles;rdv honoré\n831;831;2025-06;1;1\n", "1 colonne en trop"),
    ("code_caf;mois;cibles\n831;2025-06;1\n", "il manque code_cpam"),
]  # fmt: skip


def test_what_is_no_return_is_put_back_with_its_reason_and_the_good_ones_are_taken(
    registre: Registre,
) -> None:
    for rang, (contenu, _) in enumerate(REFUSES):
        registre.put(f"r{rang:02}.csv", contenu, CPAM if ";semestre;" in contenu else "831")
    registre.put("bon.csv", f"{MENSUEL}{VAR}\n")
    bilan = registre.collect_retours("831", CPAM)
    assert (bilan.pris, bilan.refuses, bilan.bloques) == (1, len(REFUSES), ())
    motifs = registre.motifs() | registre.motifs(CPAM)
    for rang, (contenu, motif) in enumerate(REFUSES):
        assert motif in motifs[f"r{rang:02}.csv"], contenu
    assert len(registre.run("SELECT FROM staging.retour")) == 1


def test_nobody_but_av_etl_reads_the_returns(registre: Registre) -> None:
    for role in ("av_qualite", "av_pilotage", "av_diffusion"):
        with pytest.raises(Exception, match="permission denied"):
            registre.run("SELECT FROM staging.retour", role)


@pytest.mark.parametrize(
    "texte", ["sexe: [femmes, femmes]", "sexe: []", "Sexe: [femmes]", "- sexe", "a: [b\n"]
)
def test_profiles_are_read_strictly(tmp_path: Path, texte: str) -> None:
    fichier = tmp_path / "profils.yml"
    fichier.write_text(texte, encoding="utf-8")
    with pytest.raises(ErreurAllerVers, match=r"profils\.yml"):
        load_profils.__wrapped__(fichier)
    assert "femmes" in load_profils()["sexe"]
