-- purpose: appointments of people separated with children, from the declaration to the end of the follow-up
-- grain: one row an appointment
-- inputs: declarations; si_allocataires: rendez_vous
-- parameters: :debut (first day of the month), :fin_suivi (first day after the follow-up)

SELECT
    s.id_personne,
    s.code_caf,
    r.nature,
    r.honore
FROM declarations AS s
INNER JOIN rendez_vous AS r
    ON
        s.id_personne = r.id_personne
        AND s.date_declaration <= r.date_rendez_vous
        -- implied, and what finds them by index
        AND r.date_rendez_vous >= :debut
        AND r.date_rendez_vous < :fin_suivi
WHERE
    s.rang = 1
    AND s.enfants = 'avec_enfants'
    -- linked to a separation of the month, or to none
    AND (
        r.id_separation IS NULL
        OR r.id_separation IN (SELECT d.id_separation FROM declarations AS d)
    )
