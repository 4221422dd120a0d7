-- purpose: note that the indicators of months were computed
-- grain: one row a month
-- inputs: none
-- parameters: :mois

INSERT INTO marts.calcul (mois, calcule_le)
SELECT
    m.mois,
    suivi.maintenant() AS calcule_le
FROM unnest(CAST(:mois AS text[])) AS m (mois)
ON CONFLICT (mois) DO UPDATE SET calcule_le = excluded.calcule_le
