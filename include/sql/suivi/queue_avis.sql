-- purpose: put a notice into the outbox
-- grain: one notice; false when its key was there already
-- inputs: suivi.aviser
-- parameters: :cle, :destinataire, :canal, :objet, :corps

SELECT suivi.aviser(:cle, :destinataire, :canal, :objet, :corps) AS ajoute
