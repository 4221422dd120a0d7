-- purpose: the reference data, the measures that add up, the indicators derived from them; no person
-- grain: one table a noun; measures and indicators: one row a month, territory and code
-- inputs: 0001_roles.sql
-- parameters: none

-- ── Reference data: a copy of include/reference, replaced as a whole ────────────────────────────────────
CREATE TABLE marts.region (
    code_region text PRIMARY KEY,
    nom text NOT NULL
);
CREATE TABLE marts.caf (
    code_caf text PRIMARY KEY CHECK (code_caf ~ '^[0-9]{3}$'),
    nom text NOT NULL,
    libelle text NOT NULL,
    code_region text NOT NULL,
    valable_du date NOT NULL DEFAULT '0001-01-01',
    valable_au date NOT NULL DEFAULT '9999-12-31',
    successeur text
);
COMMENT ON COLUMN marts.caf.successeur IS
'La Caf à laquelle revient, après valable_au, ce qui porte son code.';
CREATE TABLE marts.cpam (
    code_cpam text PRIMARY KEY CHECK (code_cpam ~ '^[0-9]{3}$'),
    nom text NOT NULL,
    type text NOT NULL,
    code_region text,
    valable_du date NOT NULL DEFAULT '0001-01-01',
    valable_au date NOT NULL DEFAULT '9999-12-31'
);
CREATE TABLE marts.code_postal (
    code_postal text PRIMARY KEY CHECK (code_postal ~ '^[0-9]{5}$'),
    departement text NOT NULL,
    code_region text NOT NULL
);
CREATE TABLE marts.perimetre (
    code_cpam text NOT NULL,
    code_postal text NOT NULL,
    fiabilite text NOT NULL,
    valable_du date NOT NULL DEFAULT '0001-01-01',
    valable_au date NOT NULL DEFAULT '9999-12-31',
    PRIMARY KEY (code_cpam, code_postal, valable_du)
);
CREATE TABLE marts.convention (
    code_caf text NOT NULL,
    code_cpam text NOT NULL,
    date_debut date NOT NULL,
    date_fin date,
    date_signature date,
    exemple boolean NOT NULL DEFAULT false,
    PRIMARY KEY (code_caf, code_cpam, date_debut)
);
COMMENT ON TABLE marts.convention IS
'Conventions locales ; sans signature, une convention ne commence jamais, sauf un exemple en démonstration.';

CREATE TABLE marts.groupe (
    code_groupe text NOT NULL,
    libelle text NOT NULL,
    code_caf text NOT NULL,
    code_cpam text NOT NULL,
    depuis text,
    PRIMARY KEY (code_groupe, code_caf, code_cpam)
);
COMMENT ON TABLE marts.groupe IS
'Groupes de caisses : une Caf et une de ses Cpam, à partir d''un mois (vide : depuis le début).';

