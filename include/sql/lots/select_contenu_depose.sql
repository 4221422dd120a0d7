-- purpose: what identifies the content of a version that was dropped, and the recipients that it left out
-- grain: one row, or none
-- inputs: suivi.evenement
-- parameters: :mois, :code_caf, :version

SELECT
    e.preuve ->> 'identite' AS identite,
    array(
        SELECT r.code_cpam FROM suivi.evenement AS r
        WHERE
            r.mois = e.mois AND r.code_caf = e.code_caf AND r.version = e.version
            AND r.etat = 'retenu' AND r.code_cpam IS NOT NULL
    ) AS exclus
FROM suivi.evenement AS e
WHERE
    e.mois = :mois AND e.code_caf = :code_caf AND e.version = :version
    AND e.etat = 'depose' AND e.code_cpam IS NULL
ORDER BY e.id DESC
LIMIT 1
