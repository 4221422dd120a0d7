-- purpose: age, reached in the year, of the month's applicants whose year of birth is known
-- grain: one row a Caf of affiliation and age
-- inputs: si_allocataires: demande, personne, dossier
-- horizon: mois
-- compte: personnes
-- modalites: ensemble
-- classe: years
-- denombre: les demandeurs du mois dont l'année de naissance est connue
-- somme: profil_demandeurs.age:* = ensemble + profil_demandeurs.age:inconnu
-- inclus_dans: ensemble < demandeurs.tous
-- parameters: :debut, :fin (first day of the month and of the next), :natures (natures that count)
-- source: IT 2025-098 §1.2 (mean age of Flandres: 37.5)

SELECT
    o.code_caf,
    'ensemble' AS modalite,
    CAST(extract(YEAR FROM CAST(:debut AS date)) - p.annee_naissance AS integer) AS classe,
    count(*) AS valeur
FROM personne AS p
INNER JOIN dossier AS o ON p.id_dossier = o.id_dossier
WHERE
    p.annee_naissance IS NOT NULL
    AND p.id_personne IN (
        SELECT d.id_personne
        FROM demande AS d
        WHERE
            d.date_depot >= :debut
            AND d.date_depot < :fin
            AND d.nature IN :natures
            AND d.prestation IN ('AJPA', 'AJPP')
    )
GROUP BY o.code_caf, classe
