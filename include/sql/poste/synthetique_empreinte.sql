-- Purpose: what a synthetic source was filled with, so that a second fill does nothing or says what differs.
-- Grain:   one row, written by the transaction that filled the database.
-- Inputs:  none.
-- Parameters: none.
CREATE TABLE public.synthetique_empreinte (
    empreinte text PRIMARY KEY,
    parametres jsonb NOT NULL,
    comptes jsonb NOT NULL,
    cree_le timestamptz NOT NULL DEFAULT now()
);
