"""The command line in French: what a wrong line is told, and every help page."""

from __future__ import annotations

import re

import pytest

from aller_vers.__main__ import main

AIDE = " Remède : compléter ou corriger la ligne comme le dit « usage » ; python -m aller_vers{} --help"
FAUTES = {
    "": "Il manque COMMANDE.",
    "indicateurs": "Il manque --dictionnaire, --mesures, --sortie.",
    "indicateurs --mesures m.csv --sortie s.csv": "Il manque --dictionnaire.",
    "indicateurs --dictionnaire": "Il manque la valeur de --dictionnaire.",
    "registre": "Il manque --sortie.",
    "restaurer": "Il manque description.",
    "trace exporter": "Il manque l'une de ces options : --lot --caf --mois.",
    "trace exporter --lot 831/2025-06 --caf 831": "--caf ne va pas avec --lot.",
    "run --a-blanc=3": "--a-blanc ne prend pas de valeur, et '3' lui est donné.",
}
ANGLAIS = re.compile(
    r"\b(usage:|show|help message|exit|required|expected|arguments?:|options:|invalid|choose|the)\b"
)


@pytest.mark.parametrize("ligne", FAUTES)
def test_a_wrong_line_is_told_in_french_what_is_wrong_and_what_to_do(
    ligne: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as fin:
        main(ligne.split())
    assert fin.value.code == 2
    erreur = capsys.readouterr().err
    commande = "".join(f" {mot}" for mot in re.split(r" ?--", ligne)[0].split())
    assert erreur.startswith(f"usage : python -m aller_vers{commande} [-h]")
    assert FAUTES[ligne] + AIDE.format(commande) in erreur
    assert not ANGLAIS.search(erreur)


@pytest.mark.parametrize(
    ("ligne", "dit"),
    [
        ("run --mois 2025-06 --bidon", "La commande ne connaît pas --bidon."),
        ("bidon", "COMMANDE : 'bidon' n'est pas l'un de "),
        ("indicateurs --m m.csv --s s.csv --di d --x", "La commande ne connaît pas --x."),
        ("trace exporter --lot 831/2025-06 --format pdf", "--format : 'pdf' n'est pas l'un de "),
    ],
)
def test_what_a_line_says_too_much_or_wrong_is_quoted(
    ligne: str, dit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(ligne.split())
    erreur = capsys.readouterr().err
    assert dit in erreur
    assert not ANGLAIS.search(erreur)


def test_every_help_page_is_french_and_explains_each_option(capsys: pytest.CaptureFixture[str]) -> None:
    def read_aide(*commande: str) -> str:
        with pytest.raises(SystemExit) as fin:
            main([*commande, "--help"])
        assert fin.value.code == 0
        return capsys.readouterr().out

    accueil = read_aide()
    commandes = re.findall(r"^    (\S+)", accueil, re.M)
    assert {"indicateurs", "trace", "run", "registre"} <= set(commandes)
    for commande in [(), *((c,) for c in commandes), ("trace", "verifier"), ("trace", "exporter")]:
        aide = read_aide(*commande)
        assert aide.startswith("usage : python -m aller_vers")
        assert not ANGLAIS.search(aide), commande
        # An option alone on its line is one whose explanation did not fit beside it.
        muettes = re.findall(r"^  (--?\S+)(?: [A-Z.a-z{},]+)?\n(?! {10})", aide, re.M)
        assert muettes == [], commande
