-- purpose: the ledger and its proof, the outbox, the alerts
-- grain: suivi.evenement: one row a fact about a lot; suivi.chaine: one row a month and Caf;
--        suivi.manifeste: one row a manifest of a lot; suivi.avis: one row a notice;
--        suivi.alerte: one row an open alert; suivi.lecture: one row a screen or file that the page gave
-- inputs: 0001_roles.sql
-- parameters: none

-- ── The ledger: one hash chain a month and Caf ──────────────────────────────────────────────────────────
CREATE TABLE suivi.evenement (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mois text NOT NULL,
    code_caf text NOT NULL,
    version integer NOT NULL,
    code_cpam text,
    -- Made by: python -m aller_vers trace etats
    etat text NOT NULL CONSTRAINT etat_du_lot CHECK (etat IN (
        'prepare', 'retenu', 'depose', 'transmis', 'traite', 'a_detruire', 'detruit', 'remplace', 'expire',
        'rien_a_transmettre', 'raye'
    )),
    acteur text NOT NULL,
    compte text NOT NULL DEFAULT session_user,
    motif text,
    preuve jsonb NOT NULL DEFAULT '{}',
    cree_le timestamptz NOT NULL,
    hash_precedent bytea,
    hash bytea NOT NULL UNIQUE,
    sel text NOT NULL,
    sel_motif text,
    motif_raye text CHECK (
        (motif_raye IS NULL) = (sel_motif IS NOT NULL)
        AND (motif_raye IS NULL OR motif = '[raison rayée]')
    )
);
COMMENT ON COLUMN suivi.evenement.motif_raye IS
'L''empreinte salée d''une raison rayée : la chaîne tient, la raison n''est plus. Son sel est parti '
'avec elle, pour que personne ne la devine.';
COMMENT ON COLUMN suivi.evenement.sel IS
'Tiré au hasard : une preuve sans acteurs ni motifs ne permet pas de les deviner par leur empreinte.';
COMMENT ON COLUMN suivi.evenement.compte IS
'Le compte de la base qui l''a écrit, que personne ne choisit : la page (av_pilotage) n''écrit pas pour un '
'traitement.';
CREATE INDEX evenement_par_lot ON suivi.evenement (mois, code_caf, id);
-- The last word on each lot and on each copy is found without reading the events themselves.
CREATE INDEX evenement_du_lot ON suivi.evenement (mois, code_caf, version, id) INCLUDE (etat, cree_le)
WHERE code_cpam IS NULL AND etat IN ('depose', 'retenu', 'expire');
CREATE INDEX evenement_de_copie ON suivi.evenement (mois, code_caf, version, code_cpam, id) INCLUDE (etat)
WHERE code_cpam IS NOT NULL;
CREATE INDEX evenement_transmis ON suivi.evenement (mois, code_caf, code_cpam, version)
WHERE etat = 'transmis' AND code_cpam IS NOT NULL;
CREATE INDEX evenement_detruit ON suivi.evenement (mois, code_caf, code_cpam, version)
WHERE etat = 'detruit' AND code_cpam IS NOT NULL;
-- What the measures of the returns are made of.
CREATE INDEX evenement_mesure ON suivi.evenement (mois, id)
WHERE etat IN ('depose', 'retenu', 'transmis', 'rien_a_transmettre', 'traite', 'detruit');
CREATE INDEX evenement_par_date ON suivi.evenement (cree_le);
-- Of a lot or a month: no Cpam's copy expires.
CREATE INDEX evenement_expire ON suivi.evenement (mois, code_caf) WHERE etat = 'expire' AND code_cpam IS NULL;
CREATE UNIQUE INDEX evenement_unique ON suivi.evenement
(mois, code_caf, version, coalesce(code_cpam, ''), etat, coalesce(motif_raye, motif, ''), preuve);

CREATE TABLE suivi.chaine (
    mois text NOT NULL,
    code_caf text NOT NULL,
    nombre bigint NOT NULL,
    dernier_id bigint NOT NULL,
    hash bytea NOT NULL,
    ancre_nombre bigint NOT NULL DEFAULT 0,
    ancre_id bigint NOT NULL DEFAULT 0,
    ancre_hash bytea,
    PRIMARY KEY (mois, code_caf)
);
COMMENT ON TABLE suivi.chaine IS
'Une ligne par chaîne : sa tête (nombre d''événements depuis le début, dernier événement) et son ancre, le '
'dernier événement purgé après 36 mois, auquel le plus ancien qui reste se rattache.';

