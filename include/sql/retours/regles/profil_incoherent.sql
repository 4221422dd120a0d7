-- code: profil_incoherent
-- libelle: Profil plus grand que les rendez-vous honorés du semestre
-- protege: Les parts des profils
-- source: contrat des retours
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

r.forme = 'profil' AND r.personnes > r.rdv_du_semestre
