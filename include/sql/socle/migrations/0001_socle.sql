-- purpose: the house: schemas, roles, reference data, the month's partitions, verdicts, ledger, outbox, marts
-- grain: one statement block a schema
-- inputs: an empty warehouse; run by its owner
-- parameters: none

CREATE SCHEMA staging;
CREATE SCHEMA core;
CREATE SCHEMA dq;
CREATE SCHEMA marts;
CREATE SCHEMA diffusion;
CREATE SCHEMA suivi;

-- Roles belong to the server and may exist already; what follows gives them their rights here.
DO $$
DECLARE
    nom text;
BEGIN
    FOREACH nom IN ARRAY ARRAY['av_etl', 'av_qualite', 'av_pilotage', 'av_diffusion'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = nom) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', nom);
        END IF;
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), nom);
    END LOOP;
    EXECUTE format('REVOKE TEMPORARY, CONNECT ON DATABASE %I FROM public', current_database());
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO av_etl', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM public;
-- A new function is executable by everybody unless said otherwise: here it is said.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM public;

GRANT USAGE ON SCHEMA staging, core, dq, marts, diffusion, suivi TO av_etl;
GRANT CREATE ON SCHEMA staging, core TO av_etl;
GRANT USAGE ON SCHEMA dq TO av_qualite;
GRANT USAGE ON SCHEMA marts, diffusion, suivi, dq TO av_pilotage;
GRANT USAGE ON SCHEMA diffusion TO av_diffusion;

-- ── The clock: the server's, but in a past that a laptop plays again, day by day ────────────────────────
-- No role of the warehouse may write here, so that nobody dates an event: only its owner, on a laptop.
CREATE TABLE suivi.horloge (
    une boolean PRIMARY KEY DEFAULT TRUE CHECK (une),
    decalage interval NOT NULL
);
COMMENT ON TABLE suivi.horloge IS
'Vide, sauf pendant qu''un poste rejoue une année : l''écart à l''heure du serveur.';

CREATE FUNCTION suivi.maintenant() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT now() + coalesce((SELECT h.decalage FROM suivi.horloge AS h), interval '0')
$$;
GRANT EXECUTE ON FUNCTION suivi.maintenant TO av_etl, av_qualite, av_pilotage;

-- ── Reference data: no person; a copy of include/reference, replaced as a whole ────────────────────────
CREATE TABLE marts.region (
    code_region text PRIMARY KEY,
    nom text NOT NULL
);
CREATE TABLE marts.caf (
    code_caf text PRIMARY KEY CHECK (code_caf ~ '^[0-9]{3}$'),
    nom text NOT NULL,
    libelle text NOT NULL,
    code_region text NOT NULL
);
CREATE TABLE marts.cpam (
    code_cpam text PRIMARY KEY CHECK (code_cpam ~ '^[0-9]{3}$'),
    nom text NOT NULL,
    type text NOT NULL
);
CREATE TABLE marts.code_postal (
    code_postal text PRIMARY KEY CHECK (code_postal ~ '^[0-9]{5}$'),
    departement text NOT NULL,
    code_region text NOT NULL
);
CREATE TABLE marts.perimetre (
    code_cpam text NOT NULL,
    code_postal text NOT NULL,
    fiabilite text NOT NULL,
    PRIMARY KEY (code_cpam, code_postal)
);
CREATE TABLE marts.convention (
    code_caf text NOT NULL,
    code_cpam text NOT NULL,
    date_debut date NOT NULL,
    date_fin date,
    PRIMARY KEY (code_caf, code_cpam, date_debut)
);
GRANT SELECT, INSERT, DELETE ON
marts.region, marts.caf, marts.cpam, marts.code_postal, marts.perimetre, marts.convention TO av_etl;
GRANT SELECT ON
marts.region, marts.caf, marts.cpam, marts.code_postal, marts.perimetre, marts.convention TO av_pilotage;

