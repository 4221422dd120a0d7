-- code: prestation_inconnue
-- libelle: Aucune demande d'AJPA ni d'AJPP
-- protege: Seuls les demandeurs d'AJPA et d'AJPP sont transmis
-- source: IT 2025-098 §2.1 : demandeurs des prestations AJPP et AJPA
-- bloquante: oui
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

coalesce(d.demandes_ajpa, '0') = '0' AND coalesce(d.demandes_ajpp, '0') = '0'
OR coalesce(d.demandes_autres, '0') <> '0'
