-- What each figure adds up.
CREATE TEMPORARY TABLE liste_a_la_main ON COMMIT DROP AS
SELECT l.*
FROM jsonb_to_recordset(CAST(:termes AS jsonb)) AS l (
    code text, version integer, periode text, type text, quantile numeric, histogramme boolean, par_caf boolean,
    par_cpam boolean, terme text, mesure text, modalite text, classe_min integer, classe_max integer, poids numeric,
    mois text, seuil integer
)
