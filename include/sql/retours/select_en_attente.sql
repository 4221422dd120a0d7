-- purpose: recipients of the lots that stand whose acknowledgement has not come
-- grain: one row a lot and recipient
-- inputs: suivi.mois_ouvert, suivi.destinataire, marts.caf, marts.convention
-- parameters: none

SELECT
    d.mois,
    d.code_caf,
    c.libelle,
    d.version,
    d.code_cpam,
    d.nom_cpam,
    d.depose_le,
    d.lignes,
    -- All of the lot is for the one Cpam that it has.
    NOT EXISTS (
        SELECT FROM marts.convention AS k
        WHERE
            k.code_caf = d.code_caf AND k.code_cpam <> d.code_cpam AND k.date_debut <= d.depose_le
            AND (k.date_fin IS NULL OR k.date_fin >= d.depose_le)
    ) AS seule
FROM suivi.destinataire AS d
INNER JOIN marts.caf AS c ON d.code_caf = c.code_caf
WHERE
    d.mois = any(array(SELECT o.mois FROM suivi.mois_ouvert AS o))
    AND d.etat IS NULL AND NOT d.expire
ORDER BY d.depose_le, d.mois, d.code_caf, d.code_cpam
