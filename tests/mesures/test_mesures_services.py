"""What each measure of the paths counts, on a few people whose figures can be checked by hand."""

from __future__ import annotations

import pytest
from mesures_exemples import JUIN, PARIS, VAR, Atelier
from sqlalchemy import text

from aller_vers.mesures.a_la_source import (
    Ligne,
    MesureSource,
    announce_caf_inconnues,
    build_parametres,
    complete,
    copy_mesures,
    list_mois_ouverts,
    load_mesures,
    parse_mesure,
)
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages


# ── Annexe 5, 1 et 2 : contacts après une séparation ────────────────────────────────────────────────────
def test_claire_appelle_ecrit_et_vient_trois_fois_apres_sa_separation_paul_jamais(atelier: Atelier) -> None:
    source = atelier.source
    claire, paul = source.personne(), source.personne()
    source.separation(claire, "2025-06-10", enfants=2)
    source.separation(paul, "2025-06-20", enfants=0)
    source.contact(claire, "2025-06-10", "telephone")  # le jour même
    source.contact(claire, "2025-07-01", "courrier")
    source.contact(claire, "2025-10-10", "rendez_vous")  # quatre mois après, jour compris
    atelier.measure()
    assert atelier.read("contacts_separation") == {("avec_enfants", 3): 1, ("sans_enfant", 0): 1}
    assert atelier.read("separations") == {"avec_enfants": 1, "sans_enfant": 1}


def test_un_contact_sortant_web_a_l_accueil_ou_hors_du_suivi_ne_compte_pas(atelier: Atelier) -> None:
    source = atelier.source
    claire = source.personne()
    source.separation(claire, "2025-06-10")
    source.contact(claire, "2025-06-09")  # avant
    source.contact(claire, "2025-10-11")  # quatre mois et un jour
    source.contact(claire, "2025-06-11", "web")
    source.contact(claire, "2025-06-11", "accueil")
    source.contact(claire, "2025-06-11", sens="sortant")
    atelier.measure()
    assert atelier.read("contacts_separation") == {("avec_enfants", 0): 1}
    atelier.measure(mois_suivi=5)
    assert atelier.read("contacts_separation") == {("avec_enfants", 1): 1}


def test_qui_declare_deux_fois_dans_le_mois_est_compte_une_fois_a_la_premiere(atelier: Atelier) -> None:
    source = atelier.source
    claire = source.personne()
    source.separation(claire, "2025-06-20", enfants=0, caf=PARIS)
    source.separation(claire, "2025-06-05", enfants=1)
    source.separation(source.personne(), "2025-05-31")
    source.separation(source.personne(), "2025-07-01")
    source.contact(claire, "2025-06-07")
    atelier.measure()
    assert atelier.read("separations") == {"avec_enfants": 1}
    assert atelier.read("contacts_separation") == {("avec_enfants", 1): 1}
    assert atelier.read("separations", caf=PARIS) == {}


# ── Annexe 5, 3 et 4 : droits ouverts et recalculés à M+4 ───────────────────────────────────────────────
def test_les_droits_nouveaux_ouverts_a_la_fin_de_m_plus_4_avec_et_sans_enfant(atelier: Atelier) -> None:
    source = atelier.source
    claire, paul = source.personne(), source.personne()
    de_claire, de_paul = source.separation(claire, enfants=1), source.separation(paul, enfants=0)
    source.droit(claire, "2025-07-01", separation=de_claire, prestation="ASF", montant="187.24")
    source.droit(claire, "2025-10-31", separation=de_claire, prestation="RSA", montant="600.76")
    source.droit(paul, "2025-06-15", separation=de_paul, prestation="PPA", montant="150")
    source.droit(claire, "2025-11-01", separation=de_claire, prestation="APL")  # après M+4
    source.droit(claire, "2025-07-01", separation=de_claire, prestation="APL", nouveau=False)
    source.droit(claire, "2025-07-01", prestation="AF")  # sans lien avec la séparation
    source.droit(paul, "2025-07-01", separation=de_paul, prestation="ALF", montant="90")
    source.droit(paul, "2025-07-01", separation=de_paul, prestation="ALS", montant="10")
    source.droit(paul, "2025-07-01", separation=de_paul, prestation="ARS", montant="50")
    atelier.measure()
    assert atelier.read("droits_nouveaux_separation") == {"avec_enfants": 2, "sans_enfant": 4}
    assert atelier.read("montant_droits_nouveaux_separation_eur") == {"avec_enfants": 788, "sans_enfant": 300}
    assert atelier.read("droits_nouveaux_par_prestation") == {
        "ASF:avec_enfants": 1, "RSA:avec_enfants": 1, "PPA:sans_enfant": 1, "AL:sans_enfant": 2, "autres:sans_enfant": 1,
    }  # fmt: skip
    assert atelier.read("montant_droits_nouveaux_par_prestation_eur") == {
        "ASF:avec_enfants": 187, "RSA:avec_enfants": 600, "PPA:sans_enfant": 150,
        "AL:sans_enfant": 100, "autres:sans_enfant": 50,
    }  # fmt: skip


