-- purpose: the national request: everyone with at least one AJPA or AJPP application deposited in the month
-- grain: one row a person; contacts of people who object, who may (unknown), or whose affiliation has ended
--        stay in the source. Who has no person or no dossier is a row too: without a Caf, the gate sees it
-- inputs: si_allocataires: demande, personne, dossier (standard SQL: the source need not be PostgreSQL)
-- parameters: :debut, :fin (first day of the month and of the next), :jour (day of the extraction),
--             :natures (natures of application that count), :detruites (Caf whose persons are destroyed)
-- source: IT 2025-098 §2.1 (perimeter, Caf of affiliation and not the pivot); R.114-9-6 s. CRPA (objection)

WITH demandes_du_mois AS (
    SELECT
        id_personne,
        min(code_caf_gestionnaire) AS code_caf_gestionnaire,
        sum(CASE WHEN prestation = 'AJPA' THEN 1 ELSE 0 END) AS demandes_ajpa,
        sum(CASE WHEN prestation = 'AJPP' THEN 1 ELSE 0 END) AS demandes_ajpp,
        sum(CASE WHEN prestation NOT IN ('AJPA', 'AJPP') THEN 1 ELSE 0 END) AS demandes_autres,
        min(date_depot) AS date_premier_depot,
        max(date_depot) AS date_dernier_depot
    FROM demande
    WHERE
        date_depot >= :debut
        AND date_depot < :fin
        AND nature IN :natures
        AND prestation IN ('AJPA', 'AJPP')
    GROUP BY id_personne
),

demandeurs AS (
    SELECT
        d.*,
        p.courriel,
        p.telephone,
        o.code_caf,
        o.code_postal,
        CASE WHEN p.opposition_contact THEN 1 WHEN NOT p.opposition_contact THEN 0 END AS opposition_contact,
        CASE WHEN o.date_fin_affiliation <= :jour THEN 1 ELSE 0 END AS affiliation_terminee
    FROM demandes_du_mois AS d
    LEFT JOIN personne AS p ON d.id_personne = p.id_personne
    LEFT JOIN dossier AS o ON p.id_dossier = o.id_dossier
)

SELECT
    id_personne,
    code_caf,
    code_caf_gestionnaire,
    demandes_ajpa,
    demandes_ajpp,
    demandes_autres,
    date_premier_depot,
    date_dernier_depot,
    CASE WHEN opposition_contact + affiliation_terminee = 0 THEN courriel END AS courriel,
    CASE WHEN opposition_contact + affiliation_terminee = 0 THEN telephone END AS telephone,
    CASE WHEN opposition_contact + affiliation_terminee = 0 THEN code_postal END AS code_postal,
    opposition_contact,
    affiliation_terminee
FROM demandeurs
WHERE code_caf IS NULL OR code_caf NOT IN :detruites
