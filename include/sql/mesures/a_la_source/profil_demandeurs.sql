-- purpose: profile of the month's applicants: sex, age reached in the year, link to the person cared for
-- grain: one row a Caf of affiliation and modality (<dimension>:<modality>). Links are those of the AJPA
--        applications: who cares for several people is in several links, and once in lien:connus
-- inputs: si_allocataires: demande, personne, dossier
-- horizon: mois
-- compte: personnes
-- modalites: sexe:femme sexe:homme sexe:inconnu age:moins_25 age:25_34 age:35_44 age:45_54 age:55_64
--            age:65_plus age:inconnu lien:parent lien:conjoint lien:enfant lien:fratrie lien:ami lien:autre
--            lien:inconnu lien:connus
-- denombre: les demandeurs du mois, par profil
-- somme: sexe:* = demandeurs.tous ; age:* = demandeurs.tous
-- inclus_dans: lien:connus < demandeurs.ajpa ; lien:inconnu < demandeurs.ajpa ; lien:parent < lien:connus ;
--              lien:conjoint < lien:connus ; lien:enfant < lien:connus ; lien:fratrie < lien:connus ;
--              lien:ami < lien:connus ; lien:autre < lien:connus ; lien:connus < lien:parent + lien:conjoint
--              + lien:enfant + lien:fratrie + lien:ami + lien:autre ; demandeurs.ajpa < lien:connus +
--              lien:inconnu
-- parameters: :debut, :fin (first day of the month and of the next), :natures (natures that count)
-- source: IT 2025-098 §1.2 (profiles of the Var and of Flandres)

WITH demandes AS (
    SELECT
        d.id_personne,
        d.prestation,
        CASE
            WHEN d.lien_aide IN ('parent', 'conjoint', 'enfant', 'fratrie', 'ami') THEN d.lien_aide
            WHEN d.lien_aide IS NULL THEN 'inconnu'
            ELSE 'autre'
        END AS lien
    FROM demande AS d
    WHERE
        d.date_depot >= :debut
        AND d.date_depot < :fin
        AND d.nature IN :natures
        AND d.prestation IN ('AJPA', 'AJPP')
),

demandeurs AS (
    SELECT
        p.id_personne,
        o.code_caf,
        p.sexe,
        extract(YEAR FROM CAST(:debut AS date)) - p.annee_naissance AS age
    FROM personne AS p
    INNER JOIN dossier AS o ON p.id_dossier = o.id_dossier
    WHERE p.id_personne IN (SELECT d.id_personne FROM demandes AS d)
),

liens AS (
    SELECT
        d.id_personne,
        d.lien
    FROM demandes AS d
    WHERE d.prestation = 'AJPA'
    UNION
    SELECT
        d.id_personne,
        'connus' AS lien
    FROM demandes AS d
    WHERE d.prestation = 'AJPA' AND d.lien <> 'inconnu'
),

traits AS (
    SELECT
        d.code_caf,
        d.id_personne,
        'sexe:' || CASE d.sexe WHEN 'F' THEN 'femme' WHEN 'M' THEN 'homme' ELSE 'inconnu' END AS modalite
    FROM demandeurs AS d
    UNION ALL
    SELECT
        d.code_caf,
        d.id_personne,
        'age:' || CASE
            WHEN d.age < 25 THEN 'moins_25'
            WHEN d.age < 35 THEN '25_34'
            WHEN d.age < 45 THEN '35_44'
            WHEN d.age < 55 THEN '45_54'
            WHEN d.age < 65 THEN '55_64'
            WHEN d.age >= 65 THEN '65_plus'
            ELSE 'inconnu'
        END AS modalite
    FROM demandeurs AS d
    UNION ALL
    SELECT
        d.code_caf,
        d.id_personne,
        'lien:' || l.lien AS modalite
    FROM demandeurs AS d
    INNER JOIN liens AS l ON d.id_personne = l.id_personne
)

SELECT
    t.code_caf,
    t.modalite,
    CAST(NULL AS integer) AS classe,
    count(*) AS valeur
FROM traits AS t
GROUP BY t.code_caf, t.modalite
