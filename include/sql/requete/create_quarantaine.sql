-- purpose: the lines that break a blocking rule, left out of core so that they hold nobody else;
--          gone with the transaction
-- grain: one row a line of the month
-- inputs: staging.demandeur
-- parameters: :mois; mois_precedent (for the rules); /*bloquantes*/ is replaced by the blocking rules

CREATE TEMPORARY TABLE quarantaine ON COMMIT DROP AS
SELECT d.ligne
FROM staging.demandeur AS d
WHERE d.mois = :mois AND (FALSE /*bloquantes*/)
