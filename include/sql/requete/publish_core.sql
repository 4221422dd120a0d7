-- purpose: publish the month: who can be transmitted, one row a person
-- grain: one row a person of the month who has a usable e-mail or telephone and breaks no blocking rule
-- inputs: staging.demandeur (cleaned month), staging.deja_transmis, marts.caf_du, quarantaine (temporary:
--         lines that break such a rule)
-- parameters: :mois, :lignes (array of lines; null: the whole month)

INSERT INTO core.demandeur (mois, id_personne, code_caf, courriel, telephone, code_postal)
SELECT
    d.mois,
    d.id_personne,
    d.code_caf,
    d.courriel_net,
    d.telephone_net,
    d.code_postal_net
FROM staging.demandeur AS d
INNER JOIN marts.caf_du(:mois) AS c ON d.code_caf = c.code_caf
WHERE
    d.mois = :mois
    AND (CAST(:lignes AS bigint[]) IS NULL OR d.ligne = any(CAST(:lignes AS bigint[])))
    AND d.opposition_contact = '0'
    AND d.affiliation_terminee = '0'
    AND (d.courriel_net IS NOT NULL OR d.telephone_net IS NOT NULL)
    AND NOT EXISTS (
        SELECT FROM pg_temp.quarantaine AS q
        WHERE q.ligne = d.ligne
    )
    AND NOT EXISTS (
        SELECT FROM staging.deja_transmis AS t
        WHERE t.mois = d.mois AND t.ligne = d.ligne
    )
-- A lot is then read from neighbouring pages, and not from all those of the month.
ORDER BY d.code_caf
