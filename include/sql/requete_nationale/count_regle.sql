-- purpose: run one rule alone, to know whether it is the one that cannot be counted
-- grain: one number of rows
-- inputs: staging.demandeur, what the rule reads
-- parameters: :mois; mois_precedent (for the rule); /*regle*/ is replaced by the rule

SELECT count(*) FILTER (WHERE FALSE /*regle*/) AS lignes
FROM staging.demandeur AS d
WHERE d.mois = :mois
