-- purpose: people with a right to AJPA or AJPP opened in the twelve months that end with the month
-- grain: one row a Caf of the right and benefit; people are counted once in the twelve months
-- inputs: si_allocataires: droit
-- horizon: mois
-- compte: personnes
-- modalites: ajpa ajpp
-- denombre: les bénéficiaires des douze mois
-- parameters: :debut_douze_mois (first day of the twelve months), :fin (first day after the month)
-- source: IGAS 2013-164R rec. 6 (non-take-up by benefit and caisse: this is who takes up)

SELECT
    r.code_caf,
    lower(r.prestation) AS modalite,
    CAST(NULL AS integer) AS classe,
    count(DISTINCT r.id_personne) AS valeur
FROM droit AS r
WHERE
    r.date_ouverture >= :debut_douze_mois
    AND r.date_ouverture < :fin
    AND r.prestation IN ('AJPA', 'AJPP')
GROUP BY r.code_caf, r.prestation
