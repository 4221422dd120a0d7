-- purpose: what a month publishes: who can be transmitted, who is set aside, by which run
-- grain: core.demandeur: one row a person and month; core.ecarte: one row a month, Caf and reason;
--        core.publication: one row a month
-- inputs: 0001_roles.sql
-- parameters: none

-- ── The persons to transmit; a month is a partition ─────────────────────────────────────────────────────
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

ALTER TABLE core.demandeur OWNER TO av_etl;
-- No value of a person in the statistics: see 0002_staging.sql.
ALTER TABLE core.demandeur
ALTER COLUMN id_personne SET STATISTICS 0,
ALTER COLUMN courriel SET STATISTICS 0,
ALTER COLUMN telephone SET STATISTICS 0,
ALTER COLUMN code_postal SET STATISTICS 0;

-- ── The month as it was published ───────────────────────────────────────────────────────────────────────
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

GRANT SELECT, INSERT, UPDATE, DELETE ON core.ecarte, core.publication TO av_etl;
