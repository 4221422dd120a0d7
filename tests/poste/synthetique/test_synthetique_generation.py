"""The rows themselves, without a database: the same for the same parameters, calibrated, nobody's."""

import re
from collections import Counter, defaultdict
from functools import cache

import pytest
from pydantic import ValidationError

from aller_vers.poste.synthetique import Parametres
from aller_vers.poste.synthetique.chargement import generate
from aller_vers.poste.synthetique.genres import GenreCodePostal, GenreCourriel, GenreTelephone
from aller_vers.poste.synthetique.territoire import load_territoire
from aller_vers.poste.synthetique.tirages import NUL
from aller_vers.socle.contrat_source import CONTRAT
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.referentiel import load_caf, load_codes_postaux
from aller_vers.socle.sql import read_sql

Lignes = dict[str, list[dict[str, str]]]

DOMAINE_RESERVE = re.compile(r"(\.|@)(example(\.(org|com|net))?|test|invalid)$|@(courriel)?$", re.IGNORECASE)
TRANCHES = re.compile(
    r"((00)?(33|590|594|596|262))?0?"
    r"(19900|26191|35301|46571|53649|63998|6900[1-4]|6961[2-5]|69750|6941[01]|69200|69300|26200|63900|26900)"
)
ADRESSE = re.compile(r"\w@|@\w+\.")
ETRANGERS = re.compile(r"(44207946|120255501|00493023125|324500000)")


def build(parametres: Parametres) -> Lignes:
    lignes: Lignes = defaultdict(list)
    for _, bloc in generate(parametres, load_territoire(parametres)):
        colonnes = CONTRAT[bloc.table]
        lignes[bloc.table] += [
            dict(zip(colonnes, ligne, strict=True)) for ligne in zip(*bloc.colonnes, strict=True)
        ]
    return lignes


@cache
def build_defaut() -> Lignes:
    """A year of the default, a little more than twenty thousand applications."""
    return build(Parametres(nb_mois=12))


def test_contract_in_sql_and_in_python_are_the_same() -> None:
    tables = re.findall(
        r"CREATE TABLE public\.(\w+) \((.*?)\n\);", read_sql("socle/source/contrat.sql"), re.DOTALL
    )
    assert {
        table: tuple(re.findall(r"^    ([a-z_]+) ", corps, re.MULTILINE)) for table, corps in tables
    } == CONTRAT


def test_same_parameters_give_the_same_rows_and_another_seed_does_not() -> None:
    parametres = Parametres(nb_mois=2, taille_bloc=700)
    assert build(parametres) == build(parametres)
    assert build(parametres) != build(parametres.model_copy(update={"graine": 7}))


def test_more_months_leave_the_earlier_rows_unchanged() -> None:
    court = build(Parametres(nb_mois=4, taille_bloc=700))
    long = build(Parametres(nb_mois=8, taille_bloc=700))
    assert court.keys() == long.keys() == CONTRAT.keys()
    for table, lignes in court.items():
        assert long[table][: len(lignes)] == lignes, table


def test_ids_are_unique_and_references_hold() -> None:
    lignes = build_defaut()
    ids = {}
    for table, colonnes in CONTRAT.items():
        if colonnes[0].startswith("id_"):
            ids[colonnes[0]] = {ligne[colonnes[0]] for ligne in lignes[table]}
            assert len(ids[colonnes[0]]) == len(lignes[table]), table
    for table, colonnes in CONTRAT.items():
        for colonne in colonnes:
            if colonne in ids:
                assert {ligne[colonne] for ligne in lignes[table]} - {NUL} <= ids[colonne], (table, colonne)
    assert not ids["id_dossier"] & ids["id_personne"]


def test_calibration_follows_the_sources() -> None:
    lignes = build_defaut()
    ajpa = [d for d in lignes["demande"] if d["prestation"] == "AJPA"]
    avec_droit = {droit["id_demande"] for droit in lignes["droit"]}
    assert sum(d["id_demande"] in avec_droit for d in ajpa) / len(ajpa) == pytest.approx(0.398, abs=0.015)
    assert {d["id_demande"] for d in lignes["demande"] if d["etat"] == "accordee"} == avec_droit - {NUL}
    assert len(ajpa) / 12 == pytest.approx(1350, rel=0.06)

    liens = Counter(d["lien_aide"] for d in ajpa if d["lien_aide"] != NUL)
    assert liens["parent"] / liens.total() == pytest.approx(0.60, abs=0.02)
    assert liens["conjoint"] / liens.total() == pytest.approx(0.30, abs=0.02)

    propres = re.compile(r"\s*[a-z0-9.-]+@[a-z]+\.example\.(org|com|net)\s*", re.IGNORECASE | re.ASCII)
    part = sum(propres.fullmatch(p["courriel"]) is not None for p in lignes["personne"]) / len(
        lignes["personne"]
    )
    assert part == pytest.approx(0.70, abs=0.02)
    opposes = sum(p["opposition_contact"] == "t" for p in lignes["personne"])
    assert opposes / len(lignes["personne"]) == pytest.approx(0.02, abs=0.005)


def test_departments_weigh_their_population() -> None:
    codes = load_codes_postaux().values()
    part_nord = sum(c.population for c in codes if c.departement == "59") / sum(c.population for c in codes)
    demandes = build_defaut()["demande"]
    assert sum(d["code_caf"] == "591" for d in demandes) / len(demandes) == pytest.approx(
        part_nord, abs=0.006
    )
    assert {d["code_caf"] for d in demandes} <= load_caf().keys()


