-- purpose: destruction and its proof, objections, heads and anchors of the ledger's chains, its purge
-- grain: one statement block an idea
-- inputs: suivi.evenement, suivi.sceau, suivi.avis
-- parameters: none
-- source: R.114-9-7 CRPA (trace 36 months, exchanged data 12 months, record of an objection 12 to 24 months)

-- ── The ledger's chains: where each ends, and where what is purged of it began ──────────────────────────
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

INSERT INTO suivi.chaine (mois, code_caf, nombre, dernier_id, hash)
SELECT DISTINCT ON (e.mois, e.code_caf)
    e.mois,
    e.code_caf,
    count(*) OVER (PARTITION BY e.mois, e.code_caf) AS nombre,
    e.id,
    e.hash
FROM suivi.evenement AS e
ORDER BY e.mois ASC, e.code_caf ASC, e.id DESC;

GRANT SELECT ON suivi.chaine TO av_etl, av_pilotage;

-- What looks like an e-mail, a telephone or a NIR, once dates, times, hashes and identifiers of runs are left
-- out. Nine figures in a row, whatever separates them, are a telephone or a NIR; so is a NIR of Corsica.
CREATE FUNCTION suivi.semble_personnel(texte text) RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT
        t.reste ~ '[^[:space:]@]+@[^[:space:]@]+'
        OR translate(t.reste, E' ./_-\t\r\n\u00a0\u202f\u2011', '') ~* '[0-9]{9}|[12][0-9]{4}2[ab][0-9]{3}'
    FROM (
        SELECT
            regexp_replace(
                coalesce(texte, ''),
                '\m[0-9a-f]{32,}\M|\m[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\M'
                '|(?<![0-9])20[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]T[0-9]{6,12}(?![0-9])'
                '|(?<![0-9])20[0-9]{2}-(0[1-9]|1[0-2])(-[0-3][0-9]'
                '([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?'
                '([+-][0-9]{2}:?[0-9]{2}|Z)?)?)?(?![ ./_-]*[0-9])',
                '~', 'gi'
            ) AS reste
    ) AS t
);

