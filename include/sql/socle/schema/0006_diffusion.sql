-- purpose: what is published, by vintage
-- grain: diffusion.indicateur: one row a vintage, month, code and territory; diffusion.homogeneite: one row a
--        vintage, month and code
-- inputs: 0001_roles.sql
-- parameters: none

CREATE TABLE diffusion.indicateur (
    millesime integer NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    mois text NOT NULL,
    periode text NOT NULL CHECK (periode IN ('mois', 'annee')),
    niveau text NOT NULL CHECK (niveau IN ('national', 'region', 'caf')),
    territoire text NOT NULL,
    numerateur numeric,
    denominateur numeric,
    valeur numeric,
    cible numeric,
    atteinte text CHECK (atteinte IN ('atteinte', 'quasi_atteinte', 'non_atteinte')),
    statut text NOT NULL CHECK (statut IN ('definitif', 'non_fourni', 'sans_objet', 'secret')),
    publie_le timestamptz NOT NULL DEFAULT suivi.maintenant(),
    PRIMARY KEY (mois, periode, code, version, niveau, territoire, millesime),
    CHECK (
        statut <> 'secret'
        OR (numerateur IS NULL AND denominateur IS NULL AND valeur IS NULL AND atteinte IS NULL)
    )
);
COMMENT ON TABLE diffusion.indicateur IS
'Indicateurs après secret statistique, tous les millésimes : ce qui a été publié ne change plus.';

CREATE TABLE diffusion.homogeneite (
    millesime integer NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    mois text NOT NULL,
    valeur_nationale numeric,
    mini numeric,
    d1 numeric,
    mediane numeric,
    d9 numeric,
    maxi numeric,
    nb_attendues integer NOT NULL,
    nb_fournies integer NOT NULL,
    nb_atteint integer,
    part_atteint numeric,
    atteinte_nationale text,
    atteinte_homogeneite text,
    PRIMARY KEY (mois, code, version, millesime)
);
COMMENT ON TABLE diffusion.homogeneite IS
'Homogénéité entre les seules Caf dont la valeur est publiée : elle ne dit rien de plus qu''elles.';

-- The vintage in force is found once, and not row by row, even while the planner knows nothing of the rows.
CREATE VIEW diffusion.indicateur_courant AS
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

CREATE VIEW diffusion.homogeneite_courante AS
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
    h.nb_attendues,
    h.nb_fournies,
    h.nb_atteint,
    h.part_atteint,
    h.atteinte_nationale,
    h.atteinte_homogeneite
FROM diffusion.homogeneite AS h
INNER JOIN dernier
    ON h.mois = dernier.mois AND h.millesime = dernier.millesime;

-- Frozen: added to, never changed.
GRANT SELECT, INSERT ON diffusion.indicateur, diffusion.homogeneite TO av_etl;
GRANT SELECT ON diffusion.indicateur_courant, diffusion.homogeneite_courante TO av_etl;
GRANT SELECT ON
diffusion.indicateur, diffusion.homogeneite, diffusion.indicateur_courant, diffusion.homogeneite_courante
TO av_diffusion, av_pilotage;
