-- purpose: the definitions of this computation, where SQL can join them
-- grain: one row a definition (code, version)
-- inputs: the dictionary, as JSON
-- parameters: :definitions

CREATE TEMPORARY TABLE definition ON COMMIT DROP AS
SELECT
    d.code,
    d.version,
    d.type,
    d.maille,
    d.sens,
    d.unite,
    d.histogramme,
    d.quantile,
    d.bande,
    d.seuil,
    d.part_minimale,
    d.nature,
    d.axe,
    d.points,
    d.caisse,
    d.niveaux,
    d.periodes,
    d.empreinte
FROM jsonb_to_recordset(CAST(:definitions AS jsonb)) AS d (
    code text,
    version integer,
    type text,
    maille text,
    sens text,
    unite text,
    histogramme boolean,
    quantile numeric,
    bande numeric,
    seuil integer,
    part_minimale numeric,
    nature text,
    axe text,
    points numeric,
    caisse text,
    niveaux text[],
    periodes text[],
    empreinte text
)
