-- purpose: what this computation reads: each component of both terms, in the month that it is read in
-- grain: one row a (definition, month, component); numero numbers the pairs of definition and month, rang the
--        components of both terms, nb counts them; definitif_le: the day from which the measure can no longer
--        move
-- inputs: the dictionary, as JSON
-- parameters: :lectures

CREATE TEMPORARY TABLE lecture ON COMMIT DROP AS
SELECT
    dense_rank() OVER (ORDER BY l.mois, l.code, l.version) AS numero,
    l.code,
    l.version,
    l.mois,
    l.rang,
    count(*) OVER (PARTITION BY l.mois, l.code, l.version) AS nb,
    l.terme,
    l.mois_lu,
    l.definitif_le,
    l.mesure,
    l.modalite,
    l.classe_min,
    l.classe_max,
    l.poids
FROM jsonb_to_recordset(CAST(:lectures AS jsonb)) AS l (
    code text,
    version integer,
    mois text,
    rang integer,
    terme text,
    mois_lu text,
    definitif_le date,
    mesure text,
    modalite text,
    classe_min integer,
    classe_max integer,
    poids numeric
)
