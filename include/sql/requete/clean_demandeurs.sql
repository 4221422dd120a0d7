-- purpose: the cleaned month: usable contacts and postcode, and every reason that emptied one
-- grain: one row a line of ligne_lue
-- inputs: ligne_lue, avis_bibliotheque (temporary: what the patterns say, and the libraries),
--         marts.code_postal, marts.territoire
-- parameters: none
-- source: data contracts, « The national request », Cleaning: a bad postcode never removes a person
--
-- Who objects, or whose affiliation has ended, has nothing to transmit: no clean value, and no reason, since
-- a missing contact there is the rule and not a defect. The same test as publish_core.sql.

WITH nettoyees AS (
    SELECT
        b.*,
        CASE WHEN b.transmissible THEN coalesce(b.courriel_sur, a.courriel) END AS courriel_net,
        CASE WHEN b.transmissible THEN coalesce(b.telephone_sur, a.telephone) END AS telephone_net,
        CASE WHEN b.transmissible THEN c.code_postal END AS code_postal_net,
        coalesce(a.motif_courriel, 'courriel_absent') AS motif_courriel,
        coalesce(a.motif_telephone, 'telephone_absent') AS motif_telephone,
        CASE
            WHEN staging.est_vide(b.code_postal) THEN 'code_postal_absent'
            ELSE 'code_postal_inconnu'
        END AS motif_code_postal
    FROM ligne_lue AS b
    LEFT JOIN avis_bibliotheque AS a ON b.ligne = a.ligne
    LEFT JOIN marts.code_postal AS c
        ON
            b.code_postal_repare = c.code_postal
            -- A zero is given back only where the five figures are of the Caf's own territory.
            AND (
                NOT b.code_postal_sans_zero
                OR (b.code_caf, c.code_postal) IN (
                    SELECT
                        t.code_caf,
                        t.code_postal
                    FROM marts.territoire AS t
                )
            )
)

INSERT INTO staging.demandeur (
    mois,
    ligne,
    id_personne,
    code_caf,
    code_caf_gestionnaire,
    demandes_ajpa,
    demandes_ajpp,
    demandes_autres,
    date_premier_depot,
    date_dernier_depot,
    courriel,
    telephone,
    code_postal,
    opposition_contact,
    affiliation_terminee,
    courriel_net,
    telephone_net,
    code_postal_net,
    motifs
)
SELECT
    n.mois,
    n.ligne,
    n.id_personne,
    n.code_caf,
    n.code_caf_gestionnaire,
    n.demandes_ajpa,
    n.demandes_ajpp,
    n.demandes_autres,
    n.date_premier_depot,
    n.date_dernier_depot,
    n.courriel,
    n.telephone,
    n.code_postal,
    n.opposition_contact,
    n.affiliation_terminee,
    n.courriel_net,
    n.telephone_net,
    n.code_postal_net,
    CASE
        WHEN NOT n.transmissible THEN '{}'
        -- « champs_inverses » may be the reason of both contacts: it is one defect.
        ELSE array_remove(ARRAY[
            CASE WHEN n.courriel_net IS NULL THEN n.motif_courriel END,
            CASE
                WHEN n.telephone_net IS NOT NULL THEN NULL
                WHEN n.courriel_net IS NULL AND n.motif_courriel = n.motif_telephone THEN NULL
                ELSE n.motif_telephone
            END,
            CASE WHEN n.code_postal_net IS NULL THEN n.motif_code_postal END
        ], NULL)
    END AS motifs
FROM nettoyees AS n
