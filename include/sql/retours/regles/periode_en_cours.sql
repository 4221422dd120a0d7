-- code: periode_en_cours
-- libelle: Période qui n'est pas close
-- protege: Un bilan partiel pris pour un bilan
-- source: contrat des retours : mois de référence passé, semestre clos
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

r.fin_periode > r.recu_le_jour
