-- purpose: keep who read what on the page
-- grain: one reading
-- inputs: suivi.noter_lecture
-- parameters: :lecteur, :quoi, :fichier (null: a screen), :objet (the code that was read), :mois
--             (each of both null: all)

SELECT suivi.noter_lecture(
    :lecteur, :quoi, CAST(:fichier AS text), CAST(:objet AS text), CAST(:mois AS text)
)
