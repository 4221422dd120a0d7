-- purpose: send a notice again, word for word, in the name of who asks
-- grain: one row: false while a copy of it still waits
-- inputs: suivi.avis
-- parameters: :cle, :acteur

SELECT suivi.renvoyer(:cle, :acteur)
