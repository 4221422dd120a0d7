-- purpose: national values of the month's measures and of the month before
-- grain: one row a measure and modality
-- inputs: marts.mesure
-- parameters: :mois, :precedent

SELECT
    m.mesure,
    m.modalite,
    sum(m.valeur) FILTER (WHERE m.mois = :mois) AS valeur,
    sum(m.valeur) FILTER (WHERE m.mois = :precedent) AS precedente
FROM marts.mesure AS m
WHERE
    m.mois IN (:mois, :precedent)
    AND m.classe IS NULL
    AND m.mesure IN (
        'demandeurs', 'contacts_utilisables', 'ecartes', 'lots', 'transmissions', 'retour_mensuel'
    )
GROUP BY m.mesure, m.modalite
