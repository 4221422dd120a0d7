-- purpose: keep in this run what the published run counted of the persons that are destroyed since
-- grain: one row a Caf
-- inputs: dq.profil_requete, core.publication
-- parameters: :mois, :run_id, :detruites (array: Caf whose persons are destroyed)

INSERT INTO dq.profil_requete (mois, run_id, code_caf, connue, lignes, comptes)
SELECT
    a.mois,
    :run_id AS run_id,
    a.code_caf,
    a.connue,
    a.lignes,
    a.comptes
FROM dq.profil_requete AS a
INNER JOIN core.publication AS p ON a.mois = p.mois AND a.run_id = p.run_id
WHERE a.mois = :mois AND a.code_caf = any(CAST(:detruites AS text[]))
ON CONFLICT (mois, run_id, code_caf) DO NOTHING
