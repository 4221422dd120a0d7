-- purpose: what people change in the reference while the program runs: files, perimeters; who, when, why
-- grain: suivi.prise_reference: one row a set and file; suivi.perimetre_confirme: one row an act;
--        suivi.perimetre_de_caf: one row a Caf of several Cpam
-- inputs: marts.caf, marts.convention, marts.perimetre, 0007_suivi.sql
-- parameters: none

CREATE TABLE suivi.prise_reference (
    prise text NOT NULL,
    fichier text NOT NULL,
    depose boolean NOT NULL,
    empreinte text NOT NULL CHECK (empreinte ~ '^[0-9a-f]{64}$'),
    acteur text NOT NULL,
    motif text NOT NULL,
    prise_le timestamptz NOT NULL DEFAULT suivi.maintenant(),
    PRIMARY KEY (prise, fichier)
);
COMMENT ON TABLE suivi.prise_reference IS
'Chaque fichier de référence mis en vigueur sans nouvelle version : déposé ou installé, son SHA-256, '
'qui, pourquoi.';

GRANT SELECT, INSERT ON suivi.prise_reference TO av_etl;
GRANT SELECT ON suivi.prise_reference TO av_pilotage;

-- ── Perimeters: a person says that what the file holds is right; then the lot of that Caf is cut by Cpam ──
CREATE TABLE suivi.perimetre_confirme (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code_caf text NOT NULL,
    confirme boolean NOT NULL,
    empreinte text NOT NULL,
    acteur text NOT NULL,
    compte text NOT NULL DEFAULT session_user,
    motif text NOT NULL,
    cree_le timestamptz NOT NULL DEFAULT suivi.maintenant()
);
COMMENT ON TABLE suivi.perimetre_confirme IS
'Chaque confirmation, ou reprise, du partage des codes postaux entre les Cpam d''une Caf ; la dernière vaut.';

CREATE VIEW suivi.perimetre_de_caf AS
WITH cpam_de_caf AS (
    SELECT DISTINCT
        c.code_caf,
        c.code_cpam
    FROM marts.convention AS c
),

partage AS (
    SELECT
        c.code_caf,
        bool_and(coalesce(p.fiabilite = 'confirmé', FALSE)) AS par_fichier,
        encode(sha256(convert_to(string_agg(
            concat_ws(
                ' ', c.code_cpam, p.code_postal,
                p.valable_du - date '2000-01-01', p.valable_au - date '2000-01-01'
            ), ',' ORDER BY c.code_cpam, p.code_postal, p.valable_du
        ), 'UTF8')), 'hex') AS empreinte
    FROM cpam_de_caf AS c
    LEFT JOIN marts.perimetre AS p ON c.code_cpam = p.code_cpam
    GROUP BY c.code_caf
    HAVING count(DISTINCT c.code_cpam) > 1
)

SELECT
    p.code_caf,
    f.libelle,
    p.empreinte,
    p.par_fichier,
    coalesce(d.confirme AND d.empreinte = p.empreinte, FALSE) AS par_acte,
    coalesce(d.confirme AND d.empreinte <> p.empreinte, FALSE) AS change_depuis,
    d.acteur,
    d.motif,
    d.cree_le
FROM partage AS p
INNER JOIN marts.caf AS f ON p.code_caf = f.code_caf
LEFT JOIN LATERAL (
    SELECT
        a.confirme,
        a.empreinte,
        a.acteur,
        a.motif,
        a.cree_le
    FROM suivi.perimetre_confirme AS a
    WHERE a.code_caf = p.code_caf
    ORDER BY a.id DESC
    LIMIT 1
) AS d ON TRUE;
COMMENT ON VIEW suivi.perimetre_de_caf IS
'Une Caf de plusieurs Cpam : son partage est-il confirmé, par le fichier ou par une personne '
'(change_depuis : le fichier n''est plus celui qu''elle a lu).';

-- A person confirms the perimeters that they read, or takes it back; false when it is said already.
CREATE FUNCTION suivi.confirmer_perimetre(
    p_code_caf text, p_confirme boolean, p_empreinte text, p_acteur text, p_motif text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lu suivi.perimetre_de_caf;
BEGIN
    IF p_confirme IS NULL OR length(btrim(coalesce(p_acteur, ''))) = 0 THEN
        RAISE EXCEPTION 'acte ou acteur inconnu' USING ERRCODE = 'AV001';
    END IF;
    IF length(btrim(coalesce(p_motif, ''))) < 10 THEN
        RAISE EXCEPTION 'un périmètre ne se confirme pas sans motif écrit' USING ERRCODE = 'AV002';
    END IF;
    IF suivi.parle_de_quelqu_un(p_motif) THEN
        RAISE EXCEPTION 'Le motif ressemble à une donnée personnelle : il n''est pas inscrit.'
            USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('aller_vers/reference', 0));
    SELECT v.* INTO lu FROM suivi.perimetre_de_caf AS v WHERE v.code_caf = p_code_caf;
    IF lu.code_caf IS NULL THEN
        RAISE EXCEPTION 'cette Caf n''a pas plusieurs Cpam' USING ERRCODE = 'AV003';
    END IF;
    IF lu.empreinte IS DISTINCT FROM p_empreinte THEN
        RAISE EXCEPTION 'le périmètre a changé' USING ERRCODE = 'AV004';
    END IF;
    IF lu.par_acte = p_confirme THEN
        RETURN false;
    END IF;
    INSERT INTO suivi.perimetre_confirme (code_caf, confirme, empreinte, acteur, motif)
    VALUES (p_code_caf, p_confirme, p_empreinte, btrim(p_acteur), btrim(p_motif));
    RETURN true;
END
$$;

GRANT EXECUTE ON FUNCTION suivi.confirmer_perimetre TO av_pilotage;
GRANT SELECT ON suivi.perimetre_de_caf TO av_etl, av_pilotage;
