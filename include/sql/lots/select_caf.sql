-- purpose: what the drop of one Caf's lot has to know besides its rows
-- grain: one row: the Caf
-- inputs: core.publication, core.ecarte, dq.verdict, suivi.lot_retenu,
--         marts.caf, marts.convention, marts.cpam
-- parameters: :mois, :code_caf, :jour (day of the drop, on which conventions are judged)
-- source: IT 2025-098 §2.2 (no exchange without a local convention)

SELECT
    c.code_caf,
    c.nom,
    c.libelle,
    p.run_id,
    EXISTS(
        SELECT FROM marts.cpam AS m
        INNER JOIN marts.convention AS k ON m.code_cpam = k.code_cpam
        WHERE k.code_caf = c.code_caf AND m.type = 'CCSS'
    ) AS commune,
    coalesce((
        SELECT jsonb_object_agg(e.motif, e.nombre)
        FROM core.ecarte AS e
        WHERE e.mois = p.mois AND e.code_caf = c.code_caf
    ), '{}') AS ecartes,
    (
        SELECT v.verdict
        FROM dq.verdict AS v
        WHERE
            v.mois = p.mois AND v.gate = 'requete' AND v.run_id = p.run_id
            AND v.code_caf = c.code_caf AND v.regle = 'ensemble'
    ) AS verdict,
    coalesce((
        SELECT jsonb_object_agg(v.regle, v.verdict)
        FROM dq.verdict AS v
        WHERE
            v.mois = p.mois AND v.gate = 'requete' AND v.run_id = p.run_id
            AND v.code_caf = c.code_caf AND v.regle <> 'ensemble'
    ), '{}') AS regles,
    (
        SELECT r.motif
        FROM suivi.lot_retenu AS r
        WHERE r.mois = p.mois AND r.code_caf = c.code_caf AND r.decision = 'libere'
    ) AS liberation,
    coalesce((
        SELECT jsonb_object_agg(m.code_cpam, m.nom)
        FROM marts.cpam AS m
        WHERE EXISTS (
            SELECT FROM marts.convention AS k
            WHERE
                k.code_caf = c.code_caf AND k.code_cpam = m.code_cpam
                AND k.date_debut <= :jour AND (k.date_fin IS NULL OR k.date_fin >= :jour)
        )
    ), '{}') AS cpam_conventionnees,
    coalesce((
        SELECT jsonb_object_agg(m.code_cpam, m.nom)
        FROM marts.cpam AS m
        WHERE
            EXISTS (
                SELECT FROM marts.convention AS k
                WHERE k.code_caf = c.code_caf AND k.code_cpam = m.code_cpam
            )
            AND NOT EXISTS (
                SELECT FROM marts.convention AS k
                WHERE
                    k.code_caf = c.code_caf AND k.code_cpam = m.code_cpam
                    AND k.date_debut <= :jour AND (k.date_fin IS NULL OR k.date_fin >= :jour)
            )
    ), '{}') AS cpam_sans_convention,
    EXISTS(
        SELECT FROM marts.convention AS k
        WHERE k.code_caf = c.code_caf AND (k.date_signature IS NOT NULL OR k.exemple)
    ) AS convention_signee
FROM core.publication AS p
CROSS JOIN marts.caf AS c
WHERE p.mois = :mois AND c.code_caf = :code_caf
