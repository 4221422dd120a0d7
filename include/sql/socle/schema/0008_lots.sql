-- purpose: what is said of a lot: destroyed here, held, decided, transmitted, treated, destroyed by its Cpam
-- grain: suivi.destruction, suivi.lot_retenu: one row a lot; suivi.destinataire: one row a lot and Cpam
-- inputs: core.publication, dq.verdict, staging.retour, marts.caf, marts.cpam, marts.convention,
--         0007_suivi.sql
-- parameters: none

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
'Une ligne par lot dont la destruction est entreprise (code_caf FR : le mois entier, tables comprises) : '
'plus rien n''en est extrait ni déposé ; l''événement « expire » prouve ce qui a été détruit.';

GRANT SELECT, INSERT ON suivi.destruction TO av_etl;
GRANT SELECT ON suivi.destruction TO av_pilotage;

-- ── Decisions on held lots ──────────────────────────────────────────────────────────────────────────────
-- Does a decision taken on these rules and counts hold for those? Another rule, or more rows, is worse.
CREATE FUNCTION suivi.couvre(decidees jsonb, actuelles jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT actuelles <> '{}' AND NOT EXISTS (
        SELECT FROM jsonb_each(actuelles) AS a
        WHERE NOT coalesce(
            a.value = decidees -> a.key
            OR (
                jsonb_typeof(a.value) = 'number' AND jsonb_typeof(decidees -> a.key) = 'number'
                AND a.value::numeric <= (decidees -> a.key)::numeric
            ),
            false
        )
    )
$$;

CREATE VIEW suivi.lot_retenu AS
WITH tenu AS (
    SELECT
        e.mois,
        e.code_caf,
        c.libelle,
        e.run_id,
        e.rendu_le,
        coalesce((
            SELECT jsonb_object_agg(v.regle, v.nombre)
            FROM dq.verdict AS v
            WHERE
                v.mois = e.mois AND v.gate = e.gate AND v.run_id = e.run_id AND v.code_caf = e.code_caf
                AND v.regle <> 'ensemble' AND v.verdict IN ('retenu', 'non_evalue')
        ), '{}') AS regles
    FROM core.publication AS p
    INNER JOIN dq.verdict AS e ON p.mois = e.mois AND p.run_id = e.run_id
    INNER JOIN marts.caf AS c ON e.code_caf = c.code_caf
    WHERE p.depot AND e.gate = 'requete' AND e.regle = 'ensemble' AND e.verdict = 'retenu'
)

SELECT
    t.mois,
    t.code_caf,
    t.libelle,
    t.run_id,
    t.rendu_le,
    t.regles,
    EXISTS(
        SELECT FROM suivi.evenement AS x
        WHERE
            x.mois = t.mois AND x.code_caf IN (t.code_caf, 'FR')
            AND x.code_cpam IS NULL AND x.etat = 'expire'
        UNION ALL
        SELECT FROM suivi.destruction AS x
        WHERE x.mois = t.mois AND x.code_caf IN (t.code_caf, 'FR')
    ) AS detruit,
    d.id AS derniere_decision,
    CASE WHEN suivi.couvre(d.preuve -> 'regles', t.regles) THEN d.preuve ->> 'decision' END AS decision,
    CASE WHEN suivi.couvre(d.preuve -> 'regles', t.regles) THEN d.acteur END AS acteur,
    CASE WHEN suivi.couvre(d.preuve -> 'regles', t.regles) THEN d.motif END AS motif,
    CASE WHEN suivi.couvre(d.preuve -> 'regles', t.regles) THEN d.cree_le END AS decide_le
FROM tenu AS t
LEFT JOIN LATERAL (
    SELECT
        v.id,
        v.acteur,
        v.motif,
        v.preuve,
        v.cree_le
    FROM suivi.evenement AS v
    WHERE v.mois = t.mois AND v.code_caf = t.code_caf AND v.preuve ->> 'decision' IS NOT NULL
    ORDER BY v.id DESC
    LIMIT 1
) AS d ON TRUE;
COMMENT ON VIEW suivi.lot_retenu IS
'Les lots que la porte de la requête retient, et la décision qui vaut pour ce verdict ; aucune personne.';

-- Who acts on the page is the user of Airflow's session: its server, which alone knows who is logged in,
-- gives the name, never a field that somebody fills. The database cannot know it; what it knows is the
-- account, which each event keeps (session_user), and that the page is no treatment: there, a DAG's name is
-- refused.
CREATE FUNCTION suivi.refuser_emprunt(p_acteur text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT pg_has_role(session_user, 'av_etl', 'MEMBER')
        AND lower(regexp_replace(normalize(coalesce(p_acteur, ''), NFKC), '[^[:alpha:]_]', '', 'g')) IN (
            'decisions_lots', 'depots_caf', 'envoi_avis', 'marts_indicateurs', 'mesures_declarees',
            'mesures_services', 'oppositions', 'purge', 'rapports', 'reference', 'reprise_historique',
            'requete_nationale', 'retours_cpam', 'suivi_transmissions'
        ) THEN
        RAISE EXCEPTION 'ce nom est celui d''un traitement' USING ERRCODE = 'AV001';
    END IF;
END
$$;

-- Records who released or kept a held lot, and why; false when the same person said the same already. The
-- last word stands, the former ones stay in the trace. A lot kept without a reason has the gate's own.
-- p_regles is what the person saw: a decision is never taken on another verdict than the one that was read.
-- Above p_seuil people (null: never), one person proposes, another releases.
CREATE FUNCTION suivi.decider(
    p_mois text, p_code_caf text, p_decision text, p_acteur text, p_motif text, p_regles jsonb,
    p_seuil integer DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lot suivi.lot_retenu;
    raison text := btrim(coalesce(p_motif, ''));
    numero integer;
    dite text := p_decision;
BEGIN
    IF p_decision NOT IN ('libere', 'garde') OR length(btrim(coalesce(p_acteur, ''))) = 0 THEN
        RAISE EXCEPTION 'décision ou acteur inconnu' USING ERRCODE = 'AV001';
    END IF;
    PERFORM suivi.refuser_emprunt(p_acteur);
    IF p_decision = 'libere' AND length(raison) < 10 THEN
        RAISE EXCEPTION 'un lot ne se libère pas sans motif écrit' USING ERRCODE = 'AV002';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('suivi/' || p_mois || '/' || p_code_caf, 0));
    SELECT r.* INTO lot FROM suivi.lot_retenu AS r WHERE r.mois = p_mois AND r.code_caf = p_code_caf;
    IF lot.mois IS NULL THEN
        RAISE EXCEPTION 'ce lot n''est pas retenu' USING ERRCODE = 'AV003';
    END IF;
    IF lot.regles <> p_regles THEN
        RAISE EXCEPTION 'le verdict a changé' USING ERRCODE = 'AV004';
    END IF;
    IF lot.detruit THEN
        RAISE EXCEPTION 'ce lot est détruit' USING ERRCODE = 'AV005';
    END IF;
    IF raison = '' THEN
        SELECT 'qualité : ' || coalesce(string_agg(r.regle, ', ' ORDER BY r.regle), 'verdict retenu') INTO raison
        FROM jsonb_object_keys(lot.regles) AS r (regle);
    END IF;
    IF lot.decision = p_decision AND lot.acteur = btrim(p_acteur) AND lot.motif = raison THEN
        RETURN false;
    END IF;
    IF p_decision = 'libere' AND p_seuil < (
        SELECT count(*) FROM core.demandeur AS d WHERE d.mois = p_mois AND d.code_caf = p_code_caf
    ) THEN
        IF lot.decision IS DISTINCT FROM 'propose' THEN
            dite := 'propose';
        ELSIF lower(lot.acteur) = lower(btrim(p_acteur)) THEN
            RAISE EXCEPTION 'il faut une seconde personne' USING ERRCODE = 'AV006';
        END IF;
    END IF;
    SELECT coalesce(max(e.version), 0) + 1 INTO numero FROM suivi.evenement AS e
    WHERE e.mois = p_mois AND e.code_caf = p_code_caf AND e.code_cpam IS NULL AND e.etat = 'depose';
    PERFORM suivi.inscrire(
        p_mois, p_code_caf, numero, CASE dite WHEN 'libere' THEN 'prepare' ELSE 'retenu' END,
        btrim(p_acteur), raison,
        jsonb_build_object(
            'decision', dite, 'execution', lot.run_id, 'regles', lot.regles,
            'apres', lot.derniere_decision
        )
    );
    RETURN true;
END
$$;

GRANT EXECUTE ON FUNCTION suivi.decider, suivi.couvre TO av_etl, av_pilotage;
GRANT SELECT ON suivi.lot_retenu TO av_etl, av_pilotage;

-- ── Transmissions: the last word on a recipient ─────────────────────────────────────────────────────────
-- Adds an event unless the last one of this lot, recipient and kind says the same; what corrects a correction
-- names the event that it follows, so that saying the first thing again is no repetition.
CREATE FUNCTION suivi.declarer(
    p_mois text, p_code_caf text, p_version integer, p_code_cpam text, p_etat text, p_acteur text,
    p_preuve jsonb
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    genre text[] := CASE WHEN p_etat IN ('transmis', 'rien_a_transmettre')
        THEN ARRAY['transmis', 'rien_a_transmettre'] ELSE ARRAY[p_etat] END;
    dernier suivi.evenement;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('suivi/' || p_mois || '/' || p_code_caf, 0));
    SELECT e.* INTO dernier FROM suivi.evenement AS e
    WHERE e.mois = p_mois AND e.code_caf = p_code_caf AND e.version = p_version
        AND e.code_cpam = p_code_cpam AND e.etat = ANY (genre)
    ORDER BY e.id DESC LIMIT 1;
    IF dernier.etat = p_etat AND dernier.preuve - 'apres' = p_preuve THEN
        RETURN false;
    END IF;
    IF dernier.id IS NOT NULL THEN
        p_preuve := p_preuve || jsonb_build_object('apres', dernier.id);
    END IF;
    RETURN suivi.inscrire(
        p_mois, p_code_caf, p_version, p_etat, p_acteur, NULL, p_preuve, p_code_cpam
    ) IS NOT NULL;
END
$$;

-- A lot was sent to a recipient, from a file or from the page. aller_vers.retours.transmission says in French
-- what is refused; what is checked here again is what the ledger may never hold.
CREATE FUNCTION suivi.transmettre(
    p_mois text, p_code_caf text, p_version integer, p_code_cpam text, p_acteur text, p_preuve jsonb
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    nombre integer := (p_preuve ->> 'lignes')::integer;
    reference text := coalesce(p_preuve ->> 'reference', '');
BEGIN
    IF p_code_cpam IS NULL OR p_acteur IS NULL OR nombre IS NULL OR nombre < 0
        OR coalesce(p_preuve ->> 'portail', '') NOT IN ('bluefiles', 'peps', 'interne') OR length(reference) > 80
        OR p_preuve - '{date_transmission,portail,lignes,reference,jours_ouvres,dans_les_delais}'::text[] <> '{}'
        OR coalesce((p_preuve ->> 'date_transmission')::date, 'infinity') > (suivi.maintenant() AT TIME ZONE 'Europe/Paris')::date
        OR NOT EXISTS (
            SELECT FROM suivi.evenement AS e
            WHERE e.mois = p_mois AND e.code_caf = p_code_caf AND e.version = p_version
                AND e.etat = 'depose' AND e.code_cpam IS NULL AND (e.preuve ->> 'lignes')::integer >= nombre
        ) THEN
        RAISE EXCEPTION 'La transmission ne correspond à aucun lot déposé, ou sa preuve est incomplète.'
            USING ERRCODE = 'check_violation';
    END IF;
    PERFORM suivi.refuser_emprunt(p_acteur);
    IF suivi.soupcon_personnel(reference) IS NOT NULL THEN
        RAISE EXCEPTION 'La référence ressemble à une donnée personnelle : elle n''est pas inscrite.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN suivi.declarer(
        p_mois, p_code_caf, p_version, p_code_cpam,
        CASE WHEN nombre = 0 THEN 'rien_a_transmettre' ELSE 'transmis' END, p_acteur, p_preuve
    );
END
$$;

GRANT EXECUTE ON FUNCTION suivi.declarer TO av_etl;
GRANT EXECUTE ON FUNCTION suivi.transmettre TO av_etl, av_pilotage;

-- What the ledger says last, found by the number of its event: the groups are counted on an index, and only
-- what is asked for is read from the events themselves.
CREATE VIEW suivi.parole AS
WITH version AS (
    SELECT
        e.mois,
        e.code_caf,
        e.version,
        max(e.id) FILTER (WHERE e.etat <> 'expire') AS id,
        min(e.cree_le) FILTER (WHERE e.etat = 'depose') AS depose_le,
        bool_or(e.etat = 'expire') AS expire
    FROM suivi.evenement AS e
    WHERE e.code_cpam IS NULL AND e.etat IN ('depose', 'retenu', 'expire')
    GROUP BY e.mois, e.code_caf, e.version
),

derniere AS (
    SELECT DISTINCT ON (v.mois, v.code_caf)
        v.mois,
        v.code_caf,
        v.version,
        v.id,
        v.depose_le,
        v.expire
    FROM version AS v
    WHERE v.id IS NOT NULL
    ORDER BY v.mois ASC, v.code_caf ASC, v.id DESC
)

SELECT
    d.mois,
    d.code_caf,
    d.version,
    e.etat,
    (e.preuve ->> 'lignes')::integer AS lignes,
    (d.depose_le AT TIME ZONE 'Europe/Paris')::date AS depose_le,
    (e.cree_le AT TIME ZONE 'Europe/Paris')::date AS le,
    d.expire
FROM derniere AS d
INNER JOIN suivi.evenement AS e ON d.id = e.id;
COMMENT ON VIEW suivi.parole IS
'Un lot : la version qui fait foi, déposée ou retenue ; son premier dépôt, et si elle est détruite.';

CREATE VIEW suivi.copie AS
SELECT
    e.mois,
    e.code_caf,
    e.version,
    e.code_cpam,
    max(e.id) FILTER (WHERE e.etat IN ('transmis', 'rien_a_transmettre', 'retenu')) AS envoi,
    max(e.id) FILTER (WHERE e.etat = 'traite') AS traitement,
    max(e.id) FILTER (WHERE e.etat = 'detruit') AS destruction
FROM suivi.evenement AS e
WHERE e.code_cpam IS NOT NULL
GROUP BY e.mois, e.code_caf, e.version, e.code_cpam;
COMMENT ON VIEW suivi.copie IS
'Une version et une Cpam : les numéros des derniers événements de l''envoi, de la fin du traitement et de la '
'destruction (vide : la trace n''en dit rien).';

-- Most months are destroyed: whoever looks for what a lot still awaits reads the others alone.
CREATE VIEW suivi.mois_ouvert AS
-- Month by month on the index: there are as many chains as lots.
WITH RECURSIVE connus AS (
    SELECT min(c.mois) AS mois
    FROM suivi.chaine AS c
    UNION ALL
    SELECT (SELECT min(c.mois) FROM suivi.chaine AS c WHERE c.mois > k.mois) AS mois
    FROM connus AS k
    WHERE k.mois IS NOT NULL
)

SELECT k.mois
FROM connus AS k
WHERE
    k.mois IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM suivi.evenement AS x
        WHERE x.mois = k.mois AND x.code_caf = 'FR' AND x.code_cpam IS NULL AND x.etat = 'expire'
    );
COMMENT ON VIEW suivi.mois_ouvert IS 'Un mois dont la destruction n''est pas certifiée.';

-- Who is to receive what: each Cpam with a convention on the day of the drop, for the lot that stands, and
-- the last word of the ledger on it. A lot that is held, or that has nobody, awaits nothing.
CREATE VIEW suivi.destinataire AS
-- One row a Caf: the planner takes the lots for one, and would try every convention for each.
WITH accord AS MATERIALIZED (
    SELECT
        k.code_caf,
        array_agg(k.code_cpam) AS codes,
        array_agg(m.nom) AS noms,
        array_agg(k.date_debut) AS debuts,
        array_agg(k.date_fin) AS fins
    FROM marts.convention AS k
    INNER JOIN marts.cpam AS m ON k.code_cpam = m.code_cpam
    GROUP BY k.code_caf
)

SELECT
    l.mois,
    l.code_caf,
    l.version,
    k.code_cpam,
    k.nom AS nom_cpam,
    l.lignes,
    l.depose_le,
    e.etat,
    e.preuve,
    l.expire,
    coalesce(e.etat = 'transmis' AND c.destruction IS NOT NULL, FALSE) AS certifie
FROM suivi.parole AS l
INNER JOIN accord AS a ON l.code_caf = a.code_caf
CROSS JOIN
    LATERAL (
        SELECT DISTINCT
            u.code_cpam,
            u.nom
        FROM unnest(a.codes, a.noms, a.debuts, a.fins) AS u (code_cpam, nom, debut, fin)
        WHERE u.debut <= l.depose_le AND (u.fin IS NULL OR u.fin >= l.depose_le)
    ) AS k
-- Copy by copy, as below: most readers want the few that wait, and the planner takes a group for one row.
LEFT JOIN
    LATERAL (
        SELECT
            c.envoi,
            c.destruction
        FROM suivi.copie AS c
        WHERE
            c.mois = l.mois AND c.code_caf = l.code_caf AND c.version = l.version
            AND c.code_cpam = k.code_cpam
        ORDER BY c.envoi
        LIMIT 1
    ) AS c
    ON TRUE
LEFT JOIN suivi.evenement AS e ON c.envoi = e.id
WHERE l.etat = 'depose' AND l.lignes > 0 AND e.etat IS DISTINCT FROM 'retenu';
COMMENT ON VIEW suivi.destinataire IS
'Un lot déposé et une Cpam : ce que la trace en dit (etat vide : aucun accusé), et si sa destruction est '
'certifiée.';

-- Nobody in it: nothing to send, to treat nor to destroy.
CREATE VIEW suivi.lot_vide AS
SELECT
    p.mois,
    p.code_caf,
    k.code_cpam
FROM suivi.parole AS p
INNER JOIN marts.convention AS k
    ON
        p.code_caf = k.code_caf AND p.le >= k.date_debut
        AND (k.date_fin IS NULL OR p.le <= k.date_fin)
WHERE p.etat = 'depose' AND p.lignes = 0
UNION
SELECT
    d.mois,
    d.code_caf,
    d.code_cpam
FROM suivi.destinataire AS d
WHERE d.etat = 'rien_a_transmettre';
COMMENT ON VIEW suivi.lot_vide IS 'Une Caf et une Cpam pour qui le lot du mois est vide.';
GRANT SELECT ON suivi.parole, suivi.copie, suivi.mois_ouvert, suivi.destinataire, suivi.lot_vide
TO av_etl, av_pilotage;

-- ── What came from the Caf: each file, each return, and what became of it ───────────────────────────────
CREATE TABLE suivi.fichier_recu (
    cle text PRIMARY KEY,
    code_caf text NOT NULL,
    nom text NOT NULL,
    issue text NOT NULL CHECK (issue IN ('pris', 'refuse', 'detruit', 'ecarte')),
    detail text NOT NULL,
    recu_le timestamptz NOT NULL,
    sujets text[] NOT NULL CHECK (cardinality(sujets) > 0),
    numero bigint GENERATED ALWAYS AS IDENTITY
);
COMMENT ON TABLE suivi.fichier_recu IS
'Un fichier déposé dans retours/ : pris, refusé, détruit ou mis de côté, et pourquoi. Aucune de ses valeurs.';
COMMENT ON COLUMN suivi.fichier_recu.sujets IS
'De quoi il parle : forme/caf/période/cpam/mesure, des codes ; % : n''importe lequel.';

CREATE VIEW suivi.retour_recu AS
WITH dernier AS (
    -- A key has one month: said here, a reader of a few months reads those alone.
    SELECT DISTINCT ON (r.mois, r.cle)
        r.forme,
        r.mois,
        r.periode,
        r.depot,
        r.code_cpam,
        r.recu_le,
        r.verdict
    FROM staging.retour AS r
    ORDER BY r.mois ASC, r.cle ASC, r.id DESC
)

SELECT
    d.depot AS code_caf,
    d.code_cpam,
    d.forme,
    d.periode,
    d.mois,
    max(d.recu_le) AS recu_le,
    CASE
        WHEN bool_or(d.verdict = 'retenu') THEN 'retenu'
        WHEN bool_or(d.verdict IS NULL) THEN 'recu'
        ELSE 'compte'
    END AS etat
FROM dernier AS d
GROUP BY d.depot, d.code_cpam, d.forme, d.periode, d.mois;
COMMENT ON VIEW suivi.retour_recu IS
'Le dernier retour reçu d''une Caf pour une Cpam, une forme et un mois : compté, retenu ou pas encore jugé.';

CREATE VIEW suivi.mois_retenu AS SELECT DISTINCT r.mois FROM staging.retour AS r WHERE r.verdict = 'retenu';
COMMENT ON VIEW suivi.mois_retenu IS 'Un mois dont un retour a été retenu.';

GRANT SELECT, INSERT, DELETE ON suivi.fichier_recu TO av_etl;
GRANT SELECT ON suivi.fichier_recu, suivi.retour_recu, suivi.mois_retenu TO av_pilotage;

-- ── What is expected of a Cpam: one return a month transmitted, one certificate a version received ──────
CREATE VIEW suivi.retour_attendu AS
SELECT
    d.mois,
    d.code_caf,
    d.version,
    d.code_cpam,
    d.nom_cpam,
    (d.preuve ->> 'date_transmission')::date AS transmis_le,
    coalesce((d.preuve ->> 'dans_les_delais')::boolean, FALSE) AS transmis_a_temps,
    (
        SELECT (min(r.recu_le) AT TIME ZONE 'Europe/Paris')::date FROM staging.retour AS r
        WHERE
            r.forme = 'mensuel' AND r.verdict IN ('conforme', 'avertissement')
            AND r.mois = d.mois AND r.code_caf = d.code_caf AND r.code_cpam = d.code_cpam
    ) AS recu_le
FROM suivi.destinataire AS d
WHERE d.etat = 'transmis';
COMMENT ON VIEW suivi.retour_attendu IS
'Un lot transmis à une Cpam : son retour mensuel, attendu, et quand il est arrivé (vide : pas encore).';

-- Most months are complete: whoever looks for what is missing reads the others alone, lot by lot.
CREATE VIEW suivi.mois_incomplet AS
SELECT DISTINCT e.mois
FROM suivi.evenement AS e
WHERE
    -- A copy has its Cpam: said here, the index of copies is enough.
    e.etat = 'transmis' AND e.code_cpam IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM staging.retour AS r
        WHERE
            r.mois = e.mois AND r.code_caf = e.code_caf AND r.code_cpam = e.code_cpam
            AND r.forme = 'mensuel' AND r.verdict IN ('conforme', 'avertissement')
    );
