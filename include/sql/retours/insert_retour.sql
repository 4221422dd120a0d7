-- purpose: keep a return; the same content as the last of its key adds nothing
-- grain: one row, or none
-- inputs: staging.retour
-- parameters: :cle, :forme, :periode, :mois, :depot, :code_cpam, :code_caf, :mesure, :modalite, :contenu
--             (JSON text), :maintenant

INSERT INTO staging.retour
(cle, forme, periode, mois, depot, code_cpam, code_caf, mesure, modalite, contenu, recu_le)
SELECT
    :cle AS cle,
    :forme AS forme,
    :periode AS periode,
    :mois AS mois,
    :depot AS depot,
    :code_cpam AS code_cpam,
    :code_caf AS code_caf,
    :mesure AS mesure,
    :modalite AS modalite,
    CAST(:contenu AS jsonb) AS contenu,
    CAST(:maintenant AS timestamptz) AS recu_le
WHERE
    CAST(:contenu AS jsonb) IS DISTINCT FROM (
        SELECT r.contenu FROM staging.retour AS r
        WHERE r.cle = :cle
        ORDER BY r.id DESC LIMIT 1
    )
