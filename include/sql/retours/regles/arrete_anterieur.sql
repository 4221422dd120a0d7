-- code: arrete_anterieur
-- libelle: Retour arrêté avant celui qu'il remplace
-- protege: Une correction ne remet pas de vieux chiffres à la place des nouveaux
-- source: contrat des retours : une correction remplace le retour de sa clé
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

r.date_arrete < r.arrete_precedent