COMMENT ON VIEW suivi.mois_incomplet IS 'Un mois dont un lot transmis n''a pas de retour qui compte.';

CREATE VIEW suivi.mois_a_certifier AS
SELECT DISTINCT e.mois
FROM suivi.evenement AS e
WHERE
    e.etat = 'transmis' AND e.code_cpam IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM suivi.evenement AS d
        WHERE
            d.mois = e.mois AND d.code_caf = e.code_caf AND d.code_cpam = e.code_cpam
            AND d.version = e.version AND d.etat = 'detruit' AND d.code_cpam IS NOT NULL
    );
COMMENT ON VIEW suivi.mois_a_certifier IS 'Un mois dont une Cpam n''a pas certifié toute destruction.';

-- A version that was sent and that no longer stands, replaced or held since, is to be destroyed from that
-- day. If it stands again, it is as any other.
CREATE VIEW suivi.certificat_attendu AS
WITH place AS (
    SELECT
        c.mois,
        c.code_caf,
        c.version,
        c.code_cpam,
        (e.preuve ->> 'date_transmission')::date AS transmis_le,
        coalesce((e.preuve ->> 'dans_les_delais')::boolean, FALSE) AS transmis_a_temps,
        (t.preuve ->> 'date_fin_traitement')::date AS date_fin_traitement,
        (d.preuve ->> 'date_destruction')::date AS date_destruction,
        c.destruction IS NOT NULL AS certifie,
        p.le,
        CASE
            WHEN p.etat = 'retenu' THEN 'retenue'
            WHEN p.version > c.version THEN 'remplacee'
            ELSE 'en_place'
        END AS place
    FROM suivi.copie AS c
    INNER JOIN suivi.evenement AS e ON c.envoi = e.id
    CROSS JOIN
        LATERAL (
            SELECT
                v.version,
                v.etat,
                (v.cree_le AT TIME ZONE 'Europe/Paris')::date AS le
            FROM suivi.evenement AS v
            WHERE
                v.mois = c.mois
                AND v.code_caf = c.code_caf
                AND v.code_cpam IS NULL
                AND v.etat IN ('depose', 'retenu')
            ORDER BY v.id DESC
            LIMIT 1
        ) AS p
    LEFT JOIN suivi.evenement AS t ON c.traitement = t.id
    LEFT JOIN suivi.evenement AS d ON c.destruction = d.id
    WHERE e.etat = 'transmis'
)

SELECT
    p.mois,
    p.code_caf,
    p.version,
    p.code_cpam,
    p.transmis_le,
    p.transmis_a_temps,
    p.date_fin_traitement,
    p.date_destruction,
    p.certifie,
    p.place,
    CASE WHEN p.place <> 'en_place' THEN greatest(p.le, p.transmis_le) END AS depuis
FROM place AS p;
COMMENT ON VIEW suivi.certificat_attendu IS
'Une version transmise à une Cpam : elle la détruit après son traitement, ou dès qu''elle est remplacée ou '
'retenue (depuis), et certifie qu''elle l''a fait.';
GRANT SELECT ON suivi.retour_attendu, suivi.mois_incomplet, suivi.mois_a_certifier, suivi.certificat_attendu
TO av_etl, av_pilotage;
