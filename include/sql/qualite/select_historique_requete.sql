-- purpose: read what the published months before this one counted: the past that a volume is compared with
-- grain: one row a Caf and month
-- inputs: dq.historique_requete
-- parameters: :mois, :debut (first month of the past, included)

SELECT
    h.mois,
    h.code_caf,
    h.lignes,
    h.comptes
FROM dq.historique_requete AS h
WHERE h.mois >= :debut AND h.mois < :mois
ORDER BY h.mois, h.code_caf
