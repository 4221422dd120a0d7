-- purpose: make this the ledger's last word on what a Cpam did with a lot
-- grain: one event; false when it was already
-- inputs: suivi.declarer
-- parameters: :mois, :code_caf, :version, :code_cpam, :etat, :acteur, :preuve (JSON text)

SELECT suivi.declarer(
    :mois, :code_caf, CAST(:version AS integer), :code_cpam, :etat, :acteur, CAST(:preuve AS jsonb)
) AS ajoute
