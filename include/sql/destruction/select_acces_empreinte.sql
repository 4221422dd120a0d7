-- purpose: what is kept of one person by a keyed hash: an objection, months of transmission
-- grain: one row
-- inputs: suivi.opposition, suivi.memoire_transmission
-- parameters: :empreinte

SELECT
    (SELECT o.recue_le FROM suivi.opposition AS o WHERE o.empreinte = :empreinte) AS opposition_recue_le,
    array(
        SELECT m.mois FROM suivi.memoire_transmission AS m
        WHERE m.empreinte = :empreinte
        ORDER BY m.mois
    ) AS mois_transmis
