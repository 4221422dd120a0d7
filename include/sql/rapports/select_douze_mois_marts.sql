-- purpose: what does not add up over twelve months (a quantile), computed as such, of each caisse
-- grain: one row an indicator and caisse
-- inputs: marts.indicateur_cumule
-- parameters: :mois (the last of the twelve), :codes

SELECT
    c.code,
    c.version,
    c.niveau,
    c.territoire,
    c.valeur
FROM marts.indicateur_cumule AS c
WHERE
    c.mois = :mois AND c.periode = 'douze_mois' AND c.niveau IN ('caf', 'cpam')
    AND c.code = any(CAST(:codes AS text[]))
