-- purpose: decisions on held lots, open alerts, and the derogation behind a verdict
-- grain: one held lot of a published month; one open alert
-- inputs: core.publication, dq.verdict, marts.caf, suivi.evenement
-- parameters: none

ALTER TABLE dq.verdict ADD COLUMN derogation text;
COMMENT ON COLUMN dq.verdict.derogation IS
'Dérogation datée qui a adouci ce verdict, ou qui ne l''a pas pu (expirée, limite dépassée).';

-- Does a decision taken on these rules and counts hold for those? Another rule, or more rows, is worse.
CREATE FUNCTION suivi.couvre(decidees jsonb, actuelles jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT actuelles <> '{}' AND NOT EXISTS (
        SELECT FROM jsonb_each(actuelles) AS a
        WHERE NOT coalesce(
            a.value = decidees -> a.key
            OR (
                jsonb_typeof(a.value) = 'number' AND jsonb_typeof(decidees -> a.key) = 'number'
                AND a.value::numeric <= (decidees -> a.key)::numeric
            ),
            false
        )
    )
$$;

CREATE VIEW suivi.lot_retenu AS
WITH tenu AS (
    SELECT
        e.mois,
        e.code_caf,
        c.libelle,
        e.run_id,
        e.rendu_le,
        coalesce((
            SELECT jsonb_object_agg(v.regle, v.nombre)
            FROM dq.verdict AS v
            WHERE
                v.mois = e.mois AND v.gate = e.gate AND v.run_id = e.run_id AND v.code_caf = e.code_caf
                AND v.regle <> 'ensemble' AND v.verdict IN ('retenu', 'non_evalue')
        ), '{}') AS regles
    FROM core.publication AS p
    INNER JOIN dq.verdict AS e ON p.mois = e.mois AND p.run_id = e.run_id
    INNER JOIN marts.caf AS c ON e.code_caf = c.code_caf
    WHERE p.depot AND e.gate = 'requete' AND e.regle = 'ensemble' AND e.verdict = 'retenu'
)

SELECT
    t.mois,
    t.code_caf,
    t.libelle,
    t.run_id,
    t.rendu_le,
    t.regles,
    d.id AS derniere_decision,
    CASE WHEN suivi.couvre(d.preuve -> 'regles', t.regles) THEN d.preuve ->> 'decision' END AS decision,
    CASE WHEN suivi.couvre(d.preuve -> 'regles', t.regles) THEN d.acteur END AS acteur,
    CASE WHEN suivi.couvre(d.preuve -> 'regles', t.regles) THEN d.motif END AS motif,
    CASE WHEN suivi.couvre(d.preuve -> 'regles', t.regles) THEN d.cree_le END AS decide_le
FROM tenu AS t
LEFT JOIN LATERAL (
    SELECT
        v.id,
        v.acteur,
        v.motif,
        v.preuve,
        v.cree_le
    FROM suivi.evenement AS v
    WHERE v.mois = t.mois AND v.code_caf = t.code_caf AND v.preuve ->> 'decision' IS NOT NULL
    ORDER BY v.id DESC
    LIMIT 1
) AS d ON TRUE;
COMMENT ON VIEW suivi.lot_retenu IS
'Les lots que la porte de la requête retient, et la décision qui vaut pour ce verdict ; aucune personne.';

-- Records who released or kept a held lot, and why; false when that is decided already.
-- p_regles is what the person saw: a decision is never taken on another verdict than the one that was read.
CREATE FUNCTION suivi.decider(
    p_mois text, p_code_caf text, p_decision text, p_acteur text, p_motif text, p_regles jsonb
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lot suivi.lot_retenu;
    numero integer;
BEGIN
    IF p_decision NOT IN ('libere', 'garde') OR length(btrim(coalesce(p_acteur, ''))) = 0 THEN
        RAISE EXCEPTION 'décision ou acteur inconnu' USING ERRCODE = 'AV001';
    END IF;
    IF p_decision = 'libere' AND length(btrim(coalesce(p_motif, ''))) < 10 THEN
        RAISE EXCEPTION 'un lot ne se libère pas sans motif écrit' USING ERRCODE = 'AV002';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('suivi/' || p_mois || '/' || p_code_caf, 0));
    SELECT r.* INTO lot FROM suivi.lot_retenu AS r WHERE r.mois = p_mois AND r.code_caf = p_code_caf;
    IF lot.mois IS NULL THEN
        RAISE EXCEPTION 'ce lot n''est pas retenu' USING ERRCODE = 'AV003';
    END IF;
    IF lot.regles <> p_regles THEN
        RAISE EXCEPTION 'le verdict a changé' USING ERRCODE = 'AV004';
    END IF;
    IF lot.decision = p_decision THEN
        RETURN false;
    END IF;
    IF lot.decision = 'libere' THEN
        RAISE EXCEPTION 'ce lot est déjà libéré' USING ERRCODE = 'AV005';
    END IF;
    SELECT coalesce(max(e.version), 0) + 1 INTO numero FROM suivi.evenement AS e
    WHERE e.mois = p_mois AND e.code_caf = p_code_caf AND e.code_cpam IS NULL AND e.etat = 'depose';
    PERFORM suivi.inscrire(
        p_mois, p_code_caf, numero, CASE p_decision WHEN 'libere' THEN 'prepare' ELSE 'retenu' END,
        btrim(p_acteur), nullif(btrim(coalesce(p_motif, '')), ''),
        jsonb_build_object(
            'decision', p_decision, 'execution', lot.run_id, 'regles', lot.regles,
            'apres', lot.derniere_decision
        )
    );
    RETURN true;
END
$$;

-- What is wrong now, and since when: an alert is told when it opens, each day that it lasts, when it closes.
CREATE TABLE suivi.alerte (
    sujet text NOT NULL,
    mois text NOT NULL,
    code_caf text NOT NULL,
    regle text NOT NULL,
    gravite text NOT NULL,
    nombre integer,
    depuis timestamptz NOT NULL,
    dite_le date NOT NULL,
    PRIMARY KEY (sujet, mois, code_caf, regle)
);
COMMENT ON TABLE suivi.alerte IS
'Alertes ouvertes : porte ou DAG, mois, Caf (vide : la nation), règle ou tâche ; aucune personne.';

GRANT EXECUTE ON FUNCTION suivi.decider, suivi.couvre TO av_etl, av_pilotage;
GRANT SELECT ON suivi.lot_retenu TO av_etl, av_pilotage;
GRANT SELECT, INSERT, UPDATE, DELETE ON suivi.alerte TO av_etl;
GRANT SELECT ON suivi.alerte TO av_pilotage;
