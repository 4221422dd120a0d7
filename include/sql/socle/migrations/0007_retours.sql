-- purpose: what comes back: acknowledgements into the ledger; returns of the Cpam, their history, their gate
-- grain: one statement block an object
-- inputs: the house (0001)
-- parameters: none

-- ── ledger: the last word on a recipient ────────────────────────────────────────────────────────────────
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
GRANT EXECUTE ON FUNCTION suivi.declarer TO av_etl;

-- A lot was sent to a recipient, from a file or from the page. aller_vers.retours.transmission says in French
-- what
-- is refused; what is checked here again is what the ledger may never hold.
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
    IF reference ~ '[^[:space:]@]+@[^[:space:]@]+'
        OR translate(reference, E' ./_-()\t\u00a0\u202f\u2011', '')
        ~* '(^|[^0-9])(0[1-9][0-9]{8}|[1-478][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])([0-9]{2}|2[ab])[0-9]{6}([0-9]{2})?)([^0-9]|$)'
    THEN
        RAISE EXCEPTION 'La référence ressemble à une donnée personnelle : elle n''est pas inscrite.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN suivi.declarer(
        p_mois, p_code_caf, p_version, p_code_cpam,
        CASE WHEN nombre = 0 THEN 'rien_a_transmettre' ELSE 'transmis' END, p_acteur, p_preuve
    );
END
$$;
GRANT EXECUTE ON FUNCTION suivi.transmettre TO av_etl, av_pilotage;

-- Who is to receive what: each Cpam with a convention on the day of the drop, for the lot that stands, and
-- the ledger's last word on it. A lot that is held, or that has nobody, awaits nothing.
CREATE VIEW suivi.destinataire AS
WITH parole AS (
    SELECT DISTINCT ON (e.mois, e.code_caf)
        e.mois,
        e.code_caf,
        e.version,
        e.etat,
        (e.preuve ->> 'lignes')::integer AS lignes
    FROM suivi.evenement AS e
    WHERE e.code_cpam IS NULL AND e.etat IN ('depose', 'retenu')
    ORDER BY e.mois ASC, e.code_caf ASC, e.id DESC
),

lot AS (
    SELECT
        p.mois,
        p.code_caf,
        p.version,
        p.lignes,
        (min(e.cree_le) AT TIME ZONE 'Europe/Paris')::date AS depose_le
    FROM parole AS p
    INNER JOIN suivi.evenement AS e
        ON
            p.mois = e.mois AND p.code_caf = e.code_caf AND p.version = e.version
            AND e.etat = 'depose' AND e.code_cpam IS NULL
    WHERE p.etat = 'depose' AND p.lignes > 0
    GROUP BY p.mois, p.code_caf, p.version, p.lignes
),

dernier AS (
    SELECT DISTINCT ON (e.mois, e.code_caf, e.version, e.code_cpam)
        e.mois,
        e.code_caf,
        e.version,
        e.code_cpam,
        e.etat,
        e.preuve
    FROM suivi.evenement AS e
    WHERE e.code_cpam IS NOT NULL AND e.etat IN ('transmis', 'rien_a_transmettre', 'retenu')
    ORDER BY e.mois ASC, e.code_caf ASC, e.version ASC, e.code_cpam ASC, e.id DESC
)

SELECT
    l.mois,
    l.code_caf,
    l.version,
    m.code_cpam,
    m.nom AS nom_cpam,
    l.lignes,
    l.depose_le,
    d.etat,
    d.preuve,
    EXISTS(
        SELECT FROM suivi.evenement AS x
        WHERE
            x.mois = l.mois AND x.code_caf = l.code_caf AND x.version = l.version
            AND x.etat = 'expire' AND x.code_cpam IS NULL
    ) AS expire
FROM lot AS l
CROSS JOIN
    LATERAL (
        SELECT DISTINCT k.code_cpam FROM marts.convention AS k
        WHERE
            k.code_caf = l.code_caf
            AND k.date_debut <= l.depose_le AND (k.date_fin IS NULL OR k.date_fin >= l.depose_le)
    ) AS v
INNER JOIN marts.cpam AS m ON v.code_cpam = m.code_cpam
LEFT JOIN dernier AS d
    ON l.mois = d.mois AND l.code_caf = d.code_caf AND l.version = d.version AND m.code_cpam = d.code_cpam
WHERE d.etat IS DISTINCT FROM 'retenu';
COMMENT ON VIEW suivi.destinataire IS
'Un lot déposé et une Cpam : ce que le registre en dit (etat vide : aucun accusé).';

-- What a Cpam said of the end of its treatment and of its destruction: the last word on each.
CREATE VIEW suivi.destruction_cpam AS
SELECT
    t.mois,
    t.code_caf,
    t.code_cpam,
    t.date_fin_traitement,
    (t.date_fin_traitement + interval '1 month')::date AS a_detruire_avant,
    (
        SELECT (d.preuve ->> 'date_destruction')::date
        FROM suivi.evenement AS d
        WHERE d.mois = t.mois AND d.code_caf = t.code_caf AND d.code_cpam = t.code_cpam AND d.etat = 'detruit'
        ORDER BY d.id DESC LIMIT 1
    ) AS date_destruction
FROM (
    SELECT DISTINCT ON (e.mois, e.code_caf, e.code_cpam)
        e.mois,
        e.code_caf,
        e.code_cpam,
        (e.preuve ->> 'date_fin_traitement')::date AS date_fin_traitement
    FROM suivi.evenement AS e
    WHERE e.etat = 'traite' AND e.code_cpam IS NOT NULL
    ORDER BY e.mois ASC, e.code_caf ASC, e.code_cpam ASC, e.id DESC
) AS t;
COMMENT ON VIEW suivi.destruction_cpam IS
'La Cpam détruit au plus tard un mois après traitement (IT 2025-098 §2.2).';
GRANT SELECT ON suivi.destinataire, suivi.destruction_cpam TO av_etl, av_pilotage;

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

-- ── the gate of the returns: counts by Caf, Cpam, month and shape ────────────────────────────────────────
CREATE TABLE dq.profil_retours (
    mois text NOT NULL,
    run_id text NOT NULL,
    forme text NOT NULL,
    code_caf text NOT NULL,
    code_cpam text NOT NULL,
    dernier_id bigint NOT NULL,
    lignes integer NOT NULL,
    comptes jsonb NOT NULL,
    decision text CHECK (decision IN ('conforme', 'avertissement', 'retenu')),
    PRIMARY KEY (mois, run_id, forme, code_caf, code_cpam)
);
COMMENT ON TABLE dq.profil_retours IS
'Une ligne par mois, forme, Caf qui dépose et Cpam : retours à juger, et combien enfreignent chaque règle.';
GRANT SELECT, INSERT, UPDATE (decision), DELETE ON dq.profil_retours TO av_etl;
GRANT SELECT ON dq.profil_retours TO av_qualite;
