-- purpose: incoming contacts of the month, all channels together: first ones, and repeats of the same person
--          for the same reason within some days
-- grain: one row a Caf of the contact and modality
-- inputs: si_allocataires: contact
-- horizon: mois
-- compte: contacts
-- modalites: premiers reiteres
-- denombre: les contacts entrants du mois
-- parameters: :debut, :fin (first day of the month and of the next), :debut_reiteration (first day that
--             can make a contact of the month a repeat), :jours_reiteration (days)
-- source: IGAS 2013-164R rec. 16 and 21

WITH contacts AS (
    SELECT
        c.code_caf,
        c.date_contact,
        c.date_contact - lag(c.date_contact) OVER (
            PARTITION BY c.id_personne, c.motif ORDER BY c.date_contact, c.id_contact
        ) AS jours_depuis
    FROM contact AS c
    WHERE c.sens = 'entrant' AND c.date_contact >= :debut_reiteration AND c.date_contact < :fin
)

SELECT
    c.code_caf,
    CASE WHEN c.jours_depuis <= :jours_reiteration THEN 'reiteres' ELSE 'premiers' END AS modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM contacts AS c
WHERE c.date_contact >= :debut
GROUP BY c.code_caf, CASE WHEN c.jours_depuis <= :jours_reiteration THEN 'reiteres' ELSE 'premiers' END
