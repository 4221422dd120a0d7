"""A text for people is read in a narrow window: no line is long, no item nor address is broken."""

from __future__ import annotations

from aller_vers.socle.gabarits import fill_lignes

ADRESSE = "/srv/partage/831/2025-06/v1/" + "PA_831_202506_v1_" * 4 + ".xlsx"
TEXTE = f"""À FAIRE AVANT LE 04/07/2025
1. Envoyez le fichier par le portail BlueFiles ou PEPS, et par aucun autre moyen, à la Cpam qui est nommée au-dessus de
   cette ligne.
2. Déposez-le dans :
  - {ADRESSE}

RETOUR_...    un mois : l'entonnoir de la campagne, la fin du traitement, la date de destruction que la Cpam donne,
              puis rien d'autre ;
MESURES_...   les chiffres qu'aucun système ne produit ; ils disent ce que la Caf a fait de son mois et n'ont rien d'autre.
Pourquoi : lutter contre le non-recours et vous informer de vos droits, à l'exclusion de tout contrôle de votre dossier.
À qui : aux agents habilités.
"""


def test_long_lines_are_filled_again_each_under_its_mark() -> None:
    lignes = fill_lignes(TEXTE).split("\n")
    assert [ligne for ligne in lignes if len(ligne) > 78] == [f"  - {ADRESSE}"]
    assert lignes[1:4] == [
        "1. Envoyez le fichier par le portail BlueFiles ou PEPS, et par aucun autre",
        "   moyen, à la Cpam qui est nommée au-dessus de cette ligne.",
        "2. Déposez-le dans :",
    ]
    assert [ligne[:18] for ligne in lignes[6:10]] == [
        "RETOUR_...    un m", "              date", "MESURES_...   les ", "              Caf ",
    ]  # fmt: skip
    assert lignes[-2:] == ["À qui : aux agents habilités.", ""]
    assert fill_lignes("\n".join(lignes)) == "\n".join(lignes)


def test_a_word_with_a_hyphen_stays_whole_and_no_line_begins_with_a_colon() -> None:
    assert fill_lignes(f"{'a' * 70} non-recours") == f"{'a' * 70}\nnon-recours"
    assert fill_lignes(f"{'a' * 73} mots : un") == f"{'a' * 73}\nmots : un"
