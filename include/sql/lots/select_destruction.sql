-- purpose: tell since when our copies of one Caf's month are destroyed, or being, if they are
-- grain: one date; null when they are not
-- inputs: suivi.evenement, suivi.destruction
-- parameters: :mois, :code_caf, :nation (the code of the month as a whole)

SELECT
    least(
        (
            SELECT min(e.cree_le)
            FROM suivi.evenement AS e
            WHERE
                e.mois = :mois AND e.code_caf IN (:code_caf, :nation)
                AND e.code_cpam IS NULL AND e.etat = 'expire'
        ),
        (
            SELECT min(d.entreprise_le)
            FROM suivi.destruction AS d
            WHERE d.mois = :mois AND d.code_caf IN (:code_caf, :nation)
        )
    ) AS detruit_le
