-- purpose: recipients of the lots that stand whose acknowledgement has not come
-- grain: one row a lot and recipient
-- inputs: suivi.destinataire, marts.caf
-- parameters: none

SELECT
    d.mois,
    d.code_caf,
    c.libelle,
    d.version,
    d.code_cpam,
    d.nom_cpam,
    d.depose_le,
    d.lignes
FROM suivi.destinataire AS d
INNER JOIN marts.caf AS c ON d.code_caf = c.code_caf
WHERE d.etat IS NULL AND NOT d.expire
ORDER BY d.depose_le, d.mois, d.code_caf, d.code_cpam
