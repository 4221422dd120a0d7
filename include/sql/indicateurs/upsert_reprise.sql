-- purpose: note the months whose terms were taken up again for what is cumulated since the origin
-- grain: one row a month
-- inputs: none
-- parameters: :mois (list)

INSERT INTO marts.reprise (mois, repris_le)
SELECT
    m.mois,
    suivi.maintenant() AS repris_le
FROM unnest(CAST(:mois AS text[])) AS m (mois)
ON CONFLICT (mois) DO UPDATE SET repris_le = excluded.repris_le
