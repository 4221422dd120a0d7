-- purpose: the roles of the warehouse, its schemas, which role enters which schema, the clock and the share
-- grain: four roles, six schemas, one clock, one share
-- inputs: an empty database, by its owner
-- parameters: none

-- A role belongs to the whole server, so it may exist already; its rights here are given in any case.
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

CREATE SCHEMA staging;
CREATE SCHEMA core;
CREATE SCHEMA dq;
CREATE SCHEMA marts;
CREATE SCHEMA diffusion;
CREATE SCHEMA suivi;

REVOKE ALL ON SCHEMA public FROM public;
-- PostgreSQL lets everybody execute a new function; here each function names who may.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM public;

GRANT USAGE ON SCHEMA staging, core, dq, marts, diffusion, suivi TO av_etl;
GRANT CREATE ON SCHEMA staging, core TO av_etl;
GRANT USAGE ON SCHEMA dq TO av_qualite;
GRANT USAGE ON SCHEMA marts, diffusion, suivi, dq TO av_pilotage;
GRANT USAGE ON SCHEMA diffusion TO av_diffusion;
-- The revision of the warehouse: `verifier` reads it as av_etl, the page as av_pilotage.
GRANT USAGE ON SCHEMA public TO av_etl, av_pilotage;
GRANT SELECT ON public.aller_vers_version TO av_etl, av_pilotage;

-- ── The clock: the server's, but in a past that a laptop plays again, day by day ────────────────────────
-- No role of the warehouse may write here, so that nobody dates an event: only its owner, on a laptop.
CREATE TABLE suivi.horloge (
    une boolean PRIMARY KEY DEFAULT TRUE CHECK (une),
    decalage interval NOT NULL
);
COMMENT ON TABLE suivi.horloge IS
'Vide, sauf pendant qu''un poste rejoue une année : l''écart à l''heure du serveur.';
GRANT SELECT ON suivi.horloge TO av_etl;

CREATE FUNCTION suivi.maintenant() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT now() + coalesce((SELECT h.decalage FROM suivi.horloge AS h), interval '0')
$$;

GRANT EXECUTE ON FUNCTION suivi.maintenant TO av_etl, av_qualite, av_pilotage;

-- ── The share: what the mark at its root says, so that no mount point is taken for it ───────────────────
-- No role of the warehouse may write here: only its owner, by `preparer` or on a laptop.
CREATE TABLE suivi.partage (
    une boolean PRIMARY KEY DEFAULT TRUE CHECK (une),
    identite text NOT NULL,
    marque_le timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE suivi.partage IS
'L''identité du partage de cet entrepôt, que sa marque (.aller-vers.json, à sa racine) doit répéter.';
GRANT SELECT ON suivi.partage TO av_etl;
