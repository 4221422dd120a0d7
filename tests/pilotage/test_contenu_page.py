"""What the screens say, against what the warehouse holds: publication, one Caf, the month, health."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from decimal import Decimal

import psycopg
from jeu_pilotage import MOIS, PROVISOIRE, RETENUE, RETOURS, TRANSMISE
from openpyxl import load_workbook
from serveur_page import Page

from aller_vers.indicateurs.entonnoir import Place
from aller_vers.pilotage.indicateurs import Territoire, rank
from aller_vers_airflow.pilotage.graphiques import list_graduations

CODE = "taux_courriel_valide"


def read(page: Page, chemin: str, compte: str = "lectrice") -> str:
    with page.open(compte) as client:
        reponse = client.get(f"/pilotage/{chemin}")
    assert reponse.status_code == 200, reponse.text
    return reponse.text


def find_row(texte: str, quoi: str) -> str:
    """Return the first row of a table that holds these words, without its tags."""
    for ligne in re.findall(r"<tr>.*?</tr>", texte, re.S):
        if quoi in ligne:
            return " ".join(re.sub(r"<[^>]*>", " ", ligne).split())
    raise AssertionError(quoi)


def test_a_value_is_shown_whole_and_as_it_is_published_rounded(page: Page) -> None:
    texte = read(page, f"indicateurs/{CODE}?mois={MOIS[-1]}")
    with psycopg.connect(page.dsn) as connexion:
        lues = connexion.execute(
            "SELECT territoire, valeur FROM marts.indicateur WHERE code = %s AND mois = %s AND territoire IN ('831', 'FR')",
            (CODE, MOIS[-1]),
        ).fetchall()
    valeurs = dict(lues)
    var = find_row(texte, "831 · Var")
    assert f"{valeurs['831'] * 100:.1f}".replace(".", ",") in var
    assert var.endswith("pas encore")  # a Caf's month is published with its year
    assert f"à la publication : {round(valeurs['FR'], 2) * 100:.1f}".replace(".", ",") in texte
    # Not provided stays not provided; a month that is not published yet says so.
    assert "non fourni" in texte
    assert 'à la publication : <span class="statut">pas encore' in read(
        page, f"indicateurs/{CODE}?mois={MOIS[0]}"
    )


def test_what_can_still_move_says_so_with_its_date_wherever_it_stands(page: Page) -> None:
    """In the list, on its own screen, on a Caf's and in the files."""
    jusque = "provisoire jusqu'au 02/01/2026"
    for chemin in (f"indicateurs?mois={MOIS[-1]}", f"caf/831?mois={MOIS[-1]}"):
        assert jusque in find_row(read(page, chemin), f"indicateurs/{PROVISOIRE}?"), chemin
        assert "provisoire" not in find_row(read(page, chemin), f"indicateurs/{CODE}?"), chemin
    texte = read(page, f"indicateurs/{PROVISOIRE}?mois={MOIS[-1]}")
    assert jusque in texte.split("<h2")[1]
    assert "à l'origine : 39,8" in texte
    assert jusque in find_row(texte, "831 · Var")
    texte = read(page, f"indicateurs.csv?mois={MOIS[-1]}&code={PROVISOIRE}")
    lignes = {li["territoire"]: li for li in csv.DictReader(io.StringIO(texte), delimiter=";")}
    assert (lignes["France"]["statut"], lignes["France"]["definitif_le"]) == ("provisoire", "2026-01-02")


def test_the_list_says_a_small_count_as_it_is_published_and_what_stays_inside(page: Page) -> None:
    texte = read(page, f"indicateurs?mois={MOIS[-1]}")
    assert find_row(texte, "indicateurs/demandeurs?").endswith("0 à 4")
    assert find_row(texte, "indicateurs/supports_communication_partenaires?").endswith("interne")


