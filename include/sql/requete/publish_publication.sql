-- purpose: say which run published the month, and whether it drops lots
-- grain: one row a month
-- inputs: staging.demandeur, core.demandeur
-- parameters: :mois, :run_id, :depot

INSERT INTO core.publication (mois, run_id, depot, demandeurs, transmissibles)
SELECT
    :mois AS mois,
    :run_id AS run_id,
    :depot AS depot,
    (SELECT count(*) FROM staging.demandeur AS d WHERE d.mois = :mois) AS demandeurs,
    (SELECT count(*) FROM core.demandeur AS c WHERE c.mois = :mois) AS transmissibles
ON CONFLICT (mois) DO UPDATE SET
    run_id = excluded.run_id,
    depot = excluded.depot,
    demandeurs = excluded.demandeurs,
    transmissibles = excluded.transmissibles,
    publie_le = suivi.maintenant()
