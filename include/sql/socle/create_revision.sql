-- purpose: the table that holds the revision of the warehouse
-- grain: one row at most
-- inputs: none
-- parameters: none

CREATE TABLE IF NOT EXISTS public.aller_vers_version (
    version_num text PRIMARY KEY
);
