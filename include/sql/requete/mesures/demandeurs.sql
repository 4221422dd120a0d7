-- purpose: applicants of the month, and by benefit asked for
-- grain: one row a Caf and modality: all, ajpa, ajpp, ajpa_et_ajpp (who asked for both is in the three)
-- inputs: staging.demandeur, marts.caf_du
-- horizon: mois
-- compte: personnes
-- denombre: les demandeurs du mois, par prestation
-- somme: tous + ajpa_et_ajpp = ajpa + ajpp
-- inclus_dans: ajpa < tous ; ajpp < tous ; ajpa_et_ajpp < ajpa ; ajpa_et_ajpp < ajpp
-- parameters: :mois

SELECT
    c.code_caf,
    m.modalite,
    count(d.ligne) FILTER (WHERE m.modalite = 'tous' OR (
        (m.modalite = 'ajpa' AND d.demandes_ajpa <> '0')
        OR (m.modalite = 'ajpp' AND d.demandes_ajpp <> '0')
        OR (m.modalite = 'ajpa_et_ajpp' AND d.demandes_ajpa <> '0' AND d.demandes_ajpp <> '0')
    )) AS valeur
FROM marts.caf_du(:mois) AS c
CROSS JOIN (VALUES ('tous'), ('ajpa'), ('ajpp'), ('ajpa_et_ajpp')) AS m (modalite)
LEFT JOIN staging.demandeur AS d ON c.code_caf = d.code_caf AND d.mois = :mois
GROUP BY c.code_caf, m.modalite
