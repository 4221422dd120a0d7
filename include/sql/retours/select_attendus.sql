-- purpose: what was sent or is to be, certified or not, and former versions that a Cpam still holds: what
--          templates are for
-- grain: one row a month, Caf, version and Cpam
-- inputs: suivi.destinataire, suivi.certificat_attendu
-- parameters: :mois (first month looked at)

SELECT
    d.mois,
    d.code_caf,
    d.code_cpam,
    d.version,
    TRUE AS en_place,
    d.etat IS NULL AS a_accuser,
    d.certifie,
    CASE WHEN count(*) OVER (PARTITION BY d.mois, d.code_caf, d.version) = 1 THEN d.lignes END AS lignes
FROM suivi.destinataire AS d
WHERE d.mois >= :mois AND d.etat IS DISTINCT FROM 'rien_a_transmettre'
UNION ALL
SELECT
    c.mois,
    c.code_caf,
    c.code_cpam,
    c.version,
    FALSE AS en_place,
    FALSE AS a_accuser,
    FALSE AS certifie,
    NULL AS lignes
FROM suivi.certificat_attendu AS c
WHERE c.mois >= :mois AND c.depuis IS NOT NULL AND NOT c.certifie
ORDER BY code_caf, mois, version, code_cpam
