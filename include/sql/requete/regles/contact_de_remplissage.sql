-- code: contact_de_remplissage
-- libelle: Contact de remplissage (0102030405, « aucun ») à la place de celui de la personne
-- protege: La Cpam joint la personne, et non une saisie faite pour passer un formulaire
-- source: formes vues dans les saisies de formulaires ; un numéro vrai peut se répéter, d'où un avertissement
-- bloquante: non
-- purpose: one predicate over staging.demandeur d, true for a row that breaks the rule

coalesce(
    d.courriel_net ~ (
        '^((tests?|essais?|aucune?|sans|non|rien|neant|null?|none|vide|pas|no|nsp|inconnue?|azerty|toto|xx+|aaa+|0+|na|nc|nr|abc)'
        '([._-]?(de|d)?[._-]?(e?-?mail|mel|courriel|adresse|renseignee?|communiquee?))?[0-9]*'
        '|no-?reply|ne-?pas-?repondre)@'
    )
    -- « x@x.fr »
    OR (strpos(d.courriel_net, '@') <= 4 AND d.courriel_net ~ '^([a-z]{1,3})@\1\.'),
    FALSE
)
OR coalesce(
    replace(d.telephone_net, ' ', '') ~ '^0([1-9]01020304|102030405|[1-9]12345678|123456789|987654321|504030201)$'
    -- « 06 12 12 12 12 »
    OR (
        d.telephone_net LIKE '0_ __ __ __ __'
        AND right(d.telephone_net, 12) = repeat(right(d.telephone_net, 3), 4)
    ),
    FALSE
)
