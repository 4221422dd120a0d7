-- purpose: the DAGs that failed or are late and have not recovered since
-- grain: one row a DAG, month and task
-- inputs: suivi.alerte
-- parameters: none

SELECT
    a.sujet,
    a.mois,
    a.regle,
    a.gravite,
    a.depuis
FROM suivi.alerte AS a
WHERE a.sujet LIKE 'dag:%'
ORDER BY a.depuis, a.sujet, a.regle
