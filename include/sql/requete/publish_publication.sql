-- purpose: say which run published the month, and whether it drops lots
-- grain: one row a month
-- inputs: staging.demandeur, core.demandeur, marts.mesure (of the persons that are destroyed)
-- parameters: :mois, :run_id, :depot, :detruites (array: Caf whose persons are destroyed)

WITH detruits AS (
    SELECT
        coalesce(sum(m.valeur) FILTER (WHERE m.mesure = 'demandeurs'), 0) AS demandeurs,
        coalesce(sum(m.valeur) FILTER (WHERE m.mesure = 'contacts_utilisables'), 0) AS transmissibles
    FROM marts.mesure AS m
    WHERE m.mois = :mois AND m.modalite = 'tous' AND m.code_caf = any(CAST(:detruites AS text[]))
)

INSERT INTO core.publication (mois, run_id, depot, demandeurs, transmissibles)
SELECT
    :mois AS mois,
    :run_id AS run_id,
    :depot AS depot,
    x.demandeurs + (SELECT count(*) FROM staging.demandeur AS d WHERE d.mois = :mois) AS demandeurs,
    x.transmissibles + (SELECT count(*) FROM core.demandeur AS c WHERE c.mois = :mois) AS transmissibles
FROM detruits AS x
ON CONFLICT (mois) DO UPDATE SET
    run_id = excluded.run_id,
    depot = excluded.depot,
    demandeurs = excluded.demandeurs,
    transmissibles = excluded.transmissibles,
    publie_le = suivi.maintenant()
