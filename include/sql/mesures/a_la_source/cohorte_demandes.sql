-- purpose: what became of the month's applications: deposited, and led to a right by the end of the follow-up
-- grain: one row a Caf at the deposit and modality (<benefit>:<stage>)
-- inputs: si_allocataires: demande, droit
-- horizon: suivi
-- compte: demandes
-- modalites: ajpa:deposees ajpa:droit_ouvert ajpp:deposees ajpp:droit_ouvert
-- denombre: les demandes déposées dans le mois, et celles qui ont ouvert un droit
-- inclus_dans: ajpa:droit_ouvert < ajpa:deposees ; ajpp:droit_ouvert < ajpp:deposees
-- parameters: :debut, :fin (first day of the month and of the next), :fin_suivi (first day after the
--             follow-up), :natures (natures that count)
-- source: IT 2025-098 §1.2 (39.8 % of AJPA applications led to a right since 2020)

WITH demandes AS (
    SELECT
        d.code_caf,
        lower(d.prestation) AS prestation,
        d.date_decision < :fin_suivi
        AND EXISTS (SELECT FROM droit AS r WHERE r.id_demande = d.id_demande) AS droit_ouvert
    FROM demande AS d
    WHERE
        d.date_depot >= :debut
        AND d.date_depot < :fin
        AND d.nature IN :natures
        AND d.prestation IN ('AJPA', 'AJPP')
)

SELECT
    d.code_caf,
    d.prestation || ':' || e.etape AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) FILTER (WHERE e.etape = 'deposees' OR d.droit_ouvert) AS valeur
FROM demandes AS d
CROSS JOIN (VALUES ('deposees'), ('droit_ouvert')) AS e (etape)
GROUP BY d.code_caf, d.prestation, e.etape
