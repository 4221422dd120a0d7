-- purpose: objections, and the purge of the ledger
-- grain: suivi.opposition: one row an objection; suivi.memoire_transmission: one row a person and month;
--        suivi.lot_memorise: one row a lot
-- inputs: 0007_suivi.sql, 0008_lots.sql
-- parameters: none
-- source: R.114-9-7 CRPA (trace 36 months, exchanged data 12 months, record of an objection 12 to 24 months)

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

-- Who was transmitted in which month: a keyed hash, no contact, kept for the delay of the setting.
CREATE TABLE suivi.memoire_transmission (
    empreinte text NOT NULL CHECK (empreinte ~ '^[0-9a-f]{64}$'),
    mois text NOT NULL,
    PRIMARY KEY (mois, empreinte)
);
COMMENT ON TABLE suivi.memoire_transmission IS
'Qui a été transmis quel mois : l''empreinte à clé d''un identifiant, sans coordonnée. Vide si le réglage '
'mois_sans_repetition est à 0.';
-- The lots whose people are remembered: each one is read once, not every day of its delay.
CREATE TABLE suivi.lot_memorise (
    mois text NOT NULL,
    code_caf text NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (mois, code_caf, version)
);
COMMENT ON TABLE suivi.lot_memorise IS
'Les lots transmis dont les personnes sont en mémoire ; ils en sortent avec elles, au terme du délai.';
GRANT SELECT, INSERT, DELETE ON suivi.memoire_transmission, suivi.lot_memorise TO av_etl;

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
    DELETE FROM suivi.jeton AS j WHERE j.recu_le < p_avant;
    DELETE FROM suivi.manifeste AS m WHERE m.garde_le < p_avant;
    DELETE FROM suivi.chaine AS c
    WHERE c.ancre_id = c.dernier_id
        AND NOT EXISTS (SELECT FROM suivi.evenement AS e WHERE e.mois = c.mois AND e.code_caf = c.code_caf)
        AND NOT EXISTS (SELECT FROM suivi.sceau AS s WHERE s.mois = c.mois AND s.code_caf = c.code_caf);
    DELETE FROM suivi.destruction AS d WHERE d.code_caf <> 'FR' AND d.entreprise_le < p_avant;
    UPDATE suivi.destruction AS d SET comptes = '{}'
    WHERE d.code_caf = 'FR' AND d.entreprise_le < p_avant AND d.comptes <> '{}';
    DELETE FROM suivi.avis AS a
    WHERE a.envoye_le < p_avant
        AND NOT EXISTS (SELECT FROM suivi.avis AS b WHERE b.envoi_avec = a.cle AND b.cle <> a.cle);
    RETURN partis;
END
$$;

GRANT EXECUTE ON FUNCTION suivi.purger_trace TO av_etl;