def test_files_hold_the_whole_value_and_what_publication_does_of_it(page: Page) -> None:
    with page.open("lectrice") as client:
        texte = client.get(f"/pilotage/indicateurs.csv?mois={MOIS[-1]}&code={CODE}").content.decode(
            "utf-8-sig"
        )
        classeur = client.get(f"/pilotage/indicateurs.xlsx?mois={MOIS[-1]}&code={CODE}").content
    lignes = {li["territoire"]: li for li in csv.DictReader(io.StringIO(texte), delimiter=";")}
    assert lignes["831 · Var"]["valeur"]
    assert (lignes["831 · Var"]["publication"], lignes["831 · Var"]["valeur_publiee"]) == ("", "")
    assert (lignes["France"]["publication"], len(lignes["France"]["valeur_publiee"])) == ("publie", 4)
    assert {li["statut"] for li in lignes.values()} == {"definitif", "non_fourni"}
    feuille = load_workbook(io.BytesIO(classeur)).active
    assert feuille is not None
    entete, *rangees = feuille.iter_rows(values_only=True)
    assert len(rangees) == len(lignes)
    par_nom = {r[entete.index("territoire")]: dict(zip(entete, r, strict=True)) for r in rangees}
    assert par_nom["France"]["publication"] == "publie"
    assert isinstance(par_nom["831 · Var"]["valeur"], float | int)


def test_an_indicator_shows_its_target_spread_ranking_and_definition(page: Page) -> None:
    texte = read(page, f"indicateurs/{CODE}?mois={MOIS[-1]}")
    for mot in (
        "Cible : 50,0",
        "Mini",
        "D1",
        "Médiane",
        "D9",
        "Maxi",
        "27 caisses sur 54",
        "Définition",
        "Levier",
    ):
        assert mot in texte, mot
    # The marts of this warehouse have the caisses' months: the groups' are added up from them.
    pilotes = find_row(texte, "Territoires pilotes")
    assert re.search(r"([\d,]+ %) ([\d,]+ %)$", pilotes), pilotes
    caf = texte.split('id="d-caf"')[1].split("</details>")[0]
    valeurs = [float(v.replace(",", ".")) for v in re.findall(r'</th><td class="n">([\d,]+)', caf)]
    assert valeurs == sorted(valeurs, reverse=True)
    assert len(valeurs) > 80
    # Var: 174 of 300 over the months, where the network has about 52 in a hundred.
    assert find_row(caf, "831 · Var").endswith("au-dessus (limite à 95 %) pas encore")


def test_what_is_too_small_or_can_still_move_comes_after_those_that_are_ranked() -> None:
    def build(code: str, valeur: str | None, place: Place | None) -> Territoire:
        lue = None if valeur is None else Decimal(valeur)
        return Territoire("caf", code, code, lue, lue, lue, None, "definitif", None, None, None, place)

    meilleure = build("481", "1", Place("trop_peu"))
    moyenne = build("831", "0.4", Place("dans_la_moyenne"))
    basse = build("591", "0.2", Place("au_dessous", "95 %"))
    provisoire = replace(moyenne, territoire="131", statut="provisoire", valeur=Decimal("0.9"))
    peu_ce_mois = replace(moyenne, territoire="134", denominateur=Decimal(4), valeur=Decimal("0.8"), seuil=5)
    autres = [meilleure, build("974", None, None), provisoire, peu_ce_mois]
    assert rank([*autres, basse, replace(moyenne, denominateur=Decimal(5), seuil=5)], "plus")[:2] == (
        replace(moyenne, denominateur=Decimal(5), seuil=5), basse,
    )  # fmt: skip


def test_a_caf_shows_its_versions_its_cpam_its_returns_and_its_past(page: Page) -> None:
    texte = read(page, f"caf/{TRANSMISE}?mois={MOIS[1]}")
    assert "remplacée le" in find_row(texte, "premier dépôt")
    assert "déposée le" in find_row(texte, '<th scope="row" class="n">2')
    juin = read(page, f"caf/{TRANSMISE}?mois={MOIS[0]}")
    cpam = find_row(juin, "831 · Cpam du Var")
    for mot in ("le 28/06/2025", "bluefiles", "22/08/2025", "certifiée, le 10/09/2025"):
        assert mot in cpam, mot
    retours = juin.split('id="retours"')[1]
    assert find_row(retours, "831 · Cpam du Var").split("Var ")[1].split() == [
        str(v) for v in RETOURS.values()
    ]
    assert find_row(read(page, f"caf/{TRANSMISE}?mois={MOIS[-1]}").split('id="histoire"')[1], "juin 2025")
    assert "Aucun retour n&#39;est encore arrivé" in read(page, f"caf/{TRANSMISE}?mois={MOIS[-1]}") or (
        "Aucun retour n'est encore arrivé" in read(page, f"caf/{TRANSMISE}?mois={MOIS[-1]}")
    )


