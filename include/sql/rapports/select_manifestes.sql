-- purpose: the manifests of a lot that the trace keeps
-- grain: one row a version, and a mending of it
-- inputs: suivi.manifeste
-- parameters: :mois, :code_caf

SELECT
    m.version,
    m.empreinte,
    m.contenu
FROM suivi.manifeste AS m
WHERE m.mois = :mois AND m.code_caf = :code_caf
ORDER BY m.version, m.garde_le, m.empreinte