def test_situations_that_a_request_has_to_sort_out_are_there() -> None:
    lignes = build_defaut()
    dossier_de = {p["id_personne"]: p["id_dossier"] for p in lignes["personne"]}
    affiliation = {d["id_dossier"]: d["code_caf"] for d in lignes["dossier"]}
    par_personne_et_mois: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for demande in lignes["demande"]:
        par_personne_et_mois[demande["id_personne"], demande["date_depot"][:7]].append(demande)

    assert any(len(d) > 1 for d in par_personne_et_mois.values())
    assert any(len({x["prestation"] for x in d}) == 2 for d in par_personne_et_mois.values())
    assert any(d["code_caf"] != d["code_caf_gestionnaire"] for d in lignes["demande"])
    assert any(d["code_caf"] != affiliation[dossier_de[d["id_personne"]]] for d in lignes["demande"])
    assert {d["nature"] for d in lignes["demande"]} == {"initiale", "renouvellement"}
    deposants: dict[tuple[str, str], set[str]] = defaultdict(set)
    for personne, mois in par_personne_et_mois:
        deposants[dossier_de[personne], mois].add(personne)
    assert any(len(personnes) == 2 for personnes in deposants.values())
    assert any(d["date_fin_affiliation"] not in (NUL, "2999-12-31") for d in lignes["dossier"])
    partages = Counter((p["id_dossier"], p["courriel"]) for p in lignes["personne"] if "@" in p["courriel"])
    assert max(partages.values()) == 2


def is_reserved(champ: str) -> bool:
    """Tell whether a field, its dirt off, names nobody: reserved domain, reserved number, or neither."""
    propre = re.sub("[\u00a0\u202f\u200b\u200d\u200e]", "", champ).strip().rstrip(".,;")
    if ADRESSE.search(propre):
        return all(DOMAINE_RESERVE.search(a) for a in re.split(r"\s*(?:;|,|/| ou )\s*", propre))
    chiffres = re.sub(r"\D", "", propre.replace("(0)", ""))
    if len(chiffres) < 9 or set(chiffres) == {"0"} or ".example." in propre:
        return True
    return bool(TRANCHES.match(chiffres) or ETRANGERS.match(chiffres))


def test_every_address_and_number_is_reserved() -> None:
    champs = {p[c] for p in build_defaut()["personne"] for c in ("courriel", "telephone")}
    assert [champ for champ in champs if not is_reserved(champ)] == []


@pytest.mark.parametrize(
    "champ",
    ["a.b@poste.fr", "a.b@notexample.org", "06 12 34 56 78", "+33612345678", "0690501234", "00442071234567"],
)
def test_what_could_be_somebodys_is_not_reserved(champ: str) -> None:
    assert not is_reserved(champ)


@pytest.mark.parametrize("genre", list(GenreCourriel))
def test_each_kind_of_email_can_be_asked_for(genre: GenreCourriel) -> None:
    lignes = build(_petits(poids_courriel={genre: 1.0}))
    valeurs = {p["courriel"] for p in lignes["personne"]}
    assert (valeurs == {NUL}) == (genre is GenreCourriel.ABSENT)
    if genre is GenreCourriel.INVERSE:
        assert all("@" in p["telephone"] and "@" not in p["courriel"] for p in lignes["personne"])


@pytest.mark.parametrize("genre", list(GenreTelephone))
def test_each_kind_of_telephone_can_be_asked_for(genre: GenreTelephone) -> None:
    lignes = build(_petits(poids_telephone={genre: 1.0}, poids_courriel={GenreCourriel.VALIDE: 1.0}))
    valeurs = {p["telephone"] for p in lignes["personne"]}
    assert (valeurs == {NUL}) == (genre is GenreTelephone.ABSENT)
    assert all("@" in v for v in valeurs) == (genre is GenreTelephone.COURRIEL)


@pytest.mark.parametrize("genre", list(GenreCodePostal))
def test_each_kind_of_postcode_can_be_asked_for(genre: GenreCodePostal) -> None:
    lignes = build(_petits(poids_code_postal={genre: 1.0}, codes_caf=("011", "061")))
    valeurs = {d["code_postal"] for d in lignes["dossier"]}
    connus = load_codes_postaux().keys()
    assert (valeurs <= connus) == (genre is GenreCodePostal.VALIDE)
    assert not valeurs & connus or genre is GenreCodePostal.VALIDE


def test_default_weights_hold_every_kind() -> None:
    parametres = Parametres()
    assert set(parametres.poids_courriel) == set(GenreCourriel)
    assert set(parametres.poids_telephone) == set(GenreTelephone)
    assert set(parametres.poids_code_postal) == set(GenreCodePostal)


def test_volume_is_a_parameter() -> None:
    parametres = Parametres(
        demandes_ajpa_par_mois=3000,
        demandes_ajpp_par_mois=1000,
        nb_mois=2,
        variation_mensuelle=0,
        taille_bloc=900,
    )
    assert len(build(parametres)["demande"]) == 8000


def test_reduced_network_keeps_to_its_caf() -> None:
    lignes = build(_petits(codes_caf=("481", "591")))
    assert {d["code_caf"] for d in lignes["dossier"] + lignes["demande"]} == {"481", "591"}


def test_without_the_path_its_tables_stay_empty() -> None:
    assert build(_petits()).keys() == {"dossier", "personne", "demande", "droit"}


def test_impossible_parameters_are_refused() -> None:
    with pytest.raises(ValidationError, match="Aucune demande"):
        Parametres(demandes_ajpa_par_mois=0, demandes_ajpp_par_mois=0)
    with pytest.raises(ErreurAllerVers, match="999"):
        load_territoire(Parametres(codes_caf=("591", "999")))


def _petits(**autres: object) -> Parametres:
    return Parametres.model_validate(
        {"nb_mois": 1, "avec_parcours": False, "demandes_ajpa_par_mois": 300} | autres
    )
