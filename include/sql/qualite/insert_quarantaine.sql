-- purpose: quarantine, as counts, the rows that break a blocking rule; their values stay in staging
-- grain: one row a Caf and rule
-- inputs: dq.profil_requete
-- parameters: :mois, :run_id, :regle

INSERT INTO dq.quarantaine (mois, run_id, code_caf, regle, nombre)
SELECT
    p.mois,
    p.run_id,
    p.code_caf,
    :regle AS regle,
    (p.comptes ->> :regle)::integer AS nombre
FROM dq.profil_requete AS p
WHERE p.mois = :mois AND p.run_id = :run_id AND (p.comptes ->> :regle)::integer > 0
