-- purpose: the revision of the warehouse
-- grain: one row
-- inputs: public.aller_vers_version
-- parameters: none

SELECT v.version_num AS revision
FROM public.aller_vers_version AS v;
