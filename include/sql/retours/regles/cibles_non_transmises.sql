-- code: cibles_non_transmises
-- libelle: Plus de cibles que de personnes transmises
-- protege: Le lien entre une campagne et le lot qui l'a permise
-- source: trace : lignes de l'accusé de transmission
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

r.forme = 'mensuel' AND r.cibles > r.transmis
