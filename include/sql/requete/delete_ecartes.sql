-- purpose: make room for the month's counts of people not transmitted; those of destroyed persons stay
-- grain: the month
-- inputs: core.ecarte
-- parameters: :mois, :detruites (array: Caf whose persons are destroyed)

DELETE FROM core.ecarte WHERE mois = :mois AND NOT code_caf = any(CAST(:detruites AS text[]))
