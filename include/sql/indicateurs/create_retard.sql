-- purpose: the lots of which a measure can move after the day of their month, since they came later
-- grain: one row a (measure, month, unit): a Caf and a Cpam, each of both alone
-- inputs: the drops, as JSON
-- parameters: :retards

CREATE TEMPORARY TABLE retard ON COMMIT DROP AS
SELECT
    r.mesure,
    r.mois,
    r.code_caf,
    r.code_cpam,
    r.definitif_le
FROM jsonb_to_recordset(CAST(:retards AS jsonb)) AS r (
    mesure text,
    mois text,
    code_caf text,
    code_cpam text,
    definitif_le date
)
