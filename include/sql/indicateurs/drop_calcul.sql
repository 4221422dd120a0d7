-- purpose: drop what a former computation left in this transaction
-- grain: the temporary tables of a computation
-- inputs: none
-- parameters: none

DROP TABLE IF EXISTS
pg_temp.definition, pg_temp.lecture, pg_temp.retard, pg_temp.terme_nouveau, pg_temp.echeance,
pg_temp.unite, pg_temp.appartenance, pg_temp.somme, pg_temp.valeur
