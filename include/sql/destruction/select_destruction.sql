-- purpose: what the certificate of a destruction says: its cause, its run, what ledger and tables held
-- grain: one row: the lot, or the month as a whole; none when its destruction is not under way
-- inputs: suivi.destruction, suivi.evenement
-- parameters: :mois, :code_caf

SELECT
    d.cause,
    d.run_id,
    d.comptes,
    d.entreprise_le,
    coalesce(
        max(e.version) FILTER (WHERE e.etat IN ('depose', 'retenu') AND e.code_cpam IS NULL), 0
    ) AS version,
    coalesce(
        jsonb_object_agg(e.version, e.preuve ->> 'identite')
        FILTER (WHERE e.etat = 'depose' AND e.preuve ->> 'identite' IS NOT NULL),
        '{}'
    ) AS identites,
    coalesce(bool_or(e.etat = 'expire'), FALSE) AS certifiee
FROM suivi.destruction AS d
LEFT JOIN suivi.evenement AS e ON d.mois = e.mois AND d.code_caf = e.code_caf
WHERE d.mois = :mois AND d.code_caf = :code_caf
GROUP BY d.mois, d.code_caf
