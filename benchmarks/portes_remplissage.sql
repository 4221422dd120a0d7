-- People as the cleaned month holds them: 30 % without a usable e-mail, 29 % without a usable telephone.
INSERT INTO staging.demandeur
WITH lieux AS (
    SELECT code_caf, code_postal, row_number() OVER (ORDER BY code_postal, code_caf) - 1 AS rang
    FROM marts.territoire
)
SELECT
    :mois,
    n,
    (CASE WHEN n % 10 = 0 THEN 0 ELSE extract(month FROM CAST(:debut AS date))::bigint END * 100000000 + 200000000000000 + n)::text,
    l.code_caf,
    CASE WHEN n % 3 = 0 THEN '831' ELSE l.code_caf END,
    (n % 4 <> 0)::int::text,
    (n % 4 = 0)::int::text,
    '0',
    (CAST(:debut AS date) + n % 28)::text,
    (CAST(:debut AS date) + n % 28)::text,
    CASE n % 50 WHEN 1 THEN NULL ELSE CASE WHEN n % 100 < 15 THEN NULL WHEN n % 100 < 30 THEN 'néant' ELSE 'personne' || n || '@example.org' END END,
    CASE n % 50 WHEN 1 THEN NULL ELSE CASE WHEN n % 97 < 14 THEN NULL WHEN n % 97 < 28 THEN '0000000000' ELSE '01990' || lpad((n % 100000)::text, 5, '0') END END,
    CASE n % 50 WHEN 1 THEN NULL ELSE l.code_postal END,
    (n % 50 = 1)::int::text,
    '0',
    CASE WHEN n % 50 <> 1 AND n % 100 >= 30 THEN 'personne' || n || '@example.org' END,
    CASE WHEN n % 50 <> 1 AND n % 97 >= 28 THEN '01 99 00 ' || lpad((n % 10000)::text, 4, '0') END,
    CASE WHEN n % 50 <> 1 THEN l.code_postal END,
    CASE WHEN n % 100 < 15 THEN '{courriel_absent}' WHEN n % 100 < 30 THEN '{courriel_illisible}' ELSE '{}' END::text[]
FROM generate_series(1, CAST(:lignes AS integer)) AS g (n)
INNER JOIN lieux AS l ON g.n % (SELECT count(*) FROM lieux) = l.rang