def test_les_indus_et_les_rappels_sur_ces_droits(atelier: Atelier) -> None:
    source = atelier.source
    claire, paul = source.personne(), source.personne()
    de_claire, de_paul = source.separation(claire, enfants=1), source.separation(paul, enfants=0)
    asf = source.droit(claire, "2025-07-01", separation=de_claire, prestation="ASF")
    rsa = source.droit(claire, "2025-07-01", separation=de_claire, prestation="RSA")
    ppa = source.droit(paul, "2025-07-01", separation=de_paul, prestation="PPA")
    ancien = source.droit(paul, "2025-07-01", separation=de_paul, prestation="APL", nouveau=False)
    source.recalcul(asf, "2025-08-01", "indu", "30")
    source.recalcul(asf, "2025-09-01", "indu", "20")
    source.recalcul(rsa, "2025-09-01", "rappel", "100")
    source.recalcul(ppa, "2025-10-31", "rappel", "10")
    source.recalcul(ppa, "2025-11-01", "indu")  # après M+4
    source.recalcul(ancien, "2025-08-01", "indu")  # d'un droit qui n'est pas nouveau
    d_avant = source.droit(claire, "2024-01-01", prestation="AF", nouveau=False)
    source.recalcul(d_avant, "2025-08-01", "indu")  # d'un droit ouvert avant la séparation
    source.recalcul(d_avant, "2025-05-31", "rappel")  # daté d'avant elle
    atelier.measure()
    assert atelier.read("recalculs_des_separes") == {
        "indu:avec_enfants": 3, "rappel:avec_enfants": 1, "rappel:sans_enfant": 1, "indu:sans_enfant": 1,
    }  # fmt: skip
    assert atelier.read("droits_recalcules_des_separes") == {
        "indu:avec_enfants": 2, "rappel:avec_enfants": 1, "rappel:sans_enfant": 1, "indu:sans_enfant": 1,
    }  # fmt: skip
    assert atelier.read("droits_des_separes") == {"avec_enfants": 3, "sans_enfant": 2}
    assert atelier.read("recalculs_separation") == {
        "indu:avec_enfants": 2, "rappel:avec_enfants": 1, "rappel:sans_enfant": 1,
    }  # fmt: skip
    assert atelier.read("montant_recalculs_separation_eur") == {
        "indu:avec_enfants": 50, "rappel:avec_enfants": 100, "rappel:sans_enfant": 10,
    }  # fmt: skip
    assert atelier.read("droits_recalcules_separation") == {
        "indu:avec_enfants": 1, "rappel:avec_enfants": 1, "rappel:sans_enfant": 1,
    }  # fmt: skip


# ── Annexe 5, 5 à 10 ────────────────────────────────────────────────────────────────────────────────────
def test_les_rendez_vous_personnalises_et_les_rendez_vous_des_droits(atelier: Atelier) -> None:
    source = atelier.source
    claire, lea, paul = source.personne(), source.personne(), source.personne()
    de_claire = source.separation(claire, "2025-06-10")
    source.separation(lea, "2025-06-10")
    source.separation(paul, "2025-06-10", enfants=0)
    ailleurs = source.separation(claire, "2024-01-10")
    source.rendez_vous(claire, "2025-06-12", "gestionnaire_conseil", separation=de_claire)
    source.rendez_vous(claire, "2025-07-12", "travail_social", separation=de_claire, honore=False)
    source.rendez_vous(claire, "2025-10-31", "gestionnaire_conseil")  # rattaché à rien
    source.rendez_vous(lea, "2025-08-01", "droits")
    source.rendez_vous(lea, "2025-08-02", "droits")
    source.rendez_vous(claire, "2025-08-01", "droits", honore=False)
    source.rendez_vous(claire, "2025-06-13", "travail_social", separation=ailleurs)  # pour une autre
    source.rendez_vous(claire, "2025-06-09", "travail_social")  # avant la déclaration
    source.rendez_vous(claire, "2025-11-01", "travail_social")  # après M+4
    source.rendez_vous(paul, "2025-06-12", "travail_social")  # sans enfant à charge
    atelier.measure()
    assert atelier.read("rendez_vous_separation") == {"gestionnaire_conseil": 2, "travail_social": 1}
    assert atelier.read("recus_en_rendez_vous") == {"personnalise": 1, "droits": 1}


