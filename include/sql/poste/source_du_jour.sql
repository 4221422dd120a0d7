-- Purpose: the synthetic source as its day knows it: what is decided, opened or done later is not there yet.
-- Grain:   the tables of the contract, as views of the same names and columns, in the schema du_jour.
-- Inputs:  the tables of the contract. The day is the setting av.jour of the session, else today in Paris.
-- Parameters: none.
CREATE SCHEMA du_jour;
GRANT USAGE ON SCHEMA du_jour TO public;

CREATE FUNCTION du_jour.jour() RETURNS date
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(
        nullif(current_setting('av.jour', true), '')::date, (now() AT TIME ZONE 'Europe/Paris')::date
    )
$$;

CREATE VIEW du_jour.dossier AS
SELECT
    id_dossier,
    code_caf,
    code_postal,
    date_fin_affiliation
FROM public.dossier;

CREATE VIEW du_jour.personne AS
SELECT
    id_personne,
    id_dossier,
    courriel,
    telephone,
    opposition_contact,
    sexe,
    annee_naissance
FROM public.personne;

CREATE VIEW du_jour.demande AS
SELECT
    id_demande,
    id_personne,
    code_caf,
    code_caf_gestionnaire,
    prestation,
    nature,
    date_depot,
    CASE WHEN date_decision > du_jour.jour() THEN 'en_instruction' ELSE etat END AS etat,
    CASE WHEN date_decision <= du_jour.jour() THEN date_decision END AS date_decision,
    lien_aide
FROM public.demande
WHERE date_depot <= du_jour.jour();

-- A right is known once its application is decided, even if it then opens in the past.
CREATE VIEW du_jour.droit AS
SELECT
    d.id_droit,
    d.id_personne,
    d.code_caf,
    d.id_demande,
    d.id_separation,
    d.prestation,
    d.date_ouverture,
    d.montant_mensuel_eur,
    d.nouveau
FROM public.droit AS d
LEFT JOIN public.demande AS q ON d.id_demande = q.id_demande
WHERE d.date_ouverture <= du_jour.jour() AND (q.date_decision IS NULL OR q.date_decision <= du_jour.jour());

CREATE VIEW du_jour.recalcul AS
SELECT
    id_recalcul,
    id_droit,
    code_caf,
    date_recalcul,
    sens,
    montant_eur
FROM public.recalcul
WHERE date_recalcul <= du_jour.jour();

CREATE VIEW du_jour.separation AS
SELECT
    id_separation,
    id_personne,
    code_caf,
    date_declaration,
    enfants_a_charge
FROM public.separation
WHERE date_declaration <= du_jour.jour();

CREATE VIEW du_jour.contact AS
SELECT
    id_contact,
    id_personne,
    code_caf,
    sens,
    canal,
    motif,
    date_contact
FROM public.contact
WHERE date_contact <= du_jour.jour();

CREATE VIEW du_jour.rendez_vous AS
SELECT
    id_rendez_vous,
    id_personne,
    code_caf,
    id_separation,
    nature,
    date_rendez_vous,
    honore
FROM public.rendez_vous
WHERE date_rendez_vous <= du_jour.jour();

CREATE VIEW du_jour.accompagnement AS
SELECT
    id_accompagnement,
    id_personne,
    code_caf,
    id_separation,
    nature,
    date_realisation
FROM public.accompagnement
WHERE date_realisation <= du_jour.jour();

CREATE VIEW du_jour.agent AS
SELECT
    id_agent,
    code_caf,
    en_perimetre_separation,
    date_entree,
    CASE WHEN date_sortie <= du_jour.jour() THEN date_sortie END AS date_sortie,
    CASE WHEN date_formation <= du_jour.jour() THEN date_formation END AS date_formation
FROM public.agent
WHERE date_entree <= du_jour.jour();

-- The supports of a month are counted once it has ended.
CREATE VIEW du_jour.support_communication AS
SELECT
    code_caf,
    mois,
    destinataire,
    nombre
FROM public.support_communication
WHERE mois < to_char(du_jour.jour(), 'YYYY-MM');
