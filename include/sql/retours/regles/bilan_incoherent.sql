-- code: bilan_incoherent
-- libelle: Bilan de semestre plus grand que ses rendez-vous honorés
-- protege: Les taux du bilan : chacun se rapporte aux rendez-vous honorés
-- source: contrat des retours ; bilan des Flandres (IT 2025-098 §1.2)
-- bloquante: non
-- purpose: one predicate over the returns to judge r, true for a row that breaks the rule

r.forme = 'semestriel'
AND greatest(
    (r.contenu ->> 'accompagnements_misas')::integer,
    (r.contenu ->> 'orientations_service_social')::integer,
    (r.contenu ->> 'precarite')::integer,
    (r.contenu ->> 'sans_complementaire')::integer,
    (r.contenu ->> 'sante_mentale')::integer
) > r.rdv_honores