def test_un_rendez_vous_pris_pour_la_seconde_declaration_du_mois_compte(atelier: Atelier) -> None:
    source = atelier.source
    claire = source.personne()
    source.separation(claire, "2025-06-10")
    seconde = source.separation(claire, "2025-06-20")
    source.rendez_vous(claire, "2025-06-22", "travail_social", separation=seconde)
    source.accompagnement(claire, "2025-06-22", "accompagnement", seconde)
    atelier.measure()
    assert atelier.read("recus_en_rendez_vous") == {"personnalise": 1}
    assert atelier.read("accompagnes_separation") == {"accompagnement": 1}


def test_informations_conseils_et_accompagnements_rattaches_a_la_separation(atelier: Atelier) -> None:
    source = atelier.source
    claire, paul = source.personne(), source.personne()
    de_claire, de_paul = source.separation(claire), source.separation(paul, enfants=0)
    source.accompagnement(claire, "2025-06-12", "information_conseil", de_claire)
    source.accompagnement(claire, "2025-07-12", "information_conseil", de_claire)
    source.accompagnement(claire, "2025-10-31", "accompagnement", de_claire)
    source.accompagnement(claire, "2025-11-01", "accompagnement", de_claire)  # après M+4
    source.accompagnement(claire, "2025-07-01", "accompagnement")  # rattaché à rien
    lea = source.personne()
    source.accompagnement(lea, "2025-11-01", "accompagnement", source.separation(lea))
    source.accompagnement(paul, "2025-07-01", "accompagnement", de_paul)  # sans enfant à charge
    atelier.measure()
    assert atelier.read("accompagnements_separation") == {"information_conseil": 2, "accompagnement": 1}
    assert atelier.read("accompagnes_separation") == {"information_conseil": 1, "accompagnement": 1}


def test_les_agents_du_perimetre_presents_a_la_fin_du_mois_et_formes(atelier: Atelier) -> None:
    source = atelier.source
    source.agent("2020-01-01", formation="2021-01-01")
    source.agent("2025-06-30", formation="2025-06-30")
    source.agent("2020-01-01", formation="2025-07-01")  # formé après
    source.agent("2020-01-01", sortie="2025-07-01")  # encore là le 30 juin
    source.agent("2020-01-01", sortie="2025-06-30", formation="2021-01-01")  # parti
    source.agent("2025-07-01")  # arrivé après
    source.agent("2020-01-01", formation="2021-01-01", perimetre=False)
    atelier.measure()
    assert atelier.read("agents_separation") == {"formes": 2, "non_formes": 2}


def test_les_supports_du_mois(atelier: Atelier) -> None:
    for mois, nombre in (("2025-06", 7), ("2025-05", 100)):
        atelier.source.supports(mois, "allocataires", nombre)
    atelier.source.supports("2025-06", "partenaires", 2)
    atelier.measure()
    assert atelier.read("supports_communication") == {"allocataires": 7, "partenaires": 2}


# ── Demandes et droits ──────────────────────────────────────────────────────────────────────────────────
def test_deux_demandes_d_ajpa_sur_cinq_ont_abouti_a_un_droit(atelier: Atelier) -> None:
    """La cohorte est celle du dépôt ; le droit compte s'il est décidé à la fin de M+4."""
    source = atelier.source
    for decision, droit in (
        ("2025-06-20", True), ("2025-10-31", True), ("2025-11-01", True), (None, False), ("2025-07-01", False)
    ):  # fmt: skip
        personne = source.personne()
        etat = "accordee" if droit else "refusee" if decision else "en_instruction"
        demande = source.demande(personne, decision=decision, etat=etat)
        if droit:
            source.droit(personne, "2025-06-10", demande=demande)
    ajpp = source.demande(source.personne(), decision="2025-07-01", etat="accordee", prestation="AJPP")
    source.droit(1, "2025-07-01", demande=ajpp, prestation="AJPP")
    source.demande(source.personne(), "2025-07-01")  # déposée après
    source.demande(source.personne(), prestation="RSA")
    source.demande(source.personne(), caf=PARIS)
    atelier.measure()
    assert atelier.read("cohorte_demandes") == {
        "ajpa:deposees": 5, "ajpa:droit_ouvert": 2, "ajpp:deposees": 1, "ajpp:droit_ouvert": 1,
    }  # fmt: skip
    assert atelier.read("cohorte_demandes", caf=PARIS) == {"ajpa:deposees": 1}