-- ── staging: the extract, all text, as the source gave it; then cleaned. A month is a partition ─────────
CREATE TABLE staging.demandeur_brut (
    mois text NOT NULL,
    ligne bigint NOT NULL,
    id_personne text,
    code_caf text,
    code_caf_gestionnaire text,
    demandes_ajpa text,
    demandes_ajpp text,
    demandes_autres text,
    date_premier_depot text,
    date_dernier_depot text,
    courriel text,
    telephone text,
    code_postal text,
    opposition_contact text,
    affiliation_terminee text
) PARTITION BY LIST (mois);
COMMENT ON TABLE staging.demandeur_brut IS
'Une ligne par demandeur du mois, en texte, telle que la source la donne.';

CREATE TABLE staging.demandeur (
    mois text NOT NULL,
    ligne bigint NOT NULL,
    id_personne text,
    code_caf text,
    code_caf_gestionnaire text,
    demandes_ajpa text,
    demandes_ajpp text,
    demandes_autres text,
    date_premier_depot text,
    date_dernier_depot text,
    courriel text,
    telephone text,
    code_postal text,
    opposition_contact text,
    affiliation_terminee text,
    courriel_net text,
    telephone_net text,
    code_postal_net text,
    motifs text[] NOT NULL
) PARTITION BY LIST (mois);
COMMENT ON TABLE staging.demandeur IS
'La même ligne, avec les valeurs nettoyées (*_net) et les motifs qui en ont vidé une.';

-- ── core: who can be transmitted, typed, one row a person and month ─────────────────────────────────────
CREATE TABLE core.demandeur (
    mois text NOT NULL,
    id_personne text NOT NULL,
    code_caf text NOT NULL,
    courriel text,
    telephone text,
    code_postal text,
    PRIMARY KEY (mois, id_personne),
    CHECK (courriel IS NOT NULL OR telephone IS NOT NULL)
) PARTITION BY LIST (mois);
CREATE INDEX demandeur_par_caf ON core.demandeur (mois, code_caf);

CREATE TABLE core.ecarte (
    mois text NOT NULL,
    code_caf text NOT NULL,
    motif text NOT NULL,
    nombre integer NOT NULL CHECK (nombre > 0),
    PRIMARY KEY (mois, code_caf, motif)
);
COMMENT ON TABLE core.ecarte IS 'Demandeurs non transmis, comptés par Caf et par motif ; aucune personne.';

CREATE TABLE core.publication (
    mois text PRIMARY KEY,
    run_id text NOT NULL,
    depot boolean NOT NULL,
    demandeurs integer NOT NULL,
    transmissibles integer NOT NULL,
    publie_le timestamptz NOT NULL DEFAULT suivi.maintenant()
);
COMMENT ON TABLE core.publication IS 'Le mois publié : par quelle exécution, et si elle dépose des lots.';

ALTER TABLE staging.demandeur_brut OWNER TO av_etl;
ALTER TABLE staging.demandeur OWNER TO av_etl;
ALTER TABLE core.demandeur OWNER TO av_etl;
GRANT SELECT, INSERT, UPDATE, DELETE ON core.ecarte, core.publication TO av_etl;

-- ── dq: profiles (counts by Caf) and verdicts; no person ────────────────────────────────────────────────
CREATE TABLE dq.profil_requete (
    mois text NOT NULL,
    run_id text NOT NULL,
    code_caf text NOT NULL,
    connue boolean NOT NULL,
    lignes integer NOT NULL,
    comptes jsonb NOT NULL,
    PRIMARY KEY (mois, run_id, code_caf)
);
COMMENT ON TABLE dq.profil_requete IS
'Une ligne par Caf (Caf absentes comprises) : nombre de demandeurs et nombre de lignes par règle.';

CREATE TABLE dq.quarantaine (
    mois text NOT NULL,
    run_id text NOT NULL,
    code_caf text NOT NULL,
    regle text NOT NULL,
    nombre integer NOT NULL CHECK (nombre > 0),
    PRIMARY KEY (mois, run_id, code_caf, regle)
);

