-- purpose: how many contacts people had who declared a separation in the month, from the declaration to some
--          months after: incoming e-mails, calls, letters, appointments
-- grain: one row a Caf of the declaration, modality and number of contacts, people without any in class 0
-- inputs: si_allocataires: separation, contact
-- avec: declarations
-- horizon: suivi
-- compte: personnes
-- partition: oui
-- modalites: avec_enfants sans_enfant
-- classe: contacts
-- denombre: les personnes séparées dans le mois
-- parameters: :mois_suivi (months of follow-up)
-- source: annexe 5, 1 and 2

WITH personnes AS (
    SELECT
        s.id_personne,
        s.code_caf,
        s.enfants,
        count(c.id_contact) AS contacts
    FROM declarations AS s
    LEFT JOIN contact AS c
        ON
            s.id_personne = c.id_personne
            AND s.date_declaration <= c.date_contact
            AND s.date_declaration + :mois_suivi * INTERVAL '1 month' >= c.date_contact
            AND c.sens = 'entrant'
            AND c.canal IN ('courriel', 'telephone', 'courrier', 'rendez_vous')
    WHERE s.rang = 1
    GROUP BY s.id_personne, s.code_caf, s.enfants
)

SELECT
    p.code_caf,
    p.enfants AS modalite,
    p.contacts AS classe,
    count(*) AS valeur
FROM personnes AS p
GROUP BY p.code_caf, p.enfants, p.contacts
