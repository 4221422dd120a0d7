-- purpose: drop the running sums that no month gives any more: they are not zeros
-- grain: the month and later ones
-- inputs: marts.terme_cumule
-- parameters: :mois

DELETE FROM marts.terme_cumule WHERE mois >= :mois AND nb = 0