CREATE TABLE dq.verdict (
    mois text NOT NULL,
    gate text NOT NULL,
    code_caf text,
    regle text NOT NULL,
    severite text NOT NULL CHECK (severite IN ('critical', 'warning', 'info')),
    verdict text NOT NULL CHECK (verdict IN ('conforme', 'avertissement', 'retenu', 'non_evalue')),
    nombre integer,
    run_id text NOT NULL,
    rendu_le timestamptz NOT NULL DEFAULT suivi.maintenant(),
    UNIQUE NULLS NOT DISTINCT (mois, gate, run_id, code_caf, regle)
);
COMMENT ON TABLE dq.verdict IS
'Règles non conformes, et une ligne « ensemble » par Caf (code_caf vide : la nation) qui porte le verdict.';

GRANT SELECT, INSERT, DELETE ON dq.profil_requete, dq.quarantaine, dq.verdict TO av_etl;
GRANT SELECT ON ALL TABLES IN SCHEMA dq TO av_qualite;
GRANT INSERT, DELETE ON dq.verdict TO av_qualite;
GRANT SELECT ON dq.verdict TO av_pilotage;

-- ── suivi: ledger and outbox ────────────────────────────────────────────────────────────────────────────
CREATE TABLE suivi.evenement (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mois text NOT NULL,
    code_caf text NOT NULL,
    version integer NOT NULL,
    code_cpam text,
    etat text NOT NULL CHECK (etat IN (
        'prepare', 'retenu', 'depose', 'transmis', 'traite', 'detruit', 'remplace', 'expire',
        'rien_a_transmettre'
    )),
    acteur text NOT NULL,
    motif text,
    preuve jsonb NOT NULL DEFAULT '{}',
    cree_le timestamptz NOT NULL,
    hash_precedent bytea,
    hash bytea NOT NULL UNIQUE
);
CREATE INDEX evenement_par_lot ON suivi.evenement (mois, code_caf, id);
CREATE UNIQUE INDEX evenement_unique ON suivi.evenement
(mois, code_caf, version, coalesce(code_cpam, ''), etat, coalesce(motif, ''), preuve);

CREATE TABLE suivi.sceau (
    mois text NOT NULL,
    code_caf text NOT NULL,
    scelle_pour text NOT NULL,
    dernier_id bigint NOT NULL,
    nombre bigint NOT NULL,
    hash bytea NOT NULL,
    scelle_le timestamptz NOT NULL DEFAULT suivi.maintenant(),
    PRIMARY KEY (scelle_pour, mois, code_caf)
);
COMMENT ON TABLE suivi.sceau IS 'Tête de chaque chaîne, scellée une fois par mois : une fin coupée se voit.';

CREATE TABLE suivi.avis (
    cle text PRIMARY KEY,
    destinataire text NOT NULL,
    canal text NOT NULL CHECK (canal IN ('courriel', 'apprise')),
    objet text NOT NULL,
    corps text NOT NULL,
    tentatives integer NOT NULL DEFAULT 0,
    cree_le timestamptz NOT NULL DEFAULT suivi.maintenant(),
    envoye_le timestamptz
);

-- The text that an event's hash seals; every field, so that none can be altered unseen.
CREATE FUNCTION suivi.sceller(evenement suivi.evenement) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        $1.mois, $1.code_caf, $1.version, $1.code_cpam, $1.etat, $1.acteur, $1.motif, $1.preuve,
        extract(epoch FROM $1.cree_le)::text, encode($1.hash_precedent, 'hex')
    )::text, 'UTF8'))
$$;

