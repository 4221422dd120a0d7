-- purpose: business days from the drop of a lot to its sending
-- grain: one row a Caf, Cpam and class: the number of business days
-- inputs: suivi.lot_vide, suivi.destinataire
-- horizon: transmission
-- compte: lots
-- parameters: :mois

SELECT
    d.code_caf,
    d.code_cpam,
    (d.preuve ->> 'jours_ouvres')::integer AS classe,
    1 AS valeur
FROM suivi.destinataire AS d
WHERE d.mois = :mois AND d.etat = 'transmis'
UNION ALL
-- an empty lot has nothing to send: nobody waits
SELECT
    v.code_caf,
    v.code_cpam,
    0 AS classe,
    0 AS valeur
FROM suivi.lot_vide AS v
WHERE v.mois = :mois