def test_the_month_links_to_the_run_and_the_log_and_compares_with_the_one_before(page: Page) -> None:
    texte = read(page, f"mois?mois={MOIS[-1]}")
    assert f"/dags/requete_nationale/runs/run-{MOIS[-1]}/tasks/judge_requete" in texte
    assert f"/dags/depots_caf/runs/run-{MOIS[-1]}/tasks/check_lots" in texte
    assert find_row(read(page, f"qualite?mois={MOIS[-1]}"), "check_lots").startswith("Lots relus ")
    assert "juillet : 01/08/2025" in texte
    assert "août 2025 juillet 2025 Écart" in find_row(texte, "Écart")
    assert find_row(texte, "Demandeurs").endswith("+101")
    assert "Décider" in texte
    juin = read(page, f"mois?mois={MOIS[0]}")
    assert "2 lots traités sur 100" in juin
    assert "1 sur 101 ici, 1 sur 100 par les Cpam" in juin


def test_what_failed_in_airflow_is_on_the_month_and_on_health_until_it_recovers(page: Page) -> None:
    with psycopg.connect(page.dsn, autocommit=True) as connexion:
        connexion.execute(
            "INSERT INTO suivi.alerte (sujet, mois, code_caf, regle, gravite, depuis, dite_le) VALUES "
            "('dag:depots_caf', '2025-08', '', 'echec/write_lot', 'echec', '2025-09-01 06:10+00', '2025-09-01'), "
            "('porte:requete', '2025-08', '591', 'identite_dupliquee', 'retenu', now(), '2025-09-01')"
        )
    try:
        for chemin in (f"mois?mois={MOIS[-1]}", "sante"):
            texte = " ".join(re.sub(r"<[^>]*>", " ", read(page, chemin)).split())
            assert re.search(
                r"Dépôt des lots aux Caf ?, 2025-08 ?(: en échec ?)?, tâche write_lot depuis le 01/09/2025 à 08:10",
                texte,
            )
    finally:
        with psycopg.connect(page.dsn, autocommit=True) as connexion:
            connexion.execute("DELETE FROM suivi.alerte")
    assert "write_lot" not in read(page, f"mois?mois={MOIS[-1]}")


def test_health_tells_airflows_parts_the_outbox_and_overdue_destructions(page: Page) -> None:
    with psycopg.connect(page.dsn, autocommit=True) as connexion:
        connexion.execute("UPDATE suivi.avis SET tentatives = 2, derniere_erreur = 'refus 550'")
    texte = read(page, "sante")
    assert "Répond" in find_row(texte, "Base d&#39;Airflow")
    assert "Ne répond pas" in find_row(texte, "Ordonnanceur")  # there is none beside this server
    assert "Avis en attente</dt><dd>1, depuis le" in texte
    assert "cause : refus 550" in texte
    # The Var's lot of June was treated in August by all of its Cpam, and destroyed; the Gironde's was not.
    echus = texte.split("Lots qui devraient être détruits")[1].split("</dd>")[0]
    assert "331, juin 2025" in echus or "aucun" in echus
    assert f"{TRANSMISE}, juin 2025" not in echus
    assert RETENUE not in echus


def test_the_list_follows_the_report_draws_two_years_and_folds_what_has_no_value(page: Page) -> None:
    texte = read(page, f"indicateurs?mois={MOIS[-1]}")
    titres = re.findall(r'<h2 id="f-\d+">([^<]+)', texte)
    assert titres[:2] == ["Demandeurs et lots ", "Appels et rendez-vous "]
    debut = texte.split('id="f-0"')[1].split("</section>")[0]
    assert re.findall(r"/indicateurs/(\w+)\?", debut)[:2] == ["demandeurs", CODE]
    assert "Un an avant" not in debut  # nothing is known of a year ago: no empty column
    ligne = debut.split(f"/indicateurs/{CODE}?")[1].split("</tr>")[0]
    assert 'class="etincelle"' in ligne
    assert "+15,0" in ligne  # 65 % where the target is 50 %
    assert re.search(r"\d+ au-dessus, \d+ au-dessous", ligne)
    assert "sans valeur ce mois-ci" not in debut


