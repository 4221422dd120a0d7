-- purpose: room for what the libraries say of the values that no pattern decides; gone with the transaction
-- grain: one row a line of the month with such a value; for a value that a pattern decides, nulls
-- inputs: none
-- parameters: none

CREATE TEMPORARY TABLE avis_bibliotheque (
    ligne bigint NOT NULL,
    courriel text,
    motif_courriel text,
    telephone text,
    motif_telephone text
) ON COMMIT DROP;

ALTER TABLE pg_temp.avis_bibliotheque
ALTER COLUMN courriel SET STATISTICS 0,
ALTER COLUMN telephone SET STATISTICS 0;
