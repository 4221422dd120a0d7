-- purpose: publish the homogeneity of an indicator in a vintage
-- grain: one indicator of the month
-- inputs: the caller's
-- parameters: :millesime, :code, :version, :mois, :valeur_nationale, :mini, :d1, :mediane, :d9, :maxi,
--             :nb_attendues, :nb_fournies, :nb_atteint, :part_atteint, :atteinte_nationale,
--             :atteinte_homogeneite

INSERT INTO diffusion.homogeneite (
    millesime, code, version, mois, valeur_nationale, mini, d1, mediane, d9, maxi, nb_attendues, nb_fournies,
    nb_atteint, part_atteint, atteinte_nationale, atteinte_homogeneite
)
VALUES (
    :millesime, :code, :version, :mois, :valeur_nationale, :mini, :d1, :mediane, :d9, :maxi, :nb_attendues,
    :nb_fournies, :nb_atteint, :part_atteint, :atteinte_nationale, :atteinte_homogeneite
)
