-- purpose: what the gates compare with: territories, counts of published months; the profile of the lots
-- grain: one row a (Caf, postcode); one row a (month, Caf); one row a (month, run, Caf)
-- inputs: marts.convention, marts.perimetre, dq.profil_requete, core.publication
-- parameters: none

CREATE VIEW marts.territoire AS
SELECT DISTINCT
    c.code_caf,
    p.code_postal
FROM marts.convention AS c
INNER JOIN marts.perimetre AS p ON c.code_cpam = p.code_cpam;
COMMENT ON VIEW marts.territoire IS
'Codes postaux de chaque Caf : ceux de ses Cpam, convention en vigueur ou non.';

-- A view of counts alone: av_qualite reads the past without any right on core.
CREATE VIEW dq.historique_requete AS
SELECT
    p.mois,
    p.code_caf,
    p.lignes,
    p.comptes
FROM dq.profil_requete AS p
INNER JOIN core.publication AS c ON p.mois = c.mois AND p.run_id = c.run_id
WHERE p.connue;
COMMENT ON VIEW dq.historique_requete IS
'Nombre de demandeurs par Caf des mois publiés : le passé auquel un volume se compare.';

CREATE TABLE dq.profil_depots (
    mois text NOT NULL,
    run_id text NOT NULL,
    code_caf text NOT NULL,
    comptes jsonb NOT NULL,
    PRIMARY KEY (mois, run_id, code_caf)
);
COMMENT ON TABLE dq.profil_depots IS
'Une ligne par Caf : ce que la relecture de son lot a trouvé, en nombres ; aucune personne.';

GRANT SELECT ON marts.territoire TO av_etl;
GRANT SELECT ON dq.historique_requete TO av_etl, av_qualite;
GRANT SELECT, INSERT, DELETE ON dq.profil_depots TO av_etl;
GRANT SELECT ON dq.profil_depots TO av_qualite;
