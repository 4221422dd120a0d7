-- purpose: the publication in force, found once and not row by row, even while nothing is known of the rows
-- grain: two views
-- inputs: 0011_diffusion.sql
-- parameters: none

CREATE OR REPLACE VIEW diffusion.indicateur_courant AS
WITH dernier AS MATERIALIZED (
    SELECT
        d.mois,
        d.periode,
        max(d.millesime) AS millesime
    FROM diffusion.indicateur AS d
    GROUP BY d.mois, d.periode
)

SELECT
    i.millesime,
    i.code,
    i.version,
    i.mois,
    i.periode,
    i.niveau,
    i.territoire,
    i.numerateur,
    i.denominateur,
    i.valeur,
    i.cible,
    i.atteinte,
    i.statut,
    i.publie_le
FROM diffusion.indicateur AS i
INNER JOIN dernier
    ON i.mois = dernier.mois AND i.periode = dernier.periode AND i.millesime = dernier.millesime;

CREATE OR REPLACE VIEW diffusion.homogeneite_courante AS
WITH dernier AS MATERIALIZED (
    SELECT
        d.mois,
        max(d.millesime) AS millesime
    FROM diffusion.homogeneite AS d
    GROUP BY d.mois
)

SELECT
    h.millesime,
    h.code,
    h.version,
    h.mois,
    h.valeur_nationale,
    h.mini,
    h.d1,
    h.mediane,
    h.d9,
    h.maxi,
    h.nb_caisses,
    h.nb_atteint,
    h.part_atteint,
    h.atteinte_nationale,
    h.atteinte_homogeneite
FROM diffusion.homogeneite AS h
INNER JOIN dernier
    ON h.mois = dernier.mois AND h.millesime = dernier.millesime;
