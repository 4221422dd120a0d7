-- purpose: the lines of the month, and what the patterns make of each, tried once; gone with the transaction
-- grain: one row a line of staging.demandeur_brut
-- inputs: staging.demandeur_brut
-- parameters: :mois, :lignes (array of lines; null: the whole month)
-- source: data contracts, « The national request », Cleaning
--
-- A table, and not a part of the statement that writes the clean month: PostgreSQL shares the making of this
-- one between its processes, and no statement that inserts.

CREATE TEMPORARY TABLE ligne_lue ON COMMIT DROP AS
SELECT
    b.mois,
    b.ligne,
    b.id_personne,
    b.code_caf,
    b.code_caf_gestionnaire,
    b.demandes_ajpa,
    b.demandes_ajpp,
    b.demandes_autres,
    b.date_premier_depot,
    b.date_dernier_depot,
    b.courriel,
    b.telephone,
    b.code_postal,
    b.opposition_contact,
    b.affiliation_terminee,
    coalesce(b.opposition_contact = '0' AND b.affiliation_terminee = '0', FALSE) AS transmissible,
    staging.courriel_par_motif(b.courriel) AS courriel_sur,
    staging.telephone_par_motif(b.telephone) AS telephone_sur,
    staging.code_postal_repare(b.code_postal) AS code_postal_repare,
    staging.code_postal_sans_zero(b.code_postal) AS code_postal_sans_zero
FROM staging.demandeur_brut AS b
WHERE
    b.mois = :mois
    AND (CAST(:lignes AS bigint[]) IS NULL OR b.ligne = any(CAST(:lignes AS bigint[])))
