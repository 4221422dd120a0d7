-- purpose: count the returns to judge that break each rule
-- grain: one row a month, shape, folder (a Caf's, a Cpam's), Caf and Cpam: each Caf of a file is judged alone
-- inputs: staging.retour_a_juger, staging.retour_courant, staging.retour, suivi.evenement, marts.convention
-- parameters: :run_id; /*comptes*/ is replaced by the project's rules (the folder rules/)

WITH retours AS (
    SELECT
        r.*,
        t.lignes AS transmis,
        t.le AS transmis_le,
        -- What is in force, or what came in the same batch of files and is not judged by itself.
        greatest(
            p.date_arrete,
            (
                SELECT max(a.date_arrete)
                FROM staging.retour AS a
                WHERE a.cle = r.cle AND a.id < r.id AND a.verdict IS NULL
            )
        ) AS arrete_precedent,
        (to_date(r.mois, 'YYYY-MM') + interval '1 month')::date AS fin_periode,
        (r.recu_le AT TIME ZONE 'Europe/Paris')::date AS recu_le_jour,
        EXISTS(
            SELECT FROM marts.convention AS k
            WHERE
                k.code_cpam = r.code_cpam
                -- A Cpam puts its own files into its own folder, of the Caf that has a convention with it.
                AND (k.code_caf = r.depot OR r.depot LIKE '%/' || r.code_cpam)
                AND k.code_caf = coalesce(r.code_caf, k.code_caf)
        ) AS couple_connu,
        (
            SELECT s.rdv_honores
            FROM staging.retour AS s
            WHERE s.forme = 'semestriel' AND s.periode = r.periode AND s.code_cpam = r.code_cpam
            ORDER BY s.id DESC LIMIT 1
        ) AS rdv_du_semestre
    FROM staging.retour_a_juger AS r
    -- Return by return: few wait, and the ledger is long.
    CROSS JOIN
        LATERAL (
            SELECT
                max((e.preuve ->> 'lignes')::integer) AS lignes,
                min(e.preuve ->> 'date_transmission') AS le
            FROM suivi.evenement AS e
            WHERE
                r.forme = 'mensuel' AND e.mois = r.mois AND e.code_caf = r.code_caf
                AND e.code_cpam = r.code_cpam AND e.etat = 'transmis'
        ) AS t
    LEFT JOIN staging.retour_courant AS p ON r.cle = p.cle
)

INSERT INTO dq.profil_retours
(mois, run_id, forme, depot, code_caf, code_cpam, dernier_id, lignes, comptes)
SELECT
    r.mois,
    :run_id AS run_id,
    r.forme,
    r.depot,
    coalesce(r.code_caf, '') AS code_caf,
    coalesce(r.code_cpam, '') AS code_cpam,
    max(r.id) AS dernier_id,
    count(*) AS lignes,
    jsonb_build_object(/*comptes*/) AS comptes
FROM retours AS r
GROUP BY r.mois, r.forme, r.depot, coalesce(r.code_caf, ''), coalesce(r.code_cpam, '')
