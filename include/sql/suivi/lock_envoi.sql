-- purpose: take a message for oneself until the end of the transaction; nothing if another sender has it
-- grain: at most one row: its first notice, whose lock stands for the whole message
-- inputs: suivi.avis
-- parameters: :tete, :maintenant

SELECT a.cle
FROM suivi.avis AS a
WHERE
    a.cle = :tete
    AND a.envoye_le IS NULL
    AND (a.prochain_essai_le IS NULL OR a.prochain_essai_le <= CAST(:maintenant AS timestamptz))
FOR UPDATE SKIP LOCKED
