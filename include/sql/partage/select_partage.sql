-- purpose: the identity of the share of this warehouse, which the mark at its root has to repeat
-- grain: one row, or none before a share was marked
-- inputs: suivi.partage
-- parameters: none

SELECT p.identite FROM suivi.partage AS p;
