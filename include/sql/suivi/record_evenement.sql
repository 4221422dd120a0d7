-- purpose: add an event to the ledger
-- grain: one event; NULL when it was there already
-- inputs: suivi.inscrire
-- parameters: :mois, :code_caf, :version, :etat, :acteur, :motif, :preuve (JSON text), :code_cpam

SELECT suivi.inscrire(
    :mois, :code_caf, CAST(:version AS integer), :etat, :acteur,
    CAST(:motif AS text), CAST(:preuve AS jsonb), CAST(:code_cpam AS text)
) AS id
