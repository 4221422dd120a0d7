-- purpose: national values of the month's measures and of the month before
-- grain: one row a measure and modality
-- inputs: marts.mesure, suivi.lot_vide
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
    -- Nobody returned the zeros of an empty lot.
    AND NOT (
        m.mesure = 'retour_mensuel' AND EXISTS (
            SELECT FROM suivi.lot_vide AS v
            WHERE v.mois = m.mois AND v.code_caf = m.code_caf AND v.code_cpam = m.code_cpam
        )
    )
GROUP BY m.mesure, m.modalite
