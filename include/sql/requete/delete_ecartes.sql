-- purpose: make room for the month's counts of people who are not transmitted
-- grain: the month
-- inputs: core.ecarte
-- parameters: :mois

DELETE FROM core.ecarte WHERE mois = :mois
