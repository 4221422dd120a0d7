-- purpose: the funnel of the campaign, as the Cpam returned it
-- grain: one row a Caf, Cpam and stage that was provided: not provided is no row, which differs from 0
-- inputs: staging.retour_courant, suivi.lot_vide
-- horizon: retour
-- compte: personnes
-- denombre: les personnes à chaque étape de la campagne
-- inclus_dans: rdv_honores < rdv_pris ; rdv_pris < acceptations ; acceptations < personnes_jointes ;
--              personnes_jointes < personnes_appelees ; personnes_appelees < contactables ; contactables <
--              cibles ; offres_envoyees < cibles
-- parameters: :mois

SELECT
    r.code_caf,
    r.code_cpam,
    m.etape AS modalite,
    m.valeur
FROM staging.retour_courant AS r
CROSS JOIN
    LATERAL (
        VALUES
        ('cibles', r.cibles),
        ('offres_envoyees', r.offres_envoyees),
        ('contactables', r.contactables),
        ('personnes_appelees', r.personnes_appelees),
        ('personnes_jointes', r.personnes_jointes),
        ('acceptations', r.acceptations),
        ('rdv_pris', r.rdv_pris),
        ('rdv_honores', r.rdv_honores)
    ) AS m (etape, valeur)
WHERE r.mois = :mois AND r.forme = 'mensuel' AND m.valeur IS NOT NULL
UNION ALL
-- an empty lot has nobody to call: zero is then the truth
SELECT
    v.code_caf,
    v.code_cpam,
    m.etape AS modalite,
    0 AS valeur
FROM suivi.lot_vide AS v
CROSS JOIN
    (
        VALUES
        ('cibles'), ('offres_envoyees'), ('contactables'), ('personnes_appelees'), ('personnes_jointes'),
        ('acceptations'), ('rdv_pris'), ('rdv_honores')
    ) AS m (etape)
WHERE
    v.mois = :mois
    AND NOT EXISTS (
        SELECT FROM staging.retour_courant AS r
        WHERE
            r.forme = 'mensuel' AND r.mois = v.mois AND r.code_caf = v.code_caf AND r.code_cpam = v.code_cpam
    )
