-- purpose: days from deposit to decision, of the decisions of the month
-- grain: one row a Caf at the deposit, benefit and number of days; a decision grants or refuses
-- inputs: si_allocataires: demande
-- horizon: mois
-- compte: demandes
-- modalites: ajpa ajpp
-- classe: days
-- denombre: les demandes décidées dans le mois
-- parameters: :debut, :fin (first day of the month and of the next), :natures (natures that count)
-- source: IGAS 2013-164R rec. 13, §93-95 (follow the ninth decile, not only the mean)

SELECT
    d.code_caf,
    lower(d.prestation) AS modalite,
    greatest(d.date_decision - d.date_depot, 0) AS classe,
    count(*) AS valeur
FROM demande AS d
WHERE
    d.date_decision >= :debut
    AND d.date_decision < :fin
    AND d.etat IN ('accordee', 'refusee')
    AND d.nature IN :natures
    AND d.prestation IN ('AJPA', 'AJPP')
GROUP BY d.code_caf, d.prestation, greatest(d.date_decision - d.date_depot, 0)