def test_seules_comptent_les_natures_de_la_requete(atelier: Atelier) -> None:
    source = atelier.source
    source.demande(source.personne(), nature="renouvellement", decision="2025-06-12", etat="refusee")
    atelier.measure(natures=("initiale",))
    for mesure in ("cohorte_demandes", "profil_demandeurs", "delai_decision_jours", "contacts_par_dossier"):
        assert atelier.read(mesure) == {}
    atelier.measure()
    assert atelier.read("cohorte_demandes") == {"ajpa:deposees": 1}


def test_le_delai_va_du_depot_a_la_decision_rendue_dans_le_mois(atelier: Atelier) -> None:
    source = atelier.source
    claire = source.personne()
    source.demande(claire, "2025-06-01", "2025-06-01", etat="accordee")
    source.demande(claire, "2025-05-01", "2025-06-15", etat="refusee")
    source.demande(claire, "2025-05-01", "2025-06-15", etat="sans_suite")  # personne n'a décidé
    source.demande(claire, "2025-06-01", "2025-07-01", etat="accordee")  # en juillet
    source.demande(claire, "2025-06-01", "2025-06-11", etat="accordee", prestation="AJPP")
    atelier.measure()
    assert atelier.read("delai_decision_jours") == {("ajpa", 0): 1, ("ajpa", 45): 1, ("ajpp", 10): 1}


def test_les_beneficiaires_des_douze_mois_comptes_une_fois(atelier: Atelier) -> None:
    source = atelier.source
    claire, paul = source.personne(), source.personne()
    source.droit(claire, "2024-07-01")
    source.droit(claire, "2025-06-30")
    source.droit(source.personne(), "2024-07-01")  # le premier jour des douze mois
    source.droit(paul, "2024-06-30")  # la veille
    source.droit(paul, "2025-07-01")
    source.droit(paul, "2025-01-01", prestation="AJPP")
    source.droit(paul, "2025-01-01", prestation="RSA")
    atelier.measure()
    assert atelier.read("beneficiaires") == {"ajpa": 2, "ajpp": 1}


def test_le_profil_des_demandeurs(atelier: Atelier) -> None:
    source = atelier.source
    claire, paul = source.personne(naissance=1970), source.personne(sexe="M", naissance=2001)
    source.demande(claire, lien="parent")
    source.demande(claire, lien="conjoint")  # aide aussi son conjoint
    source.demande(paul, lien=None)
    source.demande(source.personne(sexe=None, naissance=None), prestation="AJPP", lien="enfant")
    source.demande(source.personne(PARIS), lien="voisin", caf=VAR)  # affiliée à Paris
    atelier.measure()
    assert atelier.read("profil_demandeurs") == {
        "sexe:femme": 1, "sexe:homme": 1, "sexe:inconnu": 1,
        "age:55_64": 1, "age:moins_25": 1, "age:inconnu": 1,
        "lien:parent": 1, "lien:conjoint": 1, "lien:inconnu": 1, "lien:connus": 1,
    }  # fmt: skip
    assert atelier.read("profil_demandeurs", caf=PARIS) == {
        "sexe:femme": 1, "age:55_64": 1, "lien:autre": 1, "lien:connus": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("naissance", "tranche"),
    [
        (2001, "moins_25"),
        (2000, "25_34"),
        (1990, "35_44"),
        (1980, "45_54"),
        (1970, "55_64"),
        (1960, "65_plus"),
    ],
)
def test_l_age_est_celui_atteint_dans_l_annee(atelier: Atelier, naissance: int, tranche: str) -> None:
    atelier.source.demande(atelier.source.personne(naissance=naissance))
    atelier.measure()
    assert atelier.read("profil_demandeurs")[f"age:{tranche}"] == 1
    assert atelier.read("age_demandeurs") == {("ensemble", 2025 - naissance): 1}


