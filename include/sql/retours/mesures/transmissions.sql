-- purpose: lots that were to be sent, and were, and were in time
-- grain: one row a Caf, Cpam and modality: attendues, transmises, dans_les_delais
-- inputs: suivi.lot_vide, suivi.destinataire
-- horizon: transmission
-- compte: lots
-- parameters: :mois

SELECT
    d.code_caf,
    d.code_cpam,
    m.modalite,
    CASE m.modalite
        WHEN 'attendues' THEN 1
        WHEN 'transmises' THEN (d.etat IS NOT NULL)::integer
        ELSE coalesce((d.preuve ->> 'dans_les_delais')::boolean, FALSE)::integer
    END AS valeur
FROM suivi.destinataire AS d
CROSS JOIN (VALUES ('attendues'), ('transmises'), ('dans_les_delais')) AS m (modalite)
WHERE d.mois = :mois AND d.etat IS DISTINCT FROM 'rien_a_transmettre'
UNION ALL
-- an empty lot has nothing to send: zero is then the truth
SELECT
    v.code_caf,
    v.code_cpam,
    m.modalite,
    0 AS valeur
FROM suivi.lot_vide AS v
CROSS JOIN (VALUES ('attendues'), ('transmises'), ('dans_les_delais')) AS m (modalite)
WHERE v.mois = :mois
