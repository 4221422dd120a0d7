-- purpose: the chain of a lot as its hashes seal it, for whoever verifies it without the database
-- grain: one row an event, oldest first
-- inputs: suivi.evenement, suivi.texte_scelle, suivi.texte_engage, suivi.texte_motif
-- parameters: :mois, :code_caf

SELECT
    e.id,
    suivi.texte_scelle(e) AS scelle,
    suivi.texte_engage(e) AS engage,
    suivi.texte_motif(e) AS motif,
    encode(e.hash, 'hex') AS hash
FROM suivi.evenement AS e
WHERE e.mois = :mois AND e.code_caf = :code_caf
ORDER BY e.id