-- Adds an event to its chain, once: the same lot, recipient, state and proof again gives NULL, adds nothing.
CREATE FUNCTION suivi.inscrire(
    p_mois text, p_code_caf text, p_version integer, p_etat text, p_acteur text,
    p_motif text DEFAULT NULL, p_preuve jsonb DEFAULT '{}', p_code_cpam text DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    nouveau suivi.evenement;
BEGIN
    -- Nine figures in a row, whatever separates them, are a telephone or a NIR; so is a NIR of Corsica (2A, 2B).
    IF coalesce(p_motif, '') ~ '[^[:space:]@]+@[^[:space:]@]+'
        OR translate(p_motif, E' ./_-\t\r\n\u00a0\u202f\u2011', '') ~* '[0-9]{9}|[12][0-9]{4}2[ab][0-9]{3}' THEN
        RAISE EXCEPTION 'Le motif ressemble à une donnée personnelle (courriel, téléphone ou NIR) : il n''est pas inscrit.'
            USING ERRCODE = 'check_violation', HINT = 'Récrire le motif sans courriel ni numéro.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('suivi/' || p_mois || '/' || p_code_caf, 0));
    PERFORM 1 FROM suivi.evenement AS e
    WHERE e.mois = p_mois AND e.code_caf = p_code_caf AND e.version = p_version
        AND e.code_cpam IS NOT DISTINCT FROM p_code_cpam AND e.etat = p_etat
        AND e.motif IS NOT DISTINCT FROM p_motif AND e.preuve = p_preuve;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    nouveau.mois := p_mois;
    nouveau.code_caf := p_code_caf;
    nouveau.version := p_version;
    nouveau.code_cpam := p_code_cpam;
    nouveau.etat := p_etat;
    nouveau.acteur := p_acteur;
    nouveau.motif := p_motif;
    nouveau.preuve := p_preuve;
    nouveau.cree_le := clock_timestamp() + (suivi.maintenant() - now());
    SELECT e.hash INTO nouveau.hash_precedent FROM suivi.evenement AS e
    WHERE e.mois = p_mois AND e.code_caf = p_code_caf ORDER BY e.id DESC LIMIT 1;
    nouveau.hash := suivi.sceller(nouveau);
    INSERT INTO suivi.evenement
        (mois, code_caf, version, code_cpam, etat, acteur, motif, preuve, cree_le, hash_precedent, hash)
    VALUES (
        nouveau.mois, nouveau.code_caf, nouveau.version, nouveau.code_cpam, nouveau.etat, nouveau.acteur,
        nouveau.motif, nouveau.preuve, nouveau.cree_le, nouveau.hash_precedent, nouveau.hash
    )
    RETURNING id INTO nouveau.id;
    RETURN nouveau.id;
END
$$;

-- Puts a notice into the outbox, once per key.
CREATE FUNCTION suivi.aviser(
    p_cle text, p_destinataire text, p_canal text, p_objet text, p_corps text
) RETURNS boolean
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    WITH ajout AS (
        INSERT INTO suivi.avis (cle, destinataire, canal, objet, corps)
        VALUES (p_cle, p_destinataire, p_canal, p_objet, p_corps)
        ON CONFLICT (cle) DO NOTHING
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM ajout)
$$;

GRANT EXECUTE ON FUNCTION suivi.inscrire, suivi.aviser, suivi.sceller TO av_etl, av_pilotage;
GRANT SELECT ON suivi.evenement, suivi.avis, suivi.sceau TO av_etl, av_pilotage;
GRANT INSERT ON suivi.sceau TO av_etl;
GRANT UPDATE (tentatives, envoye_le) ON suivi.avis TO av_etl;

-- ── marts: what adds up, and what is derived from it ────────────────────────────────────────────────────
CREATE TABLE marts.mesure (
    mois text NOT NULL,
    code_caf text,
    code_cpam text,
    mesure text NOT NULL,
    modalite text,
    classe integer,
    valeur numeric NOT NULL,
    UNIQUE NULLS NOT DISTINCT (mois, mesure, code_caf, code_cpam, modalite, classe)
);
COMMENT ON TABLE marts.mesure IS
'Comptes, sommes et classes d''histogramme, additifs entre caisses ; aucune personne.';

CREATE TABLE marts.indicateur (
    code text NOT NULL,
    version integer NOT NULL,
    mois text NOT NULL,
    niveau text NOT NULL CHECK (niveau IN ('national', 'region', 'caf', 'cpam')),
    territoire text NOT NULL,
    numerateur numeric,
    denominateur numeric,
    valeur numeric,
    cible numeric,
    atteinte text CHECK (atteinte IN ('atteinte', 'quasi_atteinte', 'non_atteinte')),
    statut text NOT NULL CHECK (statut IN ('fourni', 'non_fourni', 'sans_objet')),
    PRIMARY KEY (mois, code, version, niveau, territoire)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON marts.mesure, marts.indicateur TO av_etl;
GRANT SELECT ON marts.mesure, marts.indicateur TO av_pilotage;
