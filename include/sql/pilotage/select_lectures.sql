-- purpose: who read what on the page, newest first
-- grain: one row a reading, the 200 newest
-- inputs: suivi.lecture, marts.caf
-- parameters: :mois, :code_caf (each null: all)

SELECT
    l.lecteur,
    l.quoi,
    l.fichier,
    l.mois,
    l.lu_le,
    coalesce(c.libelle, l.objet) AS objet
FROM suivi.lecture AS l
LEFT JOIN marts.caf AS c ON l.objet = c.code_caf AND l.quoi IN ('caf', 'trace', 'registre')
WHERE
    (CAST(:mois AS text) IS NULL OR l.mois = :mois)
    AND (CAST(:code_caf AS text) IS NULL OR c.code_caf = :code_caf)
ORDER BY l.lu_le DESC
LIMIT 200
