-- purpose: make room for the scores of the months that were computed
-- grain: the months
-- inputs: pg_temp.echeance
-- parameters: :mois

DELETE FROM marts.score
WHERE mois = :mois OR mois IN (SELECT e.mois FROM echeance AS e WHERE e.periode = 'mois')
