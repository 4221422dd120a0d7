-- purpose: open an alert, or say again what it is
-- grain: one (subject, month, Caf, rule)
-- inputs: none
-- parameters: :sujet, :mois, :code_caf, :regle, :gravite, :nombre, :depuis, :jour

INSERT INTO suivi.alerte (sujet, mois, code_caf, regle, gravite, nombre, depuis, dite_le)
VALUES (:sujet, :mois, :code_caf, :regle, :gravite, :nombre, :depuis, :jour)
ON CONFLICT (sujet, mois, code_caf, regle) DO UPDATE
    SET
        gravite = excluded.gravite,
        nombre = excluded.nombre,
        depuis = excluded.depuis,
        dite_le = excluded.dite_le