CREATE TABLE suivi.sceau (
    mois text NOT NULL,
    code_caf text NOT NULL,
    scelle_pour text NOT NULL,
    dernier_id bigint NOT NULL,
    nombre bigint NOT NULL,
    hash bytea NOT NULL,
    scelle_le timestamptz NOT NULL DEFAULT suivi.maintenant(),
    PRIMARY KEY (scelle_pour, mois, code_caf)
);
COMMENT ON TABLE suivi.sceau IS 'Tête de chaque chaîne, scellée une fois par mois : une fin coupée se voit.';

-- Why, with a salt of its own; NULL once it is struck out, and the two with it. Each name in these four
-- functions is qualified, and none has a path of its own: they are then part of the query that verifies.
CREATE FUNCTION suivi.texte_motif(evenement suivi.evenement) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT CASE
        WHEN $1.motif_raye IS NULL THEN pg_catalog.jsonb_build_array($1.sel_motif, $1.motif)::text
    END
$$;

-- Who did it, by which account, and the hash of why, with the salt: the sealed text holds only their hash, so
-- that who is given none of them can verify the chain.
CREATE FUNCTION suivi.texte_engage(evenement suivi.evenement) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT pg_catalog.jsonb_build_array(
        $1.sel, $1.acteur,
        coalesce(
            $1.motif_raye,
            pg_catalog.encode(
                pg_catalog.sha256(pg_catalog.convert_to(suivi.texte_motif($1), 'UTF8')), 'hex'
            )
        ),
        $1.compte
    )::text
$$;

-- The text that an event's hash seals; every field, so that none can be altered unseen.
CREATE FUNCTION suivi.texte_scelle(evenement suivi.evenement) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT pg_catalog.jsonb_build_array(
        $1.mois, $1.code_caf, $1.version, $1.code_cpam, $1.etat,
        pg_catalog.encode(
            pg_catalog.sha256(pg_catalog.convert_to(suivi.texte_engage($1), 'UTF8')), 'hex'
        ),
        $1.preuve,
        extract(epoch FROM $1.cree_le)::text, pg_catalog.encode($1.hash_precedent, 'hex')
    )::text
$$;

CREATE FUNCTION suivi.sceller(evenement suivi.evenement) RETURNS bytea
LANGUAGE sql STABLE
AS $$
    SELECT pg_catalog.sha256(pg_catalog.convert_to(suivi.texte_scelle($1), 'UTF8'))
$$;

