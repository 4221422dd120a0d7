-- purpose: keep the identity of the share that was marked; a former one is replaced
-- grain: one row
-- inputs: suivi.partage
-- parameters: :identite

INSERT INTO suivi.partage (identite) VALUES (:identite)
ON CONFLICT (une) DO UPDATE SET identite = excluded.identite, marque_le = excluded.marque_le;
