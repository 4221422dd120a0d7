-- Purpose: the source contract as tables, for a synthetic source on a laptop or in a test. The real system
--          may expose views of the same names and columns instead.
-- Grain:   one row per entity that the primary key names.
-- Inputs:  none; an empty database. Every CREATE TABLE comes before the first CREATE INDEX, so that a loader
--          may fill the tables in between.
-- Parameters: none.
-- No foreign-key constraint: a contract over views cannot promise one, and the pipeline must not rely on it.

-- One or two adults; code_caf is the affiliation today, whatever the Caf of each event.
CREATE TABLE public.dossier (
    id_dossier bigint PRIMARY KEY,
    code_caf text NOT NULL,
    code_postal text,
    date_fin_affiliation date
);

-- Contacts as typed in, dirty values included.
CREATE TABLE public.personne (
    id_personne bigint PRIMARY KEY,
    id_dossier bigint NOT NULL,
    courriel text,
    telephone text,
    opposition_contact boolean NOT NULL,
    sexe text,
    annee_naissance integer
);

-- code_caf: Caf at the deposit; code_caf_gestionnaire: the pivot, or the same Caf.
CREATE TABLE public.demande (
    id_demande bigint PRIMARY KEY,
    id_personne bigint NOT NULL,
    code_caf text NOT NULL,
    code_caf_gestionnaire text NOT NULL,
    prestation text NOT NULL,
    nature text NOT NULL,
    date_depot date NOT NULL,
    etat text NOT NULL,
    date_decision date,
    lien_aide text
);

CREATE TABLE public.droit (
    id_droit bigint PRIMARY KEY,
    id_personne bigint NOT NULL,
    code_caf text NOT NULL,
    id_demande bigint,
    id_separation bigint,
    prestation text NOT NULL,
    date_ouverture date NOT NULL,
    montant_mensuel_eur numeric(10, 2) NOT NULL,
    nouveau boolean NOT NULL
);

CREATE TABLE public.recalcul (
    id_recalcul bigint PRIMARY KEY,
    id_droit bigint NOT NULL,
    code_caf text NOT NULL,
    date_recalcul date NOT NULL,
    sens text NOT NULL,
    montant_eur numeric(10, 2) NOT NULL
);

CREATE TABLE public.separation (
    id_separation bigint PRIMARY KEY,
    id_personne bigint NOT NULL,
    code_caf text NOT NULL,
    date_declaration date NOT NULL,
    enfants_a_charge integer NOT NULL
);

CREATE TABLE public.contact (
    id_contact bigint PRIMARY KEY,
    id_personne bigint NOT NULL,
    code_caf text NOT NULL,
    sens text NOT NULL,
    canal text NOT NULL,
    motif text NOT NULL,
    date_contact date NOT NULL
);

CREATE TABLE public.rendez_vous (
    id_rendez_vous bigint PRIMARY KEY,
    id_personne bigint NOT NULL,
    code_caf text NOT NULL,
    id_separation bigint,
    nature text NOT NULL,
    date_rendez_vous date NOT NULL,
    honore boolean NOT NULL
);

CREATE TABLE public.accompagnement (
    id_accompagnement bigint PRIMARY KEY,
    id_personne bigint NOT NULL,
    code_caf text NOT NULL,
    id_separation bigint,
    nature text NOT NULL,
    date_realisation date NOT NULL
);

CREATE TABLE public.agent (
    id_agent bigint PRIMARY KEY,
    code_caf text NOT NULL,
    en_perimetre_separation boolean NOT NULL,
    date_entree date NOT NULL,
    date_sortie date,
    date_formation date
);

-- mois: « 2025-06 », never a date.
CREATE TABLE public.support_communication (
    code_caf text NOT NULL,
    mois text NOT NULL,
    destinataire text NOT NULL,
    nombre integer NOT NULL,
    PRIMARY KEY (code_caf, mois, destinataire)
);

CREATE INDEX dossier_code_caf ON public.dossier (code_caf);
CREATE INDEX personne_id_dossier ON public.personne (id_dossier);
CREATE INDEX demande_date_depot ON public.demande (date_depot);
CREATE INDEX demande_id_personne ON public.demande (id_personne);
CREATE INDEX droit_id_personne ON public.droit (id_personne);
CREATE INDEX droit_id_demande ON public.droit (id_demande);
CREATE INDEX droit_id_separation ON public.droit (id_separation);
CREATE INDEX recalcul_id_droit ON public.recalcul (id_droit);
CREATE INDEX separation_id_personne ON public.separation (id_personne);
CREATE INDEX separation_date_declaration ON public.separation (date_declaration);
CREATE INDEX contact_id_personne_date_contact ON public.contact (id_personne, date_contact);
CREATE INDEX rendez_vous_id_personne ON public.rendez_vous (id_personne);
CREATE INDEX rendez_vous_id_separation ON public.rendez_vous (id_separation);
CREATE INDEX accompagnement_id_personne ON public.accompagnement (id_personne);
CREATE INDEX accompagnement_id_separation ON public.accompagnement (id_separation);
CREATE INDEX agent_code_caf ON public.agent (code_caf);
-- What keeps a month's measures from reading the whole history (include/sql/mesures).
CREATE INDEX contact_date_contact ON public.contact (date_contact);
CREATE INDEX demande_date_decision ON public.demande (date_decision);
CREATE INDEX droit_date_ouverture ON public.droit (date_ouverture);
CREATE INDEX rendez_vous_date_rendez_vous ON public.rendez_vous (date_rendez_vous);
