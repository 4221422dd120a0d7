-- purpose: the files of a version of a lot, as the manifest that the trace keeps names them
-- grain: one row a file, in the order of the manifest
-- inputs: suivi.manifeste
-- parameters: :mois, :code_caf, :version

WITH dernier AS (
    SELECT m.contenu::jsonb -> 'fichiers' AS fichiers
    FROM suivi.manifeste AS m
    WHERE m.mois = :mois AND m.code_caf = :code_caf AND m.version = :version
    ORDER BY m.garde_le DESC, m.empreinte ASC
    LIMIT 1
)

SELECT
    f.fichier ->> 'nom' AS nom,
    f.fichier ->> 'destinataire' AS destinataire,
    (f.fichier ->> 'lignes')::integer AS lignes
FROM dernier AS d
CROSS JOIN LATERAL jsonb_array_elements(d.fichiers) WITH ORDINALITY AS f (fichier, rang)
ORDER BY f.rang