CREATE OR REPLACE FUNCTION suivi.inscrire(
    p_mois text, p_code_caf text, p_version integer, p_etat text, p_acteur text,
    p_motif text DEFAULT NULL, p_preuve jsonb DEFAULT '{}', p_code_cpam text DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    nouveau suivi.evenement;
BEGIN
    IF suivi.semble_personnel(p_motif) THEN
        RAISE EXCEPTION 'Le motif ressemble à une donnée personnelle (courriel, téléphone ou NIR) : il n''est pas inscrit.'
            USING ERRCODE = 'check_violation', HINT = 'Récrire le motif sans courriel ni numéro.';
    END IF;
    IF suivi.semble_personnel(p_preuve::text) THEN
        RAISE EXCEPTION
            'La preuve ressemble à une donnée personnelle (courriel, téléphone ou NIR) : elle n''est pas inscrite.'
            USING ERRCODE = 'check_violation', HINT = 'N''y mettre que des comptes, des dates et des empreintes.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('suivi/' || p_mois || '/' || p_code_caf, 0));
    PERFORM 1 FROM suivi.evenement AS e
    WHERE e.mois = p_mois AND e.code_caf = p_code_caf AND e.version = p_version
        AND e.code_cpam IS NOT DISTINCT FROM p_code_cpam AND e.etat = p_etat
        AND e.motif IS NOT DISTINCT FROM p_motif AND e.preuve = p_preuve;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    nouveau.mois := p_mois;
    nouveau.code_caf := p_code_caf;
    nouveau.version := p_version;
    nouveau.code_cpam := p_code_cpam;
    nouveau.etat := p_etat;
    nouveau.acteur := p_acteur;
    nouveau.motif := p_motif;
    nouveau.preuve := p_preuve;
    nouveau.cree_le := clock_timestamp() + (suivi.maintenant() - now());
    -- From the head: it knows an event that was purged, or that a hand has cut.
    SELECT c.hash INTO nouveau.hash_precedent FROM suivi.chaine AS c
    WHERE c.mois = p_mois AND c.code_caf = p_code_caf;
    nouveau.hash := suivi.sceller(nouveau);
    INSERT INTO suivi.evenement
        (mois, code_caf, version, code_cpam, etat, acteur, motif, preuve, cree_le, hash_precedent, hash)
    VALUES (
        nouveau.mois, nouveau.code_caf, nouveau.version, nouveau.code_cpam, nouveau.etat, nouveau.acteur,
        nouveau.motif, nouveau.preuve, nouveau.cree_le, nouveau.hash_precedent, nouveau.hash
    )
    RETURNING id INTO nouveau.id;
    INSERT INTO suivi.chaine AS c (mois, code_caf, nombre, dernier_id, hash)
    VALUES (p_mois, p_code_caf, 1, nouveau.id, nouveau.hash)
    ON CONFLICT (mois, code_caf) DO UPDATE
    SET nombre = c.nombre + 1, dernier_id = excluded.dernier_id, hash = excluded.hash;
    RETURN nouveau.id;
END
$$;

-- ── Destruction: decided and under way; its certificate is the event « expire » of the ledger ───────────
CREATE TABLE suivi.destruction (
    mois text NOT NULL,
    code_caf text NOT NULL,
    cause text NOT NULL,
    run_id text NOT NULL,
    comptes jsonb NOT NULL,
    entreprise_le timestamptz NOT NULL DEFAULT suivi.maintenant(),
    PRIMARY KEY (mois, code_caf)
);
COMMENT ON TABLE suivi.destruction IS
'Une ligne par lot dont la destruction est entreprise (code_caf 000 : le mois entier, tables comprises) : '
'plus rien n''en est extrait ni déposé ; l''événement « expire » prouve ce qui a été détruit.';

GRANT SELECT, INSERT ON suivi.destruction TO av_etl;
GRANT SELECT ON suivi.destruction TO av_pilotage;

-- ── Objections: a keyed hash, and for the time of their treatment the lots to drop again ────────────────
CREATE TABLE suivi.opposition (
    empreinte text PRIMARY KEY CHECK (empreinte ~ '^[0-9a-f]{64}$'),
    recue_le timestamptz NOT NULL DEFAULT suivi.maintenant(),
    traitee_le timestamptz,
    lots jsonb NOT NULL DEFAULT '[]'
);
COMMENT ON TABLE suivi.opposition IS
'Trace minimale d''une opposition : l''empreinte à clé d''un identifiant. Les lots à déposer de nouveau '
's''effacent une fois la personne détruite partout.';

-- Records an objection; known already, it is looked for again: true if it is new.
CREATE FUNCTION suivi.opposer(p_empreinte text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO suivi.opposition AS o (empreinte) VALUES (p_empreinte)
    ON CONFLICT (empreinte) DO UPDATE SET recue_le = suivi.maintenant(), traitee_le = NULL
    RETURNING o.xmax = 0
$$;

GRANT EXECUTE ON FUNCTION suivi.opposer TO av_etl, av_pilotage;
GRANT SELECT, UPDATE, DELETE ON suivi.opposition TO av_etl;

-- ── The trace itself goes after 36 months: each chain keeps the hash of the last event that is gone ─────
-- Returns the number of events that are gone. The mark of a destroyed month stays, without its counts: it is
-- never extracted again.
CREATE FUNCTION suivi.purger_trace(p_avant timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ancienne record;
    partis bigint := 0;
    n bigint;
BEGIN
    IF p_avant > suivi.maintenant() - interval '36 months' THEN
        RAISE EXCEPTION 'La trace se garde 36 mois : rien n''est purgé.' USING ERRCODE = 'check_violation';
    END IF;
    FOR ancienne IN
        SELECT DISTINCT e.mois, e.code_caf FROM suivi.evenement AS e
        WHERE e.cree_le < p_avant ORDER BY e.mois, e.code_caf
    LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('suivi/' || ancienne.mois || '/' || ancienne.code_caf, 0));
        UPDATE suivi.chaine AS c
        SET ancre_id = e.id, ancre_hash = e.hash
        FROM suivi.evenement AS e
        WHERE c.mois = ancienne.mois AND c.code_caf = ancienne.code_caf
            AND e.id = (
                SELECT max(a.id) FROM suivi.evenement AS a
                WHERE a.mois = c.mois AND a.code_caf = c.code_caf AND a.cree_le < p_avant
            );
        DELETE FROM suivi.evenement AS e USING suivi.chaine AS c
        WHERE c.mois = ancienne.mois AND c.code_caf = ancienne.code_caf
            AND e.mois = c.mois AND e.code_caf = c.code_caf AND e.id <= c.ancre_id;
        GET DIAGNOSTICS n = ROW_COUNT;
        UPDATE suivi.chaine AS c SET ancre_nombre = c.ancre_nombre + n
        WHERE c.mois = ancienne.mois AND c.code_caf = ancienne.code_caf;
        partis := partis + n;
    END LOOP;
    DELETE FROM suivi.sceau AS s WHERE s.scelle_le < p_avant;
    DELETE FROM suivi.chaine AS c
    WHERE c.ancre_id = c.dernier_id
        AND NOT EXISTS (SELECT FROM suivi.evenement AS e WHERE e.mois = c.mois AND e.code_caf = c.code_caf)
        AND NOT EXISTS (SELECT FROM suivi.sceau AS s WHERE s.mois = c.mois AND s.code_caf = c.code_caf);
    DELETE FROM suivi.destruction AS d WHERE d.code_caf <> '000' AND d.entreprise_le < p_avant;
    UPDATE suivi.destruction AS d SET comptes = '{}'
    WHERE d.code_caf = '000' AND d.entreprise_le < p_avant AND d.comptes <> '{}';
    DELETE FROM suivi.avis AS a
    WHERE a.envoye_le < p_avant
        AND NOT EXISTS (SELECT FROM suivi.avis AS b WHERE b.envoi_avec = a.cle AND b.cle <> a.cle);
    RETURN partis;
END
$$;

GRANT EXECUTE ON FUNCTION suivi.purger_trace TO av_etl;
