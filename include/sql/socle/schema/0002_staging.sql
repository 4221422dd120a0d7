-- purpose: what comes in: the extract, its cleaned copy, the patterns that clean it, the returns of the Cpam
-- grain: staging.demandeur_brut, staging.demandeur: one row a person and month; staging.retour: one row a
--        version of a return
-- inputs: 0001_roles.sql
-- parameters: none
-- source: data contracts, « The national request », Cleaning. No pattern may say otherwise than
--         aller_vers.requete.nettoyage: tests/requete/nettoyage/test_motifs_sql.py compares the two.

-- ── The extract: all text, as the source gave it; then cleaned. A month is a partition ──────────────────
CREATE TABLE staging.demandeur_brut (
    mois text NOT NULL,
    ligne bigint NOT NULL,
    id_personne text,
    code_caf text,
    code_caf_gestionnaire text,
    demandes_ajpa text,
    demandes_ajpp text,
    demandes_autres text,
    date_premier_depot text,
    date_dernier_depot text,
    courriel text,
    telephone text,
    code_postal text,
    opposition_contact text,
    affiliation_terminee text
) PARTITION BY LIST (mois);
COMMENT ON TABLE staging.demandeur_brut IS
'Une ligne par demandeur du mois, en texte, telle que la source la donne.';

CREATE TABLE staging.demandeur (
    mois text NOT NULL,
    ligne bigint NOT NULL,
    id_personne text,
    code_caf text,
    code_caf_gestionnaire text,
    demandes_ajpa text,
    demandes_ajpp text,
    demandes_autres text,
    date_premier_depot text,
    date_dernier_depot text,
    courriel text,
    telephone text,
    code_postal text,
    opposition_contact text,
    affiliation_terminee text,
    courriel_net text,
    telephone_net text,
    code_postal_net text,
    motifs text[] NOT NULL
) PARTITION BY LIST (mois);
COMMENT ON TABLE staging.demandeur IS
'La même ligne, avec les valeurs nettoyées (*_net) et les motifs qui en ont vidé une.';

ALTER TABLE staging.demandeur_brut OWNER TO av_etl;
ALTER TABLE staging.demandeur OWNER TO av_etl;

