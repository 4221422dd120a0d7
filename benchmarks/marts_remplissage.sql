-- Measures of every month of a history, at the grain and in the months at which they are read. A part (`rang`) is less
-- than its whole, the same every month; `classes` is the number of classes of a histogram.
WITH couples AS (
    SELECT c.code_caf, p.code_cpam, row_number() OVER (ORDER BY c.code_caf) AS n
    FROM (SELECT code_caf, row_number() OVER (ORDER BY code_caf) AS n FROM marts.caf) AS c
    INNER JOIN (SELECT code_cpam, row_number() OVER (ORDER BY code_cpam) AS n FROM marts.cpam) AS p ON c.n = p.n
),
unites AS (
    SELECT 'couple' AS maille, code_caf, code_cpam, n FROM couples
    UNION ALL
    SELECT 'caf', code_caf, NULL, n FROM couples
    UNION ALL
    SELECT 'cpam', NULL, code_cpam, n FROM couples
    UNION ALL
    SELECT 'national', NULL, NULL, 0
)
INSERT INTO marts.mesure (mois, code_caf, code_cpam, mesure, modalite, classe, valeur)
SELECT
    l.mois, u.code_caf, u.code_cpam, m.mesure, m.modalite, CASE WHEN m.classes > 0 THEN k.rang END,
    1 + (600 + abs(hashtext(m.mesure || u.n || k.rang)) % 30) / (1 << m.rang)
FROM jsonb_to_recordset(CAST(:mesures AS jsonb)) AS m (mesure text, modalite text, rang integer, maille text, classes integer)
INNER JOIN jsonb_to_recordset(CAST(:lectures AS jsonb)) AS l (mesure text, mois text) ON m.mesure = l.mesure
INNER JOIN unites AS u ON m.maille = u.maille
CROSS JOIN generate_series(0, greatest(m.classes - 1, 0)) AS k (rang)
