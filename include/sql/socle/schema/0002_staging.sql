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
-- Statistics keep frequent values, and autovacuum writes them where no destruction looks: none of what a
-- person has. socle.partitions gives each partition the same.
ALTER TABLE staging.demandeur_brut
ALTER COLUMN id_personne SET STATISTICS 0,
ALTER COLUMN date_premier_depot SET STATISTICS 0,
ALTER COLUMN date_dernier_depot SET STATISTICS 0,
ALTER COLUMN courriel SET STATISTICS 0,
ALTER COLUMN telephone SET STATISTICS 0,
ALTER COLUMN code_postal SET STATISTICS 0;
ALTER TABLE staging.demandeur
ALTER COLUMN id_personne SET STATISTICS 0,
ALTER COLUMN date_premier_depot SET STATISTICS 0,
ALTER COLUMN date_dernier_depot SET STATISTICS 0,
ALTER COLUMN courriel SET STATISTICS 0,
ALTER COLUMN telephone SET STATISTICS 0,
ALTER COLUMN code_postal SET STATISTICS 0,
ALTER COLUMN courriel_net SET STATISTICS 0,
ALTER COLUMN telephone_net SET STATISTICS 0,
ALTER COLUMN code_postal_net SET STATISTICS 0;

-- ── The patterns: a value that a pattern alone cleans with certainty; NULL lets the library decide ───────
-- Pure, and inlined into the query that calls them; hence no SET.
-- A text without marks at its ends: spaces, a spreadsheet's apostrophe, punctuation that follows something.
CREATE FUNCTION staging.sans_bords(texte text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(
    nullif(rtrim(ltrim(texte, E' \'\u2018\u2019'), E' .,;:\'\u2018\u2019'), ''),
    rtrim(ltrim(texte, E' \'\u2018\u2019'), ' ')
);

-- Every kind of space as a space, characters that nobody sees as nothing.
CREATE FUNCTION staging.visible(brut text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(
    regexp_replace(
        brut,
        '[\u0009-\u000d\u001c-\u001f\u0085\u00a0\u1680\u2000-\u200a\u2028-\u2029\u202f'
        '\u205f\u3000]',
        ' ', 'g'
    ),
    '[\u0001-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u034f\u0600-\u0605'
    '\u061c\u06dd\u070f\u0890-\u0891\u08e2\u180b-\u180f\u200b-\u200f\u202a-\u202e'
    '\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000110bd\U000110cd'
    '\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f'
    '\U000e0100-\U000e01ef]',
    '', 'g'
);

-- What a spreadsheet or a copy adds to a text, undone; the quotes round the whole, with the « = » of a
-- formula or without. The same as aller_vers.requete.nettoyage.tableur.undo.
CREATE FUNCTION staging.sans_tableur(brut text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN staging.sans_bords(coalesce(
    substring(
        staging.sans_bords(staging.visible(brut))
        FROM '^=?["\u00ab\u201c]([^"\u00ab\u00bb\u201c\u201d]*)["\u00bb\u201d]$'
    ),
    staging.sans_bords(staging.visible(brut))
));

-- Nothing but spaces and characters that nobody sees: there is no value. A letter or a figure is one, which
-- spares all the rest to nearly every text.
CREATE FUNCTION staging.est_vide(brut text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(brut, '') = '' OR (brut !~ '[0-9A-Za-z]' AND staging.sans_tableur(brut) = '');

-- A plain ASCII address in a common top-level domain. 64 characters in all respect every limit of length;
-- a double hyphen (reserved, or an international domain) and every other top-level domain are left to the
-- library. The domains are no part of the pattern: each of their letters would make it slower for all.
CREATE FUNCTION staging.courriel_par_motif(brut text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN
        length(brut) <= 64
        AND lower(btrim(brut) COLLATE "C")
        ~ '^[a-z0-9_][a-z0-9_+-]*(\.[a-z0-9_+-]+)*@([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]+$'
        AND split_part(lower(btrim(brut) COLLATE "C"), '.', -1) IN (
            'fr', 'com', 'net', 'org', 'eu', 'be', 'ch', 'lu', 'de', 'it', 'es', 'pt', 'uk', 'info', 're',
            'pf', 'nc'
        )
        THEN lower(btrim(brut) COLLATE "C")
END;

-- Ten figures, or +33, of the ranges that are open as a whole: 01 to 05, mobiles and 09 of metropolitan
-- France, mobiles 0690, 0692, 0696 and 0697 of Guadeloupe, La Réunion and Martinique. The rest is left to the
-- library: the beginnings refused here. The postcode has no say: the French regions have one numbering plan.
CREATE FUNCTION staging.telephone_par_motif(brut text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN
        brut COLLATE "C" ~ '^ *(0|(\+|00)33[ .-]?(\(0\) ?|0)?)[0-9]([ ./-]?[0-9]{2}){4} *$'
        AND right(translate(brut, ' ./-()+', ''), 9) !~ '^(0|26|40|59|639|69[134]|7[0-2]|8)'
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

-- Five figures that may be a postcode, after the only repairs that leave no doubt: what a spreadsheet adds,
-- its « .0 », the letter O for a zero, a lost leading zero. The reference says whether it exists.
CREATE FUNCTION staging.code_postal_repare(brut text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN brut ~ '^[0-9]{5}$' THEN brut
    WHEN
        translate(staging.sans_tableur(brut), 'oO ', '00') ~ '^[0-9]{4,5}([.,]0+)?$'
        THEN lpad(split_part(translate(staging.sans_tableur(brut), 'oO, ', '00.'), '.', 1), 5, '0')
END;

-- Four figures: a zero that was lost, or a figure that was. Only the territory of the Caf can tell.
CREATE FUNCTION staging.code_postal_sans_zero(brut text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(
    brut !~ '^[0-9]{5}$'
    AND translate(staging.sans_tableur(brut), 'oO ', '00') ~ '^[0-9]{4}([.,]0+)?$', FALSE
);

GRANT EXECUTE ON FUNCTION
staging.sans_bords, staging.visible, staging.sans_tableur, staging.est_vide,
staging.courriel_par_motif, staging.telephone_par_motif,
staging.code_postal_repare, staging.code_postal_sans_zero
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
    offres_envoyees integer GENERATED ALWAYS AS ((contenu ->> 'offres_envoyees')::integer) STORED,
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
CREATE INDEX retour_par_mois ON staging.retour (mois, forme, code_caf, code_cpam);
CREATE INDEX retour_qui_compte ON staging.retour (mois, code_caf, code_cpam)
WHERE forme = 'mensuel' AND verdict IN ('conforme', 'avertissement');
CREATE INDEX retour_par_execution ON staging.retour (run_id);
CREATE INDEX retour_non_admis ON staging.retour (cle, id) WHERE verdict IS NULL OR verdict = 'retenu';
COMMENT ON TABLE staging.retour IS
'Ce que les Cpam rendent, en comptes ; chaque version reçue, sa clé, son verdict. Aucune personne.';

-- Said so, and not as the last of each key: who wants a few reads no more than these.
CREATE VIEW staging.retour_courant AS
SELECT r.* -- noqa: AM04
FROM staging.retour AS r
WHERE
    r.verdict IN ('conforme', 'avertissement')
    AND NOT EXISTS (
        SELECT FROM staging.retour AS s
        WHERE s.cle = r.cle AND s.id > r.id AND s.verdict IN ('conforme', 'avertissement')
    );
COMMENT ON VIEW staging.retour_courant IS
'La dernière version admise de chaque retour : celle qui est mesurée.';

-- What was held is judged again at each run: the acknowledgement that it lacked may have come.
CREATE VIEW staging.retour_a_juger AS
SELECT r.* -- noqa: AM04
FROM staging.retour AS r
WHERE
    (r.verdict IS NULL OR r.verdict = 'retenu')
    AND NOT EXISTS (SELECT FROM staging.retour AS s WHERE s.cle = r.cle AND s.id > r.id);
COMMENT ON VIEW staging.retour_a_juger IS
'La dernière version reçue de chaque retour, si elle n''est pas admise.';

-- Lines of the extract whose person was transmitted a few months ago: left out of the month, and counted.
CREATE TABLE staging.deja_transmis (
    mois text NOT NULL,
    ligne bigint NOT NULL,
    PRIMARY KEY (mois, ligne)
);
COMMENT ON TABLE staging.deja_transmis IS
'Les lignes de l''extraction dont la personne a été transmise il y a peu ; aucune personne.';
GRANT SELECT, INSERT, DELETE ON staging.deja_transmis TO av_etl;

CREATE TABLE staging.mois_mesure (
    mois text PRIMARY KEY,
    dernier_evenement bigint NOT NULL,
    mesure_le date NOT NULL,
    -- In days and in months; with others, what comes due next is another day.
    delais integer[] NOT NULL,
    prochaine_echeance date,
    run_id text NOT NULL
);
COMMENT ON TABLE staging.mois_mesure IS
'Jusqu''où la trace de ce mois est mesurée, quel jour, par quelle exécution : ce qu''il reste à annoncer ; '
'et quand une Cpam y devra autre chose, aux délais d''alors (vide : plus rien).';

CREATE TABLE staging.marge_enquete (
    enquete text NOT NULL,
    annee integer NOT NULL,
    strate text NOT NULL,
    modalite text NOT NULL,
    population integer NOT NULL CHECK (population >= 0),
    PRIMARY KEY (enquete, annee, strate, modalite)
);
COMMENT ON TABLE staging.marge_enquete IS
'La population de chaque modalité d''une enquête : ce vers quoi ses réponses sont redressées.';
GRANT SELECT, INSERT, DELETE ON staging.marge_enquete TO av_etl;

GRANT SELECT, INSERT, UPDATE (verdict, run_id) ON staging.retour TO av_etl;
GRANT SELECT ON staging.retour_courant, staging.retour_a_juger TO av_etl;
GRANT SELECT, INSERT, UPDATE ON staging.mois_mesure TO av_etl;
