-- purpose: make room for the scores of the months that were computed
-- grain: the months
-- inputs: marts.score
-- parameters: :mois_touches

DELETE FROM marts.score
WHERE mois = any(CAST(:mois_touches AS text[]))