# ── Contacts : IGAS 2013-164R, rec. 16 et 17 ────────────────────────────────────────────────────────────
def test_une_reiteration_est_un_contact_du_meme_motif_moins_de_trente_jours_apres(atelier: Atelier) -> None:
    source = atelier.source
    claire, paul = source.personne(), source.personne()
    source.contact(claire, "2025-05-15", "telephone")
    source.contact(claire, "2025-06-14", "courriel")  # trente jours après, un autre canal : réitéré
    source.contact(claire, "2025-06-14", "web")  # le même jour : réitéré
    source.contact(claire, "2025-06-15", motif="paiement")  # un autre motif
    source.contact(claire, "2025-06-20", sens="sortant")
    source.contact(paul, "2025-05-15")
    source.contact(paul, "2025-06-15")  # trente et un jours après
    source.contact(paul, "2025-07-01")
    atelier.measure()
    assert atelier.read("contacts_entrants") == {"premiers": 2, "reiteres": 2}
    atelier.measure(jours_reiteration=31)
    assert atelier.read("contacts_entrants") == {"premiers": 1, "reiteres": 3}


def test_les_contacts_d_un_dossier_vont_de_son_depot_a_sa_decision(atelier: Atelier) -> None:
    source = atelier.source
    claire, paul = source.personne(), source.personne()
    source.demande(claire, "2025-05-10", "2025-06-10", etat="accordee")
    source.demande(paul, "2025-06-01", "2025-06-20", etat="refusee", prestation="AJPP")
    for jour in ("2025-05-09", "2025-05-10", "2025-06-01", "2025-06-10", "2025-06-11"):
        source.contact(claire, jour, "web")
    source.contact(claire, "2025-06-01", sens="sortant")
    atelier.measure()
    assert atelier.read("contacts_par_dossier") == {("ajpa", 3): 1, ("ajpp", 0): 1}


# ── Ce qui est gardé ────────────────────────────────────────────────────────────────────────────────────
def test_une_caf_sans_personne_a_des_zeros_et_un_mois_absent_de_la_source_n_a_rien(atelier: Atelier) -> None:
    atelier.source.separation(atelier.source.personne())
    atelier.measure()
    lire = text(
        "SELECT mesure, count(*), count(classe) FROM marts.mesure WHERE mois = :mois AND code_caf = '751'"
        " GROUP BY mesure ORDER BY mesure"
    )
    assert [tuple(ligne) for ligne in atelier.entrepot.execute(lire, {"mois": "2025-06"})] == [
        ("contacts_separation", 2, 2), ("separations", 2, 0),
    ]  # fmt: skip
    atelier.measure(Mois(2019, 1))
    assert atelier.entrepot.execute(lire, {"mois": "2019-01"}).all() == []


def test_recompter_remplace_le_mois_et_n_en_touche_pas_d_autre(atelier: Atelier) -> None:
    source = atelier.source
    claire = source.personne()
    source.separation(claire, "2025-06-10")
    source.separation(source.personne(), "2025-05-10")
    source.demande(claire)
    for mois in (JUIN.shift(-1), JUIN):
        atelier.measure(mois)
    tout = text("SELECT * FROM marts.mesure ORDER BY mois, mesure, code_caf, modalite, classe")
    avant = atelier.entrepot.execute(tout).all()
    atelier.measure()
    assert atelier.entrepot.execute(tout).all() == avant
    source.contact(claire, "2025-06-20")
    atelier.measure(suivi=True)
    assert atelier.read("contacts_separation") == {("avec_enfants", 1): 1}
    assert atelier.read("contacts_separation", JUIN.shift(-1)) == {("avec_enfants", 0): 1}


def test_un_mois_encore_suivi_ne_recompte_que_ce_qui_bouge(atelier: Atelier) -> None:
    source = atelier.source
    claire = source.personne()
    source.demande(claire)
    atelier.measure()
    source.demande(source.personne())
    atelier.measure(suivi=True)
    assert atelier.read("cohorte_demandes") == {"ajpa:deposees": 2}
    assert atelier.read("profil_demandeurs")["sexe:femme"] == 1


def test_juin_se_compte_encore_quand_octobre_finit() -> None:
    ouverts = list_mois_ouverts(Mois(2025, 10), Reglages())
    assert [str(mois) for mois in ouverts] == ["2025-06", "2025-07", "2025-08", "2025-09", "2025-10"]
    assert build_parametres(ouverts[0], Reglages())["fin_suivi"] == Mois(2025, 10).fin
    assert list_mois_ouverts(JUIN, Reglages(mois_suivi=1)) == (Mois(2025, 5), JUIN)


