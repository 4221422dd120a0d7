-- purpose: the reference data that people changed while the program ran: which, who, when, why
-- grain: suivi.prise_reference: one row a set that was taken and file
-- inputs: 0007_suivi.sql
-- parameters: none

CREATE TABLE suivi.prise_reference (
    prise text NOT NULL,
    fichier text NOT NULL,
    depose boolean NOT NULL,
    empreinte text NOT NULL CHECK (empreinte ~ '^[0-9a-f]{64}$'),
    acteur text NOT NULL,
    motif text NOT NULL,
    prise_le timestamptz NOT NULL DEFAULT suivi.maintenant(),
    PRIMARY KEY (prise, fichier)
);
COMMENT ON TABLE suivi.prise_reference IS
'Chaque fichier de référence mis en vigueur sans nouvelle version : déposé ou installé, son SHA-256, '
'qui, pourquoi.';

GRANT SELECT, INSERT ON suivi.prise_reference TO av_etl;
GRANT SELECT ON suivi.prise_reference TO av_pilotage;
