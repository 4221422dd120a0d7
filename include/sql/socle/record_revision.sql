-- purpose: the revision that the warehouse is at from now on
-- grain: one row
-- inputs: public.aller_vers_version
-- parameters: :revision, number of the last file applied, e.g. 0007

WITH avancee AS (
    UPDATE public.aller_vers_version SET version_num = :revision
    RETURNING version_num
)

INSERT INTO public.aller_vers_version (version_num)
SELECT CAST(:revision AS text)
WHERE NOT EXISTS (SELECT FROM avancee);
