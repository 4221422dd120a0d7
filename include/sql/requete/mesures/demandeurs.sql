-- purpose: applicants of the month, and by benefit asked for
-- grain: one row a Caf and modality: all, ajpa, ajpp, ajpa_et_ajpp (who asked for both is in the three)
-- inputs: staging.demandeur, marts.caf_du
-- horizon: mois
-- compte: personnes
-- denombre: les demandeurs du mois, par prestation
-- somme: tous + ajpa_et_ajpp = ajpa + ajpp
-- inclus_dans: ajpa < tous ; ajpp < tous ; ajpa_et_ajpp < ajpa ; ajpa_et_ajpp < ajpp
-- parameters: :mois

WITH par_caf AS (
    SELECT
        d.code_caf,
        count(*) AS tous,
        count(*) FILTER (WHERE d.demandes_ajpa <> '0') AS ajpa,
        count(*) FILTER (WHERE d.demandes_ajpp <> '0') AS ajpp,
        count(*) FILTER (WHERE d.demandes_ajpa <> '0' AND d.demandes_ajpp <> '0') AS ajpa_et_ajpp
    FROM staging.demandeur AS d
    WHERE d.mois = :mois
    GROUP BY d.code_caf
)

SELECT
    c.code_caf,
    m.modalite,
    coalesce(m.valeur, 0) AS valeur
FROM marts.caf_du(:mois) AS c
LEFT JOIN par_caf AS p ON c.code_caf = p.code_caf
CROSS JOIN LATERAL (
    VALUES ('tous', p.tous), ('ajpa', p.ajpa), ('ajpp', p.ajpp), ('ajpa_et_ajpp', p.ajpa_et_ajpp)
) AS m (modalite, valeur)
