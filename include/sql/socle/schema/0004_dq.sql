-- purpose: what the gates count (profiles) and what they conclude (verdicts); counts alone, no person
-- grain: a profile: one row a month, run and Caf (and Cpam for the returns); dq.verdict: one row a rule that
--        is not met, and one for the whole
-- inputs: 0001_roles.sql, core.publication
-- parameters: none

-- ── Profiles: one table a gate ──────────────────────────────────────────────────────────────────────────
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

CREATE TABLE dq.profil_depots (
    mois text NOT NULL,
    run_id text NOT NULL,
    code_caf text NOT NULL,
    comptes jsonb NOT NULL,
    PRIMARY KEY (mois, run_id, code_caf)
);
COMMENT ON TABLE dq.profil_depots IS
'Une ligne par Caf : ce que la relecture de son lot a trouvé, en nombres ; aucune personne.';

CREATE TABLE dq.profil_retours (
    mois text NOT NULL,
    run_id text NOT NULL,
    forme text NOT NULL,
    depot text NOT NULL,
    code_caf text NOT NULL,
    code_cpam text NOT NULL,
    dernier_id bigint NOT NULL,
    lignes integer NOT NULL,
    comptes jsonb NOT NULL,
    decision text CHECK (decision IN ('conforme', 'avertissement', 'retenu')),
    PRIMARY KEY (mois, run_id, forme, depot, code_caf, code_cpam)
);
COMMENT ON TABLE dq.profil_retours IS
'Une ligne par mois, forme, dossier, Caf et Cpam : retours à juger, et combien enfreignent chaque règle.';

CREATE TABLE dq.profil_marts (
    mois text NOT NULL,
    run_id text NOT NULL,
    code_caf text NOT NULL,
    comptes jsonb NOT NULL,
    PRIMARY KEY (mois, run_id, code_caf)
);
COMMENT ON TABLE dq.profil_marts IS
'Une ligne par Caf, et une pour la nation : écarts trouvés dans les indicateurs du mois, par règle.';

-- Counts alone: av_qualite compares with the past without any right on core.
CREATE VIEW dq.historique_requete AS
SELECT
    p.mois,
    p.code_caf,
    p.lignes,
    p.comptes
FROM dq.profil_requete AS p
INNER JOIN core.publication AS c ON p.mois = c.mois AND p.run_id = c.run_id
WHERE p.connue;
COMMENT ON VIEW dq.historique_requete IS
'Nombre de demandeurs par Caf des mois publiés : le passé auquel un volume se compare.';

-- ── Verdicts ────────────────────────────────────────────────────────────────────────────────────────────
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
    derogation text,
    UNIQUE NULLS NOT DISTINCT (mois, gate, run_id, code_caf, regle)
);
COMMENT ON TABLE dq.verdict IS
'Règles non conformes, et une ligne « ensemble » par Caf (code_caf vide : la nation) qui porte le verdict.';
COMMENT ON COLUMN dq.verdict.derogation IS
'Dérogation datée qui a adouci ce verdict, ou qui ne l''a pas pu (expirée, limite dépassée).';

-- The few that are held, and the nation's last word, are found without reading every Caf of every month.
CREATE INDEX verdict_retenu ON dq.verdict (mois, run_id)
WHERE gate = 'requete' AND regle = 'ensemble' AND verdict = 'retenu';
CREATE INDEX verdict_de_nation ON dq.verdict (mois, gate, rendu_le DESC) INCLUDE (verdict)
WHERE code_caf IS NULL AND regle = 'ensemble';

-- What a run says again in another way is put aside, never erased: nobody but the owner may change it here.
CREATE TABLE dq.verdict_remplace (
    LIKE dq.verdict,
    remplace_le timestamptz NOT NULL DEFAULT suivi.maintenant()
);
COMMENT ON TABLE dq.verdict_remplace IS 'Les verdicts qu''une reprise de la même exécution a changés.';

-- The one way to give a verdict: it replaces those of the same run, which stay in dq.verdict_remplace.
CREATE FUNCTION dq.rendre(p_mois text, p_gate text, p_run_id text, p_verdicts jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The gate of the marts alone is judged in the transaction that computes them.
    IF session_user = 'av_etl' AND p_gate <> 'marts' THEN
        RAISE EXCEPTION 'Cette porte se juge par av_qualite.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- The same run twice at once: the second waits, and replaces what the first has given.
    PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws('/', 'verdict', p_mois, p_gate, p_run_id), 0));
    WITH partis AS (
        DELETE FROM dq.verdict AS v
        WHERE v.mois = p_mois AND v.gate = p_gate AND v.run_id = p_run_id
        RETURNING v.*
    )
    INSERT INTO dq.verdict_remplace
        (mois, gate, code_caf, regle, severite, verdict, nombre, run_id, rendu_le, derogation)
    SELECT
        p.mois, p.gate, p.code_caf, p.regle, p.severite, p.verdict, p.nombre, p.run_id, p.rendu_le, p.derogation
    FROM partis AS p
    WHERE NOT EXISTS (
        SELECT FROM jsonb_to_recordset(p_verdicts) AS n
            (code_caf text, regle text, severite text, verdict text, nombre integer, derogation text)
        WHERE (n.code_caf, n.regle, n.severite, n.verdict, n.nombre, n.derogation)
            IS NOT DISTINCT FROM (p.code_caf, p.regle, p.severite, p.verdict, p.nombre, p.derogation)
    );
    INSERT INTO dq.verdict (mois, gate, code_caf, regle, severite, verdict, nombre, run_id, derogation)
    SELECT
        p_mois, p_gate, n.code_caf, n.regle, n.severite, n.verdict, n.nombre, p_run_id, n.derogation
    FROM jsonb_to_recordset(p_verdicts) AS n
        (code_caf text, regle text, severite text, verdict text, nombre integer, derogation text);
END
$$;

CREATE TABLE dq.quarantaine (
    mois text NOT NULL,
    run_id text NOT NULL,
    code_caf text NOT NULL,
    regle text NOT NULL,
    nombre integer NOT NULL CHECK (nombre > 0),
    PRIMARY KEY (mois, run_id, code_caf, regle)
);

GRANT SELECT, INSERT, DELETE ON
dq.profil_requete, dq.profil_depots, dq.profil_retours, dq.profil_marts, dq.quarantaine TO av_etl;
-- A verdict is given by dq.rendre alone, and erased by nobody.
GRANT SELECT ON dq.verdict TO av_etl;
GRANT UPDATE (decision) ON dq.profil_retours TO av_etl;
GRANT SELECT ON dq.historique_requete TO av_etl;
GRANT SELECT ON ALL TABLES IN SCHEMA dq TO av_qualite;
GRANT EXECUTE ON FUNCTION dq.rendre TO av_etl, av_qualite;
-- The page shows what a decision is taken on: counts alone.
GRANT SELECT ON dq.verdict, dq.historique_requete TO av_pilotage;
