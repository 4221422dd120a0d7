-- purpose: what this computation values: a definition at a month, for the month or a period that ends with it
-- grain: one row a (definition, month, period)
-- inputs: the dictionary, as JSON
-- parameters: :echeances

CREATE TEMPORARY TABLE echeance ON COMMIT DROP AS
SELECT
    e.code,
    e.version,
    e.mois,
    e.periode,
    e.cible,
    e.decision,
    e.abandonne
FROM jsonb_to_recordset(CAST(:echeances AS jsonb)) AS e (
    code text,
    version integer,
    mois text,
    periode text,
    cible numeric,
    decision text,
    abandonne boolean
)
