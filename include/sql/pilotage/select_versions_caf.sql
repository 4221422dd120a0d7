-- purpose: every version of a Caf's lot of the month, and what became of each
-- grain: one row a version, newest first
-- inputs: suivi.evenement
-- parameters: :mois, :code_caf

SELECT
    e.version,
    min(e.cree_le) FILTER (WHERE e.etat = 'depose') AS depose_le,
    max(e.cree_le) FILTER (WHERE e.etat = 'retenu') AS retenu_le,
    max(e.cree_le) FILTER (WHERE e.etat = 'remplace') AS remplace_le,
    max(e.cree_le) FILTER (WHERE e.etat = 'expire') AS expire_le,
    max((e.preuve ->> 'lignes')::integer) FILTER (WHERE e.etat = 'depose') AS lignes,
    (
        array_agg(e.motif ORDER BY e.id DESC)
        FILTER (WHERE e.etat IN ('depose', 'retenu') AND e.motif IS NOT NULL)
    )[1] AS motif
FROM suivi.evenement AS e
WHERE e.mois = :mois AND e.code_caf = :code_caf AND e.code_cpam IS NULL
GROUP BY e.version
ORDER BY e.version DESC
