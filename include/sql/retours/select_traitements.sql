-- purpose: what this run's returns say of the end of treatment and of destruction, for the ledger
-- grain: one row a month, Caf and Cpam
-- inputs: staging.retour_courant, suivi.evenement
-- parameters: :run_id

SELECT
    r.mois,
    r.code_caf,
    r.code_cpam,
    r.date_fin_traitement,
    r.date_destruction,
    (
        SELECT max(e.version) FROM suivi.evenement AS e
        WHERE
            e.mois = r.mois AND e.code_caf = r.code_caf AND e.code_cpam = r.code_cpam
            AND e.etat = 'transmis'
    ) AS version
FROM staging.retour_courant AS r
WHERE r.forme = 'mensuel' AND r.run_id = :run_id AND r.date_fin_traitement IS NOT NULL
ORDER BY r.mois, r.code_caf, r.code_cpam