-- A text in small letters and plain figures, spaces and dashes, whatever Unicode writes them with.
CREATE FUNCTION suivi.ecrire_simplement(texte text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT translate(
        normalize(coalesce(texte, ''), NFKC),
        E'ABCDEFGHIJKLMNOPQRSTUVWXYZ~\u0009\u000a\u000b\u000c\u000d\u0085\u1680\u2028\u2029\u2010\u2012'
        '\u2013\u2014\u2015\u2212\u2043\u00b7\u2022\u2027\u30fb\u2044\u2215\u0660\u0661\u0662\u0663'
        '\u0664\u0665\u0666\u0667\u0668\u0669\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8'
        '\u06f9\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c'
        '\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u20e3\u3164\ufe00\ufe0e'
        '\ufe0f\ufeff\uffa0',
        E'abcdefghijklmnopqrstuvwxyz-         -------....//01234567890123456789'
    )
$$;

-- What is, or could be, somebody's e-mail, telephone or NIR: 'certain', 'douteux', or NULL. The same rule,
-- pattern by pattern, as aller_vers.socle.donnees_personnelles explains; a test holds them equal.
CREATE FUNCTION suivi.soupcon_personnel(texte text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    douteux boolean;
    chiffres boolean;
    net text := suivi.ecrire_simplement(texte);
BEGIN
    -- PostgreSQL keeps thirty-two patterns compiled: what most texts are spared stays within them.
    IF net !~ '@|arob|obas|%40|&[#c]|[^0-9a-z]at?[^0-9a-z]|z[eé]ro[ ,-]|(?:[0-9o][^0-9o]{0,7}){9}' THEN
        RETURN NULL;
    END IF;
    net := regexp_replace(net, '%40|&(?:#64|#x40|commat);| ?[({<[] ?at ?[])}>] ?', '@', 'g');
    net := regexp_replace(
        net, '[^0-9a-z@]{1,3}(?:arr?oba(?:s|se|ses)?|arob)[^0-9a-z@]{1,3}', '@', 'g'
    );
    net := regexp_replace(net, '[^0-9a-z]{1,3}(?:dot|point)[^0-9a-z]{1,3}', '.', 'g');
    net := regexp_replace(
        net, '(?:[^0-9a-z@]{1,3}at[^0-9a-z@]{1,3}|[({<[]a[])}>])(?=[a-z0-9-]{1,63}(?:[.][a-z0-9-]{1,63}){0,3}[.][a-z]{2})', '@', 'g'
    );
    net := regexp_replace(
        net, '(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,})(?![0-9a-z])',
        '~', 'g'
    );
    chiffres := net ~ '(?:[0-9o][^0-9o]{0,7}){9}';
    IF strpos(net, '@') > 0
        AND net ~ '[^ @] ?@ ?[^ @,;:<>()"|/.]{1,63}(?:[.][^ @,;:<>()"|/.]{1,63}){0,5}[.][a-z][a-z0-9]'
        OR chiffres AND (
            net ~ '(?<![0-9a-z])(?<![0-9][-./_, :])[0o][1-9]( ?[-./_:*|] ?|,| {1,3})[0-9o]{2}\1[0-9o]{2}\1[0-9o'
            ']{2}\1[0-9o]{2}(?![0-9a-z])(?![-./_, :][0-9])'
            OR net ~ '(?<![0-9a-z])(?<![0-9a-z][-./_,])[0o][1-9][0-9]{8}(?![0-9a-z])(?![-./_,][0-9a-z])'
            OR net ~ '(?<![0-9a-z+])(?:[+][(]?|[(][+]|00) ?33[)]?[-./_ ]{0,3}(?:[(]?0[)]?[-./_ ]{0,3})?[1-9]'
            '(?:[-./_ ]{0,2}[0-9]){8}(?![0-9])'
            OR net ~ '(?<![0-9a-z+])[+][(]?[1-9][0-9]{0,2}[)]?[-./_ ]{1,3}[(]?[0-9](?:[-./_ ()]{0,3}[0-9]){6,12}'
            '(?![0-9])'
            OR net ~ '(?<![0-9a-z+])[+][1-9][0-9]{9,14}(?![0-9]|[.,][0-9])'
        )
    THEN
        RETURN 'certain';
    END IF;
    douteux := chiffres AND net ~ '(?<![0-9])20[0-9]{2}-(?:0[1-9]|1[0-2])-0[1-9](?: [0-9]{2}){4}(?![0-9])';
    net := regexp_replace(
        net, '(?<![0-9])20[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9]t[0-9]{6,12}(?![0-9])',
        '~', 'g'
    );
    net := regexp_replace(
        net, '(?<![0-9])(?:19|20)[0-9]{2}[-/.](?:0[1-9]|1[0-2])(?:[-/.][0-3][0-9](?:(?:t|,? {1,2}|,? a )[0'
        '-2]?[0-9] ?[h:](?: ?[0-5][0-9])?(?::[0-5][0-9](?:[.,][0-9]{1,9})?)?(?: ?(?:z|[+-][0-9]{2}:?['
        '0-9]{2}))?)?)?(?![0-9])',
        '~', 'g'
    );
    net := regexp_replace(
        net, '(?<![0-9])[0-3]?[0-9]([-/. ])[01]?[0-9]\1(?:19|20)[0-9]{2}(?:(?:t|,? {1,2}|,? a )[0-2]?[0-9]'
        ' ?[h:](?: ?[0-5][0-9])?(?::[0-5][0-9](?:[.,][0-9]{1,9})?)?(?: ?(?:z|[+-][0-9]{2}:?[0-9]{2}))'
        '?)?(?![0-9])',
        '~', 'g'
    );
    net := regexp_replace(
        net, '(?<![0-9])(?<![0-9]{2}[-./_ ,][0-9]{2}[-./_ ,])'
        '[0-3]?[0-9]([-/.])[01]?[0-9]\1[0-9]{2}(?:(?:t|,? {1,2}|,? a )[0-2]?[0-9] ?[h:](?: '
        '?[0-5][0-9])?(?::[0-5][0-9](?:[.,][0-9]{1,9})?)?(?: ?(?:z|[+-][0-9]{2}:?[0-9]{2}))?)?(?![0-9'
        ']|[-./_ ,]{1,3}[0-9]{2}[-./_ ,]{1,3}[0-9]{2}(?![-0-9/.]))',
        '~', 'g'
    );
    chiffres := net ~ '(?:[0-9o][^0-9o]{0,7}){9}';
    IF chiffres AND EXISTS (
        SELECT FROM (
            SELECT regexp_replace(t.nir[1], '[^0-9ab]', '', 'g') AS signes
            FROM regexp_matches(
                net, '((?<![0-9a-z])[1-478](?:[-./_ ,:|]?[0-9]){4}[-./_ ,:|]?'
                '(?:[0-9][-./_ ,:|]?[0-9]|2[-./_ ,:|]?[ab])(?:[-./_ ,:|]?[0-9]){8}(?![0-9a-z]))', 'g'
            ) AS t(nir)
        ) AS n
        WHERE right(n.signes, 2)::integer
            = 97 - replace(replace(left(n.signes, 13), '2a', '19'), '2b', '18')::bigint % 97
    ) THEN
        RETURN 'certain';
    END IF;
    net := regexp_replace(
        net, '(?<![0-9.,])(?<![0-9][-/_ ])(?:[1-9][0-9]*|0)[.,][0-9]+(?![0-9]|[.,][0-9])|(?<![0-9])[1-9][0'
        '-9]{0,2}(?:[ .][0-9]{3}){1,4},[0-9]{1,2}(?![0-9])|(?<![0-9])[1-9][0-9]{0,2}(?: [0-9]{3}){1,4'
        '}[.][0-9]{1,2}(?![0-9])',
        '~', 'g'
    );
    IF douteux
        OR net ~ '[^ @]@|(?:[a-z0-9.-] ){2}@(?: [a-z0-9.-]){3}'
        OR net ~ '(?<![a-z])z[eé]ro[ ,-]{1,3}(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf)(?![a-z])'
        OR chiffres AND (
            net ~ '(?<![0-9])[0o][-. ]?[1-9il](?:[^0-9a-z~]{0,6}[0-9oil]){8}(?![0-9])'
            OR net ~ '(?<![0-9a-z])0[1-9]([^0-9~]{1,7})[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[0-9]{2}(?![0-9])'
            OR net ~ '(?<![0-9a-z])33([-. ])[1-9]\1[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[0-9]{2}(?![0-9])'
            OR net ~ '(?<![0-9a-z])0([-./_ ,])[1-9](?:\1[0-9]){8}(?![0-9a-z])'
            OR net ~ '(?<![0-9a-z.,])00[-. ]?[1-9](?:[-. ]?[0-9]){8,13}(?![0-9]|[.,][0-9])'
            OR net ~ '(?<![0-9a-z])(?<![0-9a-z][-./_,])(?:33)?[1-9][0-9]{8}(?![0-9a-z])(?![-./_,][0-9a-z]| ?(?:€|e'
            'ur))'
            OR net ~ '(?<![0-9a-z])(?<![0-9][-./_, ])[1-9]([-. ])[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[0-9]{2}(?![0-9])(?'
            '![-. ][0-9])'
            OR net ~ '(?<![0-9a-z])(?<![0-9][. ])[67][0-9]{2}([ .])[0-9]{3}\1[0-9]{3}(?![0-9]|[ .,][0-9]| ?(?:€|eu'
            'r))'
            OR net ~ '(?<![0-9a-z])(?<![0-9a-z][-./_])[1-478][0-9]{2}(?:0[1-9]|1[0-2])[0-9]{8}(?![0-9a-z])(?![-./_'
            '][0-9a-z])'
            OR net ~ '(?<![0-9a-z])[1-478]([-./_ ])[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[0-9]{3}\1[0-9]{3}(?![0-9a-z])'
            OR net ~ '(?<![0-9a-z])[1-478][-./_ ]?[0-9]{2}[-./_ ]?[0-9]{2}[-./_ ]?2[-./_ ]?[ab](?:[-./_ ]?[0-9]){3}'
            '(?:(?:[-./_ ]?[0-9]){3}(?:[-./_ ]?[0-9]{2})?)?(?![0-9a-z])'
        )
    THEN
        RETURN 'douteux';
    END IF;
    RETURN NULL;
END
$$;

-- What a reason may not hold: that, or a name after its civility, a birth, a street, a number of beneficiary.
-- The same as aller_vers.socle.donnees_personnelles.tells_of_somebody.
CREATE FUNCTION suivi.parle_de_quelqu_un(texte text) RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT suivi.soupcon_personnel($1) IS NOT NULL OR suivi.ecrire_simplement($1) ~ (
        '(?<![a-z.])(?:mr|mme|mlle|monsieur|madame|mademoiselle|m[.]|mr[.]|mme[.]) +'
        '(?!(?:le|la|les|de|du|des|et|ou|en|a)(?![a-zé])|l[''’])[^ 0-9.,;:()]{2}'
        '|(?<![a-z])n(?:é|ée|ee)s? le [0-9]'
        '|(?<![0-9a-z])[0-9]{1,4} ?(?:bis|ter)?,? (?:rue|avenue|boulevard|impasse|chemin|allée|allee|route|quai) '
        '|(?<![a-z])(?:allocataire|matricule|numal)(?!s)[^0-9]{0,12}[0-9]{5}'
    )
$$;

-- A proof is written by the program: counts, days, hashes. Nine figures in a row, whatever separates them,
-- are none of those once dates, hashes and identifiers of runs are left out: they may identify somebody.
CREATE FUNCTION suivi.porte_un_numero(preuve jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN translate(
    regexp_replace(
        preuve::text,
        '\m[0-9a-f]{32,}\M|\m[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\M'
        '|(?<![0-9])20[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]T[0-9]{6,12}(?![0-9])'
        '|(?<![0-9])20[0-9]{2}-(0[1-9]|1[0-2])(-[0-3][0-9]'
        '([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?'
        '([+-][0-9]{2}:?[0-9]{2}|Z)?)?)?(?![ ./_-]*[0-9])',
        '~', 'gi'
    ),
    E' ./_-\t\r\n\u00a0\u202f\u2011', ''
) ~ '[0-9]{9}';

-- Adds an event to its chain, once: the same lot, recipient, state and proof again gives NULL, adds nothing.
CREATE FUNCTION suivi.inscrire(
    p_mois text, p_code_caf text, p_version integer, p_etat text, p_acteur text,
    p_motif text DEFAULT NULL, p_preuve jsonb DEFAULT '{}', p_code_cpam text DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    nouveau suivi.evenement;
    cle text;
BEGIN
    -- People name runs as they like: a name that could be a number is not kept, and stops nothing.
    FOREACH cle IN ARRAY ARRAY['execution', 'achevee_par'] LOOP
        IF suivi.soupcon_personnel(p_preuve ->> cle) IS NOT NULL
            OR suivi.porte_un_numero(jsonb_build_array(p_preuve -> cle)) THEN
            p_preuve := jsonb_set(p_preuve, ARRAY[cle], '"nom non gardé : il ressemble à un numéro"');
        END IF;
    END LOOP;
    IF suivi.parle_de_quelqu_un(p_motif) THEN
        RAISE EXCEPTION 'Le motif ressemble à une donnée personnelle : il n''est pas inscrit.'
            USING ERRCODE = 'check_violation', HINT = 'Récrire le motif sans ce qui désigne quelqu''un.';
    END IF;
    -- A portal's reference is a person's to give: it is judged as a text, not as a figure of the program.
    IF suivi.soupcon_personnel(p_preuve::text) IS NOT NULL OR suivi.porte_un_numero(p_preuve - 'reference') THEN
        RAISE EXCEPTION
            'La preuve ressemble à une donnée personnelle (courriel, téléphone ou NIR) : elle n''est pas inscrite.'
            USING ERRCODE = 'check_violation', HINT = 'N''y mettre que des comptes, des dates et des empreintes.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('suivi/' || p_mois || '/' || p_code_caf, 0));
    PERFORM 1 FROM suivi.evenement AS e
    WHERE e.mois = p_mois AND e.code_caf = p_code_caf AND e.version = p_version
        AND e.code_cpam IS NOT DISTINCT FROM p_code_cpam AND e.etat = p_etat
        AND e.preuve = p_preuve
        AND (
            e.motif IS NOT DISTINCT FROM p_motif
            -- Struck out, a reason cannot be compared any more: a step that is run again says it again, and it does
            -- not come back; another author, or no reason, is another event.
            OR e.motif_raye IS NOT NULL AND p_motif IS NOT NULL AND e.acteur = p_acteur
        );
    IF FOUND THEN
        RETURN NULL;
    END IF;
    nouveau.mois := p_mois;
    nouveau.code_caf := p_code_caf;
    nouveau.version := p_version;
    nouveau.code_cpam := p_code_cpam;
    nouveau.etat := p_etat;
    nouveau.acteur := p_acteur;
    nouveau.compte := session_user;
    nouveau.motif := p_motif;
    nouveau.preuve := p_preuve;
    nouveau.cree_le := clock_timestamp() + (suivi.maintenant() - now());
    nouveau.sel := replace(gen_random_uuid()::text, '-', '');
    nouveau.sel_motif := replace(gen_random_uuid()::text, '-', '');
    -- From the head: it knows an event that was purged, or that a hand has cut.
    SELECT c.hash INTO nouveau.hash_precedent FROM suivi.chaine AS c
    WHERE c.mois = p_mois AND c.code_caf = p_code_caf;
    nouveau.hash := suivi.sceller(nouveau);
    INSERT INTO suivi.evenement
        (mois, code_caf, version, code_cpam, etat, acteur, compte, motif, preuve, cree_le, hash_precedent, hash, sel,
         sel_motif)
    VALUES (
        nouveau.mois, nouveau.code_caf, nouveau.version, nouveau.code_cpam, nouveau.etat, nouveau.acteur,
        nouveau.compte, nouveau.motif, nouveau.preuve, nouveau.cree_le, nouveau.hash_precedent, nouveau.hash,
        nouveau.sel, nouveau.sel_motif
    )
    RETURNING id INTO nouveau.id;
    INSERT INTO suivi.chaine AS c (mois, code_caf, nombre, dernier_id, hash)
    VALUES (p_mois, p_code_caf, 1, nouveau.id, nouveau.hash)
    ON CONFLICT (mois, code_caf) DO UPDATE
    SET nombre = c.nombre + 1, dernier_id = excluded.dernier_id, hash = excluded.hash;
    RETURN nouveau.id;
END
$$;

GRANT EXECUTE ON FUNCTION suivi.inscrire TO av_etl;
GRANT EXECUTE ON FUNCTION suivi.sceller, suivi.texte_scelle, suivi.texte_engage, suivi.texte_motif
TO av_etl, av_pilotage;
GRANT SELECT ON suivi.evenement, suivi.chaine, suivi.sceau TO av_etl, av_pilotage;
GRANT INSERT ON suivi.sceau TO av_etl;

CREATE TABLE suivi.jeton (
    scelle_pour text PRIMARY KEY,
    jeton bytea NOT NULL,
    recu_le timestamptz NOT NULL DEFAULT suivi.maintenant()
);
COMMENT ON TABLE suivi.jeton IS
'Réponse d''une autorité d''horodatage sur le sceau d''un mois (RFC 3161), si le réglage en nomme une.';

GRANT SELECT, INSERT ON suivi.jeton TO av_etl;
GRANT SELECT ON suivi.jeton TO av_pilotage;

-- A manifest outlives its lot, without what would tell the content of a person file, nor a reason: the event
-- « depose » holds its hash.
CREATE TABLE suivi.manifeste (
    mois text NOT NULL,
    code_caf text NOT NULL,
    version integer NOT NULL,
    empreinte text NOT NULL,
    contenu text NOT NULL,
    garde_le timestamptz NOT NULL DEFAULT suivi.maintenant(),
    PRIMARY KEY (mois, code_caf, version, empreinte)
);
COMMENT ON TABLE suivi.manifeste IS
'Manifeste d''un lot, sans empreinte de ses fichiers de personnes ni motif ; aussi longtemps que la trace.';

GRANT SELECT, INSERT ON suivi.manifeste TO av_etl;
GRANT SELECT ON suivi.manifeste TO av_pilotage;

-- ── The outbox ──────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE suivi.avis (
    cle text PRIMARY KEY,
    destinataire text NOT NULL,
    canal text NOT NULL CHECK (canal IN ('courriel', 'apprise')),
    objet text NOT NULL,
    corps text NOT NULL,
    tentatives integer NOT NULL DEFAULT 0,
    cree_le timestamptz NOT NULL DEFAULT suivi.maintenant(),
    envoye_le timestamptz,
    envoi_avec text REFERENCES suivi.avis (cle),
    prochain_essai_le timestamptz,
    demande_par text,
    -- A code and the server's number, never its text: that may quote an address.
    derniere_erreur text CHECK (derniere_erreur ~ '^[a-z_]+( [2-5][0-9]{2})?$')
);
COMMENT ON COLUMN suivi.avis.envoi_avec IS
'L''avis avec lequel celui-ci part, en un seul message ; fixé avant le premier essai, il nomme le message.';
COMMENT ON COLUMN suivi.avis.demande_par IS
'Qui l''a fait renvoyer, de la page ; vide : il part de lui-même.';
COMMENT ON COLUMN suivi.avis.derniere_erreur IS
'Code du dernier échec ; sur un avis envoyé : une partie des adresses a été refusée.';

CREATE INDEX avis_en_attente ON suivi.avis (cree_le) WHERE envoye_le IS NULL;
CREATE INDEX avis_du_message ON suivi.avis (envoi_avec);
CREATE INDEX avis_parti ON suivi.avis (envoye_le);

-- Puts a notice into the outbox, once per key.
CREATE FUNCTION suivi.aviser(
    p_cle text, p_destinataire text, p_canal text, p_objet text, p_corps text
) RETURNS boolean
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    WITH ajout AS (
        INSERT INTO suivi.avis (cle, destinataire, canal, objet, corps)
        VALUES (p_cle, p_destinataire, p_canal, p_objet, p_corps)
        ON CONFLICT (cle) DO NOTHING
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM ajout)
$$;

-- Puts a notice that was sent into the outbox again, word for word, in the name of who asks; false while a
-- copy of it still waits. What is to be read in it was written by the program: nobody sends another text.
CREATE FUNCTION suivi.renvoyer(p_cle text, p_acteur text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    racine text := split_part(p_cle, '/renvoi/', 1);
    premier suivi.avis;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('suivi/avis/' || racine, 0));
    SELECT a.* INTO premier FROM suivi.avis AS a WHERE a.cle = racine AND a.envoye_le IS NOT NULL;
    IF premier.cle IS NULL OR length(btrim(coalesce(p_acteur, ''))) = 0 THEN
        RAISE EXCEPTION 'Seul un avis parti se renvoie.' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM suivi.avis AS a WHERE starts_with(a.cle, racine || '/renvoi/') AND a.envoye_le IS NULL) THEN
        RETURN false;
    END IF;
    INSERT INTO suivi.avis (cle, destinataire, canal, objet, corps, demande_par)
    SELECT
        racine || '/renvoi/' || count(*) + 1, premier.destinataire, premier.canal, premier.objet, premier.corps,
        btrim(p_acteur)
    FROM suivi.avis AS a WHERE starts_with(a.cle, racine || '/renvoi/');
    RETURN true;
END
$$;

GRANT EXECUTE ON FUNCTION suivi.renvoyer TO av_pilotage;
GRANT EXECUTE ON FUNCTION suivi.aviser TO av_etl;
GRANT SELECT ON suivi.avis TO av_etl, av_pilotage;
GRANT UPDATE (tentatives, envoye_le, envoi_avec, prochain_essai_le, derniere_erreur) ON suivi.avis TO av_etl;

-- Strikes out the reason of an event, in the trace and in the notices that repeat it; who did so is an event
-- of the same chain. False if it was struck out already.
CREATE FUNCTION suivi.rayer(p_id bigint, p_acteur text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    raye suivi.evenement;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('suivi/' || e.mois || '/' || e.code_caf, 0))
    FROM suivi.evenement AS e WHERE e.id = p_id;
    SELECT * INTO raye FROM suivi.evenement AS e WHERE e.id = p_id FOR UPDATE;
    IF raye.motif_raye IS NOT NULL THEN
        RETURN FALSE;
    END IF;
    IF raye.motif IS NULL THEN
        RAISE EXCEPTION 'événement inconnu ou sans raison' USING ERRCODE = 'AV003';
    END IF;
    UPDATE suivi.evenement AS e
    SET
        motif = '[raison rayée]', sel_motif = NULL,
        motif_raye = encode(sha256(convert_to(suivi.texte_motif(raye), 'UTF8')), 'hex')
    WHERE e.id = p_id;
    -- A notice that gives the reason: the Caf's own (« remplace la version 1 (…), à ne plus utiliser »), and the
    -- month's digest (« 831 Var (…) »). The same words elsewhere are not the reason.
    UPDATE suivi.avis AS a
    SET corps = replace(a.corps, d.debut || '(' || raye.motif || ')' || d.fin, d.debut || '([raison rayée])' || d.fin)
    FROM (
        SELECT
            g.genre || '/' || raye.mois || '/' || raye.code_caf || '/v' AS cle, '' AS debut,
            ', à ne plus utiliser' AS fin
        FROM unnest(ARRAY['depot', 'reprise']) AS g (genre)
        UNION ALL
        SELECT 'depots/' || raye.mois || '/', c.libelle || ' ', ''
        FROM marts.caf AS c WHERE c.code_caf = raye.code_caf
    ) AS d
    WHERE starts_with(a.cle, d.cle) AND strpos(a.corps, d.debut || '(' || raye.motif || ')' || d.fin) > 0;
    PERFORM suivi.inscrire(
        raye.mois, raye.code_caf, raye.version, 'raye', p_acteur, NULL, jsonb_build_object('evenement', p_id)
    );
    RETURN TRUE;
END
$$;

GRANT EXECUTE ON FUNCTION suivi.rayer TO av_etl;

-- ── Alerts ──────────────────────────────────────────────────────────────────────────────────────────────
-- What is wrong now, and since when: an alert is told when it opens, each day that it lasts, when it closes.
CREATE TABLE suivi.alerte (
    sujet text NOT NULL,
    mois text NOT NULL,
    code_caf text NOT NULL,
    regle text NOT NULL,
    gravite text NOT NULL,
    nombre integer,
    depuis timestamptz NOT NULL,
    dite_le date NOT NULL,
    PRIMARY KEY (sujet, mois, code_caf, regle)
);
COMMENT ON TABLE suivi.alerte IS
'Alertes ouvertes : porte ou DAG, mois, Caf (vide : la nation), règle ou tâche ; aucune personne.';

GRANT SELECT, INSERT, UPDATE, DELETE ON suivi.alerte TO av_etl;
GRANT SELECT ON suivi.alerte TO av_pilotage;

-- ── Who read what on the page ───────────────────────────────────────────────────────────────────────────
-- Codes only: no text that a reader wrote, no person of a lot.
CREATE TABLE suivi.lecture (
    lecteur text NOT NULL,
    quoi text NOT NULL CHECK (quoi IN ('caf', 'indicateurs', 'trace', 'registre', 'certificat', 'acces')),
    fichier text CHECK (fichier IN ('csv', 'json', 'xlsx')),
    objet text CHECK (objet ~ '^[a-z0-9_]{1,80}$'),
    mois text CHECK (mois ~ '^[0-9]{4}-[0-9]{2}$'),
    lu_le timestamptz NOT NULL
);
COMMENT ON TABLE suivi.lecture IS
'Qui a lu ou téléchargé quoi sur la page, et quand : compte, écran, code ; aucune personne d''un lot.';
CREATE INDEX lecture_par_date ON suivi.lecture (lu_le);

CREATE FUNCTION suivi.noter_lecture(
    p_lecteur text, p_quoi text, p_fichier text, p_objet text, p_mois text
) RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO suivi.lecture (lecteur, quoi, fichier, objet, mois, lu_le)
    VALUES (p_lecteur, p_quoi, p_fichier, p_objet, p_mois, suivi.maintenant())
$$;

-- Returns how many are gone.
CREATE FUNCTION suivi.purger_lectures(p_avant timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    partis bigint;
BEGIN
    IF p_avant > suivi.maintenant() - interval '6 months' THEN
        RAISE EXCEPTION 'Les lectures se gardent six mois : rien n''est purgé.' USING ERRCODE = 'check_violation';
    END IF;
    DELETE FROM suivi.lecture AS l WHERE l.lu_le < p_avant;
    GET DIAGNOSTICS partis = ROW_COUNT;
    RETURN partis;
END
$$;

GRANT EXECUTE ON FUNCTION suivi.noter_lecture TO av_pilotage;
GRANT EXECUTE ON FUNCTION suivi.purger_lectures TO av_etl;
GRANT SELECT ON suivi.lecture TO av_pilotage;