def test_an_indicator_has_its_map_its_funnel_and_the_month_before(page: Page) -> None:
    texte = read(page, f"indicateurs/{CODE}?mois={MOIS[-1]}")
    carte = texte.split('id="carte"')[1].split("</section>")[0]
    assert carte.count("<li ") > 95
    assert {f"k-{n}" for n in range(6)} <= set(re.findall(r'class="tuile (k-\d)"', carte))
    entonnoir = texte.split('id="entonnoir"')[1].split("</section>")[0]
    assert "831 · Var : 174 sur 300 (58,0" in entonnoir
    assert 'class="p-au_dessus"' in entonnoir.split("831 · Var")[0].rsplit("<circle", 1)[1]
    assert "juillet 2025 : 65,0" in texte


def test_a_caf_shows_counts_over_twelve_months_beside_the_nation(page: Page) -> None:
    texte = read(page, f"caf/831?mois={MOIS[-1]}")
    ligne = find_row(texte.split('id="indicateurs"')[1], f"indicateurs/{CODE}?")
    assert "174 sur 300" in ligne
    assert "au-dessus" in ligne
    assert "Copie périmée chez une Cpam" in texte.split('id="a-faire"')[1].split("</section>")[0]


def test_the_axis_of_a_count_has_whole_round_numbers() -> None:
    assert list_graduations(3, 11, part=False) == [2, 4, 6, 8, 10, 12]
    assert list_graduations(7, 8, part=False) == [7, 8]
    assert list_graduations(0.31, 0.62, part=True) == [0, 0.2, 0.4, 0.6, 0.8]
    assert list_graduations(1340, 1340, part=False)[0] <= 1340 <= list_graduations(1340, 1340, part=False)[-1]


def test_two_caf_stand_side_by_side(page: Page) -> None:
    texte = read(page, f"caf/831?mois={MOIS[-1]}&avec=331").split('id="indicateurs"')[1]
    assert "331 · Gironde, douze mois" in find_row(texte, "douze mois")
    ligne = find_row(texte, f"indicateurs/{CODE}?")
    assert len(re.findall(r"\d+ sur 300", ligne)) == 2


def test_two_months_stand_side_by_side_and_the_lot_names_its_files(page: Page) -> None:
    texte = read(page, f"caf/{TRANSMISE}?mois={MOIS[2]}&contre={MOIS[0]}")
    frise, lot = (
        texte.split(f'aria-labelledby="{nom}"')[1].split("</section>")[0] for nom in ("frise", "lot")
    )
    ici, contre = frise.split('<ol class="etapes frise"')[1:]
    assert "28/08/2025" in ici
    # The other month went to its end.
    assert "10/09/2025" in contre
    assert "Var, juin 2025" in texte.split('id="indicateurs"')[1]
    assert lot.index("LISEZMOI.txt") < lot.index("PA_831.xlsx") < lot.index("16 personnes, Cpam 831")


def test_the_grid_says_where_each_lot_stands_month_by_month(page: Page) -> None:
    texte = read(page, f"transmissions/grille?mois={MOIS[2]}")
    titres = re.findall(r'class="tri"[^>]*>(\w+ \d{4})<', texte)
    assert titres[:3] == ["Août 2025", "Juillet 2025", "Juin 2025"]
    assert find_row(texte, f"/caf/{TRANSMISE}?").startswith(
        "831 · Var ● Transmis à la Cpam ◔ Déposé, à transmettre ◆ Détruit par la Cpam, certifié"
    )
    assert "Août" not in read(page, f"transmissions/grille?mois={MOIS[1]}").split("<table")[1]


def test_an_acknowledgement_is_proposed_with_the_whole_lot_where_one_cpam_has_it_all(page: Page) -> None:
    with page.open("decideuse") as client:
        var, nord = (
            client.get(f"/pilotage/transmissions?lot={lot}").text
            for lot in (f"{MOIS[1]}-831-2-831", f"{MOIS[0]}-591-1-594")
        )
    assert re.search(r'name="lignes"[^>]* max="14" value="14"', var)
    assert re.search(r'name="lignes"[^>]* max="14" value=""', nord)


def test_the_statement_of_accessibility_gives_no_rate_that_nobody_measured(page: Page) -> None:
    texte = read(page, "accessibilite")
    assert "aucun taux de conformité n'est donc donné" in texte
    assert "Défenseur des droits" in texte
    assert '/accessibilite"' in read(page, "mois").split("</main>")[1]