CREATE FUNCTION marts.arreter(mois text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN cast(to_date(arreter.mois, 'YYYY-MM') + interval '1 month' AS date);
COMMENT ON FUNCTION marts.arreter IS
'Le jour qui dit quelles caisses sont d''un mois : le premier du suivant, où la requête rattache
les personnes.';

CREATE FUNCTION marts.caf_du(mois text) RETURNS SETOF marts.caf
LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT c.*
FROM marts.caf AS c
WHERE marts.arreter(caf_du.mois) BETWEEN c.valable_du AND c.valable_au
$$;
COMMENT ON FUNCTION marts.caf_du IS 'Les Caf d''un mois, sans celles qui ont fusionné avant lui.';

CREATE VIEW marts.lieu AS
SELECT
    'caf' AS niveau,
    c.code_caf AS territoire,
    c.libelle,
    c.valable_du,
    c.valable_au
FROM marts.caf AS c
UNION ALL
SELECT
    'cpam' AS niveau,
    p.code_cpam AS territoire,
    p.code_cpam || ' · ' || p.nom AS libelle,
    p.valable_du,
    p.valable_au
FROM marts.cpam AS p
UNION ALL
SELECT
    'region' AS niveau,
    u.code_region AS territoire,
    r.nom AS libelle,
    date '0001-01-01' AS valable_du,
    date '9999-12-31' AS valable_au
FROM (
    SELECT c.code_region FROM marts.caf AS c
    UNION
    SELECT p.code_region FROM marts.cpam AS p
) AS u
LEFT JOIN marts.region AS r ON u.code_region = r.code_region
WHERE u.code_region IS NOT null
UNION ALL
SELECT DISTINCT
    'groupe' AS niveau,
    t.hors || g.code_groupe AS territoire,
    CASE WHEN t.hors = '' THEN g.libelle ELSE 'Le reste, hors : ' || g.libelle END AS libelle,
    date '0001-01-01' AS valable_du,
    date '9999-12-31' AS valable_au
FROM marts.groupe AS g
CROSS JOIN (VALUES (''), ('hors_')) AS t (hors);
COMMENT ON VIEW marts.lieu IS
'Les territoires au-dessous de la nation ; un groupe en a deux : le sien, et celui du reste du réseau.';

CREATE FUNCTION marts.caf_actuelle(code_caf text, mois text) RETURNS text
LANGUAGE sql STABLE AS $$
WITH RECURSIVE suite AS (
    SELECT
        caf_actuelle.code_caf,
        0 AS rang
    UNION ALL
    SELECT
        c.successeur AS code_caf,
        s.rang + 1 AS rang
    FROM suite AS s
    INNER JOIN marts.caf AS c ON s.code_caf = c.code_caf
    WHERE c.valable_au < marts.arreter(caf_actuelle.mois) AND c.successeur IS NOT NULL
)

SELECT s.code_caf FROM suite AS s ORDER BY s.rang DESC LIMIT 1
$$;
COMMENT ON FUNCTION marts.caf_actuelle IS
'La Caf à laquelle un code est revenu en un mois, par toutes les fusions ; lui-même tant qu''elle dure.
find_actuelle, en Python, fait de même.';

CREATE FUNCTION marts.situer(code_caf text, code_cpam text, mois text, nation text)
RETURNS TABLE (niveau text, territoire text)
LANGUAGE sql STABLE AS $$
WITH unite AS (
    SELECT
        CASE
            WHEN c.valable_au < marts.arreter(situer.mois)
                THEN marts.caf_actuelle(situer.code_caf, situer.mois)
            ELSE situer.code_caf
        END AS code_caf,
        coalesce(c.code_region, p.code_region) AS code_region
    FROM (SELECT situer.code_caf, situer.code_cpam) AS u
    LEFT JOIN marts.caf AS c ON u.code_caf = c.code_caf
    LEFT JOIN marts.cpam AS p ON u.code_cpam = p.code_cpam
)

SELECT
    'national' AS niveau,
    situer.nation AS territoire
UNION ALL
SELECT
    'caf' AS niveau,
    u.code_caf AS territoire
FROM unite AS u
WHERE u.code_caf IS NOT NULL
UNION ALL
SELECT
    'cpam' AS niveau,
    situer.code_cpam AS territoire
WHERE situer.code_cpam IS NOT NULL
UNION ALL
SELECT
    'region' AS niveau,
    u.code_region AS territoire
FROM unite AS u
WHERE u.code_region IS NOT NULL
UNION ALL
SELECT
    'groupe' AS niveau,
    CASE
        WHEN
            bool_or(
                coalesce(g.depuis, '') <= situer.mois
                AND coalesce(u.code_caf, g.code_caf) = g.code_caf
                AND coalesce(situer.code_cpam, g.code_cpam) = g.code_cpam
            )
            THEN g.code_groupe
        ELSE 'hors_' || g.code_groupe
    END AS territoire
FROM marts.groupe AS g
CROSS JOIN unite AS u
WHERE coalesce(u.code_caf, situer.code_cpam) IS NOT NULL
GROUP BY g.code_groupe
$$;
COMMENT ON FUNCTION marts.situer IS
'Chaque territoire où compte une unité : une Caf (celle qui lui succède, si elle a fusionné avant ce mois),
une Cpam ou un couple. Un couple est d''un groupe s''il y est ensemble, une caisse seule si elle y est ; sinon du
reste du réseau. Reseau, en Python, fait de même.';

CREATE VIEW marts.territoire AS
SELECT DISTINCT
    c.code_caf,
    p.code_postal
FROM marts.convention AS c
INNER JOIN marts.perimetre AS p ON c.code_cpam = p.code_cpam;
COMMENT ON VIEW marts.territoire IS
'Codes postaux de chaque Caf : ceux de ses Cpam, convention en vigueur ou non.';

GRANT SELECT, INSERT, DELETE ON
marts.region, marts.caf, marts.cpam, marts.code_postal, marts.perimetre, marts.convention,
marts.groupe TO av_etl;
GRANT SELECT ON
marts.region, marts.caf, marts.cpam, marts.code_postal, marts.perimetre, marts.convention,
marts.groupe TO av_pilotage;
GRANT SELECT ON marts.territoire TO av_etl;
GRANT SELECT ON marts.lieu TO av_etl, av_pilotage;
GRANT EXECUTE ON FUNCTION marts.situer TO av_etl;
GRANT EXECUTE ON FUNCTION marts.arreter, marts.caf_du, marts.caf_actuelle TO av_etl, av_pilotage;

-- ── Measures, and the terms of the indicators by unit ───────────────────────────────────────────────────
CREATE TABLE marts.mesure (
    mois text NOT NULL,
    code_caf text,
    code_cpam text,
    mesure text NOT NULL,
    modalite text,
    classe integer,
    valeur numeric NOT NULL,
    mesuree_le date,
    UNIQUE NULLS NOT DISTINCT (mois, mesure, code_caf, code_cpam, modalite, classe)
);
COMMENT ON COLUMN marts.mesure.mesuree_le IS
'Le jour où la source l''a comptée ; vide pour ce qui est reçu, que l''on ne recompte pas.';
COMMENT ON TABLE marts.mesure IS
'Comptes, sommes et classes d''histogramme, additifs entre caisses ; aucune personne.';

CREATE TABLE marts.terme (
    mois text NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    code_caf text,
    code_cpam text,
    classe integer,
    numerateur numeric NOT NULL,
    denominateur numeric NOT NULL,
    definitif boolean NOT NULL,
    UNIQUE NULLS NOT DISTINCT (mois, code, version, code_caf, code_cpam, classe)
);
COMMENT ON TABLE marts.terme IS
'Les termes de chaque indicateur par unité (Caf, Cpam, couple ou nation) qui les donne tous ; une ligne de
plus par classe d''histogramme. definitif : plus rien ne peut les changer.';

CREATE TABLE marts.calcul (
    mois text PRIMARY KEY,
    calcule_le timestamptz NOT NULL
);
COMMENT ON TABLE marts.calcul IS 'Les mois dont les indicateurs ont été calculés.';

CREATE TABLE marts.empreinte (
    mois text NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    empreinte text NOT NULL,
    PRIMARY KEY (mois, code, version)
);
COMMENT ON TABLE marts.empreinte IS
'Ce qui a donné les valeurs d''un mois : empreinte de la formule, puis du SQL et des réglages qu''elle lit.';

CREATE TABLE marts.reprise (
    mois text PRIMARY KEY,
    repris_le timestamptz NOT NULL
);
COMMENT ON TABLE marts.reprise IS
'Les mois d''avant dont seuls les termes des cumuls « depuis l''origine » ont été repris à la source.';

-- ── Indicators, their homogeneity, their scores ────────────────────────────────────────────────────────
-- The one division: 12 decimals, half away from zero (formule.py divides the same way); NULL over 0.
CREATE FUNCTION marts.rapport(numerateur numeric, denominateur numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round((numerateur + 0.00000000000000000000) / nullif(denominateur, 0), 12);

CREATE TABLE marts.indicateur (
    code text NOT NULL,
    version integer NOT NULL,
    mois text NOT NULL,
    niveau text NOT NULL CHECK (niveau IN ('national', 'region', 'groupe', 'caf', 'cpam')),
    territoire text NOT NULL,
    numerateur numeric,
    denominateur numeric,
    valeur numeric,
    cible numeric,
    atteinte text CHECK (atteinte IN ('atteinte', 'quasi_atteinte', 'non_atteinte')),
    statut text NOT NULL
    CHECK (statut IN ('definitif', 'provisoire', 'pas_encore_du', 'non_fourni', 'sans_objet')),
    definitif_le date NOT NULL,
    PRIMARY KEY (mois, code, version, niveau, territoire)
);
-- The nation over years is read on each screen; its rows stand among a hundred times as many.
CREATE INDEX indicateur_de_la_nation ON marts.indicateur (mois, code, version) INCLUDE (valeur, statut)
WHERE niveau = 'national';

CREATE TABLE marts.indicateur_cumule (
    code text NOT NULL,
    version integer NOT NULL,
    mois text NOT NULL,
    periode text NOT NULL CHECK (periode IN ('annee', 'douze_mois', 'origine')),
    niveau text NOT NULL CHECK (niveau IN ('national', 'region', 'groupe', 'caf', 'cpam')),
    territoire text NOT NULL,
    numerateur numeric,
    denominateur numeric,
    valeur numeric,
    cible numeric,
    atteinte text CHECK (atteinte IN ('atteinte', 'quasi_atteinte', 'non_atteinte')),
    statut text NOT NULL
    CHECK (statut IN ('definitif', 'provisoire', 'pas_encore_du', 'non_fourni', 'sans_objet')),
    definitif_le date NOT NULL,
    PRIMARY KEY (mois, periode, code, version, niveau, territoire)
);

CREATE TABLE marts.homogeneite (
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
    atteinte_nationale text CHECK (atteinte_nationale IN ('atteinte', 'quasi_atteinte', 'non_atteinte')),
    atteinte_homogeneite text CHECK (atteinte_homogeneite IN ('atteinte', 'non_atteinte')),
    PRIMARY KEY (mois, code, version)
);
COMMENT ON TABLE marts.homogeneite IS
'La dispersion d''un indicateur entre caisses et les deux verdicts : nation à la cible, assez de caisses à la
cible, parmi celles qui devaient donner (IGAS 2013-164R, rec. 1).';

CREATE TABLE marts.score (
    mois text NOT NULL,
    niveau text NOT NULL CHECK (niveau IN ('national', 'region', 'groupe', 'caf', 'cpam')),
    territoire text NOT NULL,
    axe text NOT NULL,
    nb_indicateurs integer NOT NULL,
    nb_atteints integer NOT NULL,
    nb_quasi_atteints integer NOT NULL,
    nb_non_atteints integer NOT NULL,
    nb_non_fournis integer NOT NULL,
    taux numeric NOT NULL,
    points_obtenus numeric NOT NULL,
    points_possibles numeric NOT NULL,
    PRIMARY KEY (mois, niveau, territoire, axe)
);
COMMENT ON TABLE marts.score IS
'Atteinte et points des indicateurs de résultat, par axe et dans l''ensemble (IGAS 2017-008R, annexes 1
et 2).';

CREATE VIEW marts.indicateur_compare AS
SELECT
    i.code,
    i.version,
    i.mois,
    i.niveau,
    i.territoire,
    i.valeur,
    p.valeur AS valeur_mois_precedent,
    i.valeur - p.valeur AS ecart_mois_precedent,
    a.valeur AS valeur_annee_precedente,
    i.valeur - a.valeur AS ecart_annee_precedente
FROM marts.indicateur AS i
LEFT JOIN marts.indicateur AS p
    ON
        i.code = p.code AND i.version = p.version AND i.niveau = p.niveau AND i.territoire = p.territoire
        AND p.statut = 'definitif'
        AND p.mois = to_char(to_date(i.mois, 'YYYY-MM') - interval '1 month', 'YYYY-MM')
LEFT JOIN marts.indicateur AS a
    ON
        i.code = a.code AND i.version = a.version AND i.niveau = a.niveau AND i.territoire = a.territoire
        AND a.statut = 'definitif'
        AND a.mois = to_char(to_date(i.mois, 'YYYY-MM') - interval '1 year', 'YYYY-MM')
WHERE i.statut = 'definitif';
COMMENT ON VIEW marts.indicateur_compare IS
'Chaque valeur mensuelle définitive à côté de celles du mois et de l''année d''avant.';

GRANT SELECT, INSERT, UPDATE, DELETE ON
marts.mesure, marts.terme, marts.calcul, marts.reprise, marts.empreinte, marts.indicateur,
marts.indicateur_cumule, marts.homogeneite, marts.score TO av_etl;
GRANT SELECT ON marts.indicateur_compare TO av_etl;
GRANT SELECT ON
marts.mesure, marts.terme, marts.calcul, marts.indicateur, marts.indicateur_cumule, marts.homogeneite,
marts.score, marts.indicateur_compare TO av_pilotage;
GRANT EXECUTE ON FUNCTION marts.rapport TO av_etl, av_pilotage;