-- ── The patterns: a value that a pattern alone cleans with certainty; NULL lets the library decide ───────
-- Pure, and inlined into the query that calls them; hence no SET.
-- Nothing but spaces and characters that nobody sees: there is no value.
CREATE FUNCTION staging.est_vide(brut text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(btrim(brut, E' \t\n\r\f\v\u00a0\u202f\u200b\ufeff'), '') = '';

-- A plain ASCII address. 64 characters in all respect every limit of length; a double hyphen (reserved, or
-- an international domain) and the special-use domains of RFC 6761 are left to the library.
CREATE FUNCTION staging.courriel_par_motif(brut text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN
        length(brut) <= 64
        AND lower(btrim(brut) COLLATE "C")
        ~ (
            '^[a-z0-9_][a-z0-9_+-]*(\.[a-z0-9_+-]+)*'
            '@([a-z0-9]+(-[a-z0-9]+)*\.)+(?!(arpa|invalid|local|localhost|onion|test)$)[a-z]{2,}$'
        )
        THEN lower(btrim(brut) COLLATE "C")
END;

-- Ten figures, or +33, of the ranges that are open as a whole: 01 to 05, mobiles and 09 of metropolitan
-- France, mobiles 0690, 0692, 0696 and 0697 of Guadeloupe, La Réunion and Martinique. The rest is left to the
-- library. The postcode has no say: the French regions have one numbering plan.
CREATE FUNCTION staging.telephone_par_motif(brut text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN
        brut COLLATE "C"
        ~ (
            '^ *(0|(\+|00)33[ .-]?(\(0\) ?|0)?)'
            '([139][ ./-]?[0-9]|2[ ./-]?[0-57-9]|4[ ./-]?[1-9]|5[ ./-]?[0-8]'
            '|6[ ./-]?([0-24-8]|3(?!9)|9(?=[025-9]))|7[ ./-]?[3-9])'
            '[0-9]([ ./-]?[0-9]{2}){3} *$'
        )
        -- From the end, four spaces between the ten figures: three times faster than one regexp_replace.
        THEN overlay(
            overlay(
                overlay(
                    overlay('0' || right(translate(brut, ' ./-()+', ''), 9), ' ', 9, 0),
                    ' ', 7, 0
                ),
                ' ', 5, 0
            ),
            ' ', 3, 0
        )
END;

-- Five figures that may be a postcode, after the only repairs that leave no doubt: spaces, the « .0 » of a
-- spreadsheet, the letter O for a zero, a lost leading zero. The reference says whether it exists.
CREATE FUNCTION staging.code_postal_repare(brut text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN brut ~ '^[0-9]{5}$' THEN brut
    WHEN
        translate(brut, E'oO \t\u00a0\u202f', '00') ~ '^[0-9]{4,5}([.,]0+)?$'
        THEN lpad(split_part(translate(brut, E'oO, \t\u00a0\u202f', '00.'), '.', 1), 5, '0')
END;

GRANT EXECUTE ON FUNCTION
staging.est_vide, staging.courriel_par_motif, staging.telephone_par_motif, staging.code_postal_repare
TO av_etl;

-- ── returns of the Cpam: counts, every version kept; the last one that the gate lets through stands ───────
CREATE TABLE staging.retour (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cle text NOT NULL,
    forme text NOT NULL CHECK (forme IN ('mensuel', 'semestriel', 'profil', 'mesure')),
    periode text NOT NULL,
    mois text NOT NULL,
    depot text NOT NULL,
    code_cpam text,
    code_caf text,
    mesure text,
    modalite text,
    contenu jsonb NOT NULL,
    recu_le timestamptz NOT NULL,
    verdict text CHECK (verdict IN ('conforme', 'avertissement', 'retenu')),
    run_id text,
    -- What the rules and the measures read; empty: not provided, which is not 0.
    date_arrete text GENERATED ALWAYS AS (contenu ->> 'date_arrete') STORED,
    date_fin_traitement text GENERATED ALWAYS AS (contenu ->> 'date_fin_traitement') STORED,
    date_destruction text GENERATED ALWAYS AS (contenu ->> 'date_destruction') STORED,
    cibles integer GENERATED ALWAYS AS ((contenu ->> 'cibles')::integer) STORED,
    contactables integer GENERATED ALWAYS AS ((contenu ->> 'contactables')::integer) STORED,
    personnes_appelees integer GENERATED ALWAYS AS ((contenu ->> 'personnes_appelees')::integer) STORED,
    personnes_jointes integer GENERATED ALWAYS AS ((contenu ->> 'personnes_jointes')::integer) STORED,
    acceptations integer GENERATED ALWAYS AS ((contenu ->> 'acceptations')::integer) STORED,
    rdv_pris integer GENERATED ALWAYS AS ((contenu ->> 'rdv_pris')::integer) STORED,
    rdv_honores integer GENERATED ALWAYS AS ((contenu ->> 'rdv_honores')::integer) STORED,
    personnes integer GENERATED ALWAYS AS ((contenu ->> 'personnes')::integer) STORED,
    valeur numeric GENERATED ALWAYS AS ((contenu ->> 'valeur')::numeric) STORED
);
CREATE INDEX retour_par_cle ON staging.retour (cle, id DESC);
CREATE INDEX retour_par_mois ON staging.retour (mois, forme);
COMMENT ON TABLE staging.retour IS
'Ce que les Cpam rendent, en comptes ; chaque version reçue, sa clé, son verdict. Aucune personne.';

CREATE VIEW staging.retour_courant AS
SELECT DISTINCT ON (r.cle) r.* -- noqa: AM04
FROM staging.retour AS r
WHERE r.verdict IN ('conforme', 'avertissement')
ORDER BY r.cle ASC, r.id DESC;
COMMENT ON VIEW staging.retour_courant IS
'La dernière version admise de chaque retour : celle qui est mesurée.';

-- What was held is judged again at each run: the acknowledgement that it lacked may have come.
CREATE VIEW staging.retour_a_juger AS
SELECT d.* -- noqa: AM04
FROM (SELECT DISTINCT ON (r.cle) r.* FROM staging.retour AS r ORDER BY r.cle ASC, r.id DESC) AS d
WHERE d.verdict IS NULL OR d.verdict = 'retenu';
COMMENT ON VIEW staging.retour_a_juger IS
'La dernière version reçue de chaque retour, si elle n''est pas admise.';

CREATE TABLE staging.mois_mesure (
    mois text PRIMARY KEY,
    dernier_evenement bigint NOT NULL,
    run_id text NOT NULL
);
COMMENT ON TABLE staging.mois_mesure IS
'Jusqu''où le registre de ce mois est mesuré, et par quelle exécution : ce qu''il reste à annoncer.';

GRANT SELECT, INSERT, UPDATE (verdict, run_id) ON staging.retour TO av_etl;
GRANT SELECT ON staging.retour_courant, staging.retour_a_juger TO av_etl;
GRANT SELECT, INSERT, UPDATE ON staging.mois_mesure TO av_etl;