def test_une_caf_inconnue_n_est_comptee_nulle_part_et_l_equipe_le_sait(atelier: Atelier) -> None:
    atelier.source.separation(atelier.source.personne(), caf="999")
    atelier.source.separation(atelier.source.personne())
    bilan = atelier.measure()
    assert bilan.hors_reference == 2  # separations et contacts_separation
    assert atelier.read("separations", caf="999") == {}
    announce_caf_inconnues(atelier.entrepot, JUIN, bilan)
    [avis] = atelier.entrepot.execute(text("SELECT destinataire, corps FROM suivi.avis")).all()
    assert avis.destinataire == "equipe_nationale"
    assert "999" not in avis.corps
    assert "2 lignes de mesures de juin 2025" in avis.corps


def test_rien_ne_peut_etre_ecrit_a_la_source(atelier: Atelier) -> None:
    atelier.source.separation(atelier.source.personne())
    atelier.source.connexion.commit()
    copy_mesures(atelier.source.connexion, atelier.entrepot, JUIN, Reglages(), (VAR,), suivi=True)
    with pytest.raises(Exception, match="read-only"):
        atelier.source.personne()


def test_une_source_qui_n_est_pas_postgresql_est_refusee(atelier: Atelier) -> None:
    with create_moteur("sqlite://").connect() as autre, pytest.raises(ErreurAllerVers, match="postgres_fdw"):
        copy_mesures(autre, atelier.entrepot, JUIN, Reglages(), (VAR,), suivi=False)


HISTOGRAMME = MesureSource("essai", suivi=False, modalites=("a", "b"), histogramme=True)


def test_ce_qui_manque_vaut_zero_dans_les_caf_connues() -> None:
    lignes = [Ligne(VAR, "a", 3, 2), Ligne("999", "a", 0, 1)]
    assert complete(lignes, HISTOGRAMME, (VAR, PARIS)) == [
        Ligne(VAR, "a", 3, 2), Ligne(VAR, "b", 0, 0), Ligne(PARIS, "a", 0, 0), Ligne(PARIS, "b", 0, 0),
    ]  # fmt: skip
    assert complete([Ligne("999", "a", 0, 1)], HISTOGRAMME, (VAR,)) == []


def test_une_caf_qui_ne_declare_rien_n_a_pas_zero(atelier: Atelier) -> None:
    """Supports and agents are declared: nothing found is nothing declared, whatever the others said."""
    atelier.source.supports("2025-06", "allocataires", 7)
    atelier.source.agent("2024-01-01")
    atelier.measure()
    lignes = atelier.entrepot.execute(
        text(
            "SELECT mesure, code_caf, modalite, valeur FROM marts.mesure"
            " WHERE mesure IN ('supports_communication', 'agents_separation') ORDER BY 1, 3"
        )
    )
    assert [tuple(ligne) for ligne in lignes] == [
        ("agents_separation", VAR, "formes", 0), ("agents_separation", VAR, "non_formes", 1),
        ("supports_communication", VAR, "allocataires", 7),
    ]  # fmt: skip


@pytest.mark.parametrize("entete", ["-- horizon: mois", "-- modalites: a", "-- horizon: an\n-- modalites: a"])
def test_une_mesure_sans_horizon_ou_sans_modalites_est_refusee(entete: str) -> None:
    with pytest.raises(ErreurAllerVers, match="horizon"):
        parse_mesure("essai", f"-- purpose: essai\n{entete}\n\nSELECT 1")


def test_l_en_tete_d_une_mesure_se_lit_sur_plusieurs_lignes() -> None:
    texte = "-- purpose: un\n-- horizon: suivi\n-- compte: droits\n-- modalites: a:b c\n--            d\n-- classe: jours\n\nSELECT 1"
    assert parse_mesure("essai", texte) == MesureSource("essai", True, ("a:b", "c", "d"), True)


def test_les_modalites_annoncees_sont_celles_qui_sortent() -> None:
    assert {m.code for m in load_mesures() if m.histogramme} == {
        "age_demandeurs", "contacts_separation", "contacts_par_dossier", "delai_decision_jours",
    }  # fmt: skip
    assert len(load_mesures()) >= 18
