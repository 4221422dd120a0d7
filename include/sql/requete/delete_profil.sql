-- purpose: make room for this run's profile of the month; what was counted of destroyed persons stays
-- grain: the month and run
-- inputs: dq.profil_requete
-- parameters: :mois, :run_id, :detruites (array: Caf whose persons are destroyed)

DELETE FROM dq.profil_requete
WHERE mois = :mois AND run_id = :run_id AND NOT code_caf = any(CAST(:detruites AS text[]))
