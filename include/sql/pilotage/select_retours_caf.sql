-- purpose: what each Cpam returned for the Caf's lot of the month, in people
-- grain: one row a Cpam
-- inputs: marts.mesure, marts.cpam, suivi.lot_vide
-- parameters: :mois, :code_caf

SELECT
    m.code_cpam,
    c.nom AS nom_cpam,
    max(m.valeur) FILTER (WHERE m.modalite = 'cibles') AS cibles,
    max(m.valeur) FILTER (WHERE m.modalite = 'offres_envoyees') AS offres_envoyees,
    max(m.valeur) FILTER (WHERE m.modalite = 'contactables') AS contactables,
    max(m.valeur) FILTER (WHERE m.modalite = 'personnes_appelees') AS personnes_appelees,
    max(m.valeur) FILTER (WHERE m.modalite = 'personnes_jointes') AS personnes_jointes,
    max(m.valeur) FILTER (WHERE m.modalite = 'acceptations') AS acceptations,
    max(m.valeur) FILTER (WHERE m.modalite = 'rdv_pris') AS rdv_pris,
    max(m.valeur) FILTER (WHERE m.modalite = 'rdv_honores') AS rdv_honores
FROM marts.mesure AS m
INNER JOIN marts.cpam AS c ON m.code_cpam = c.code_cpam
WHERE
    m.mois = :mois AND m.code_caf = :code_caf AND m.mesure = 'retour_mensuel' AND m.classe IS NULL
    -- Nobody returned the zeros of an empty lot.
    AND NOT EXISTS (
        SELECT FROM suivi.lot_vide AS v
        WHERE v.mois = m.mois AND v.code_caf = m.code_caf AND v.code_cpam = m.code_cpam
    )
GROUP BY m.code_cpam, c.nom
ORDER BY m.code_cpam
