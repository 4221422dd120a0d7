-- purpose: record that a lot was sent to a recipient
-- grain: one event; false when it is the ledger's last word already
-- inputs: suivi.transmettre
-- parameters: :mois, :code_caf, :version, :code_cpam, :acteur, :preuve (JSON text)

SELECT suivi.transmettre(
    :mois, :code_caf, CAST(:version AS integer), :code_cpam, :acteur, CAST(:preuve AS jsonb)
) AS ajoute
