-- purpose: forget what became of the files whose copies are gone
-- grain: one row a file
-- inputs: suivi.fichier_recu
-- parameters: :avant

DELETE FROM suivi.fichier_recu WHERE recu_le < :avant
