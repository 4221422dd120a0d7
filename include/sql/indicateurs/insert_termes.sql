-- purpose: keep the terms that were computed
-- grain: one row a (definition, month, unit, class)
-- inputs: pg_temp.terme_nouveau
-- parameters: none

INSERT INTO marts.terme
(mois, code, version, code_caf, code_cpam, classe, numerateur, denominateur, definitif)
SELECT
    n.mois,
    n.code,
    n.version,
    n.code_caf,
    n.code_cpam,
    n.classe,
    n.numerateur,
    n.denominateur,
    n.definitif
FROM terme_nouveau AS n
