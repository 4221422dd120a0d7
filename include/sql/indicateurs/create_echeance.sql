-- purpose: what this computation values: a definition at a month, for the month or a period that ends with it
-- grain: one row a (definition, month, period), numbered; debut: the first month of the period (null: the
--        first of all); arrete: the day that says which caisses are of the month
-- inputs: the dictionary, as JSON
-- parameters: :echeances

CREATE TEMPORARY TABLE echeance ON COMMIT DROP AS
SELECT
    row_number() OVER () AS numero,
    e.code,
    e.version,
    e.mois,
    e.periode,
    e.debut,
    e.definitif_le,
    e.cible,
    e.decision,
    e.abandonne,
    marts.arreter(e.mois) AS arrete
FROM jsonb_to_recordset(CAST(:echeances AS jsonb)) AS e (
    code text,
    version integer,
    mois text,
    periode text,
    debut text,
    definitif_le date,
    cible numeric,
    decision text,
    abandonne boolean
)
