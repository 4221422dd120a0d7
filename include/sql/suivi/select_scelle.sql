-- purpose: tell whether the trace is sealed for this month, or for a later one
-- grain: one row
-- inputs: suivi.sceau
-- parameters: :scelle_pour

SELECT EXISTS(SELECT FROM suivi.sceau AS s WHERE s.scelle_pour >= :scelle_pour) AS scelle
