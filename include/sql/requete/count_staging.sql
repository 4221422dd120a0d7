-- purpose: applicants of the month whose rows are still there, or were destroyed once measured
-- grain: one number of people
-- inputs: staging.demandeur, marts.mesure
-- parameters: :mois, :detruites (array: Caf whose persons are destroyed)

SELECT
    (SELECT count(*) FROM staging.demandeur AS d WHERE d.mois = :mois)
    + (
        SELECT coalesce(sum(m.valeur), 0)
        FROM marts.mesure AS m
        WHERE
            m.mois = :mois AND m.mesure = 'demandeurs' AND m.modalite = 'tous'
            AND m.code_caf = any(CAST(:detruites AS text[]))
    ) AS demandeurs
