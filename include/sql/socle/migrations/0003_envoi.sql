-- purpose: the sending of the outbox: what leaves together, when the next try is, why the last one failed
-- grain: three columns of suivi.avis
-- inputs: suivi.avis
-- parameters: none

ALTER TABLE suivi.avis
ADD COLUMN envoi_avec text REFERENCES suivi.avis (cle),
ADD COLUMN prochain_essai_le timestamptz,
-- A code and the server's number, never its text: that may quote an address.
ADD COLUMN derniere_erreur text CHECK (derniere_erreur ~ '^[a-z_]+( [2-5][0-9]{2})?$');

COMMENT ON COLUMN suivi.avis.envoi_avec IS
'L''avis avec lequel celui-ci part, en un seul message ; fixé avant le premier essai, il nomme le message.';
COMMENT ON COLUMN suivi.avis.derniere_erreur IS
'Code du dernier échec ; sur un avis envoyé : une partie des adresses a été refusée.';

CREATE INDEX avis_en_attente ON suivi.avis (cree_le) WHERE envoye_le IS NULL;

GRANT UPDATE (envoi_avec, prochain_essai_le, derniere_erreur) ON suivi.avis TO av_etl;
