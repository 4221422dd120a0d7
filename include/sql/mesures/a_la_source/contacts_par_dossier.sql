-- purpose: how many incoming contacts, all channels, a file took from its deposit to its decision
-- grain: one row a Caf at the deposit, benefit and number of contacts; files decided in the month, those
--        without any contact in class 0
-- inputs: si_allocataires: demande, contact
-- horizon: mois
-- compte: demandes
-- modalites: ajpa ajpp
-- classe: contacts
-- denombre: les demandes décidées dans le mois
-- parameters: :debut, :fin (first day of the month and of the next), :natures (natures that count)
-- source: IGAS 2013-164R rec. 17 and §103

WITH dossiers AS (
    SELECT
        d.id_demande,
        d.code_caf,
        lower(d.prestation) AS prestation,
        count(c.id_contact) AS contacts
    FROM demande AS d
    LEFT JOIN contact AS c
        ON
            d.id_personne = c.id_personne
            AND d.date_depot <= c.date_contact
            AND d.date_decision >= c.date_contact
            AND c.sens = 'entrant'
    WHERE
        d.date_decision >= :debut
        AND d.date_decision < :fin
        AND d.etat IN ('accordee', 'refusee')
        AND d.nature IN :natures
        AND d.prestation IN ('AJPA', 'AJPP')
    GROUP BY d.id_demande, d.code_caf, d.prestation
)

SELECT
    d.code_caf,
    d.prestation AS modalite,
    d.contacts AS classe,
    count(*) AS valeur
FROM dossiers AS d
GROUP BY d.code_caf, d.prestation, d.contacts
