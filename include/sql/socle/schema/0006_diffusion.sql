-- purpose: what is published
-- grain: diffusion.indicateur: one row an indicator, month or year, level and territory;
--        diffusion.homogeneite: one row an indicator and year
-- inputs: 0001_roles.sql
-- parameters: none

CREATE TABLE diffusion.indicateur (
    code text NOT NULL,
    version integer NOT NULL,
    mois text NOT NULL,
    periode text NOT NULL CHECK (periode IN ('mois', 'annee')),
    niveau text NOT NULL CHECK (niveau IN ('national', 'region', 'caf')),
    territoire text NOT NULL,
    portee text NOT NULL CHECK (portee IN ('public', 'reseau')),
    numerateur numeric,
    denominateur numeric,
    valeur numeric,
    cible numeric,
    atteinte text CHECK (atteinte IN ('atteinte', 'quasi_atteinte', 'non_atteinte')),
    statut text NOT NULL CHECK (statut IN ('publie', 'petit', 'trop_peu', 'non_fourni', 'sans_objet')),
    publie_le timestamptz NOT NULL DEFAULT suivi.maintenant(),
    corrige_le timestamptz,
    PRIMARY KEY (mois, periode, code, version, niveau, territoire),
    CHECK ((statut = 'publie') = (valeur IS NOT NULL))
);
COMMENT ON TABLE diffusion.indicateur IS
'Indicateurs publiés : les comptes de personnes y sont arrondis au hasard ; une correction remplace, datée.';

CREATE VIEW diffusion.homogeneite AS
SELECT
    i.code,
    i.version,
    i.mois,
    i.portee,
    min(i.valeur) AS mini,
    percentile_disc(0.1) WITHIN GROUP (ORDER BY i.valeur) AS d1,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY i.valeur) AS mediane,
    percentile_disc(0.9) WITHIN GROUP (ORDER BY i.valeur) AS d9,
    max(i.valeur) AS maxi,
    count(*) AS nb_caf,
    count(*) FILTER (WHERE i.atteinte = 'atteinte') AS nb_atteint
FROM diffusion.indicateur AS i
WHERE i.niveau = 'caf' AND i.valeur IS NOT NULL
GROUP BY i.code, i.version, i.mois, i.portee;
COMMENT ON VIEW diffusion.homogeneite IS
'Dispersion entre les valeurs publiées des Caf, sur l''année : elle ne dit rien de plus qu''elles.';

GRANT SELECT, INSERT, UPDATE, DELETE ON diffusion.indicateur TO av_etl;
GRANT SELECT ON diffusion.homogeneite TO av_etl;
GRANT SELECT ON diffusion.indicateur, diffusion.homogeneite TO av_diffusion, av_pilotage;
