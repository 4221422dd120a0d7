"""Canary persons in what a Caf puts into its folder: refused or destroyed, and repeated nowhere."""

from __future__ import annotations

import io
import logging
import zipfile

import pytest
import xlsxwriter
from fichiers_recus import make_xlsx
from registre import MENSUEL, Registre

from canaris import ADRESSE, NUMERO, NUMERO_NET, find_traces, keep_resultats, read_tables

PROFIL = "code_cpam;semestre;dimension;modalite;personnes\n"
TROP_JOINTES = "831;831;2025-06;31/07/2025;111;79;79;80;;18;15;;"
TITRES = ["code_cpam", "code_caf", "mois", "cibles"]


def make_daté(valeur: int) -> bytes:
    """Return a workbook in which this number is shown as a date, far out of every calendar."""
    tampon = io.BytesIO()
    with xlsxwriter.Workbook(tampon) as classeur:
        feuille = classeur.add_worksheet()
        feuille.write_row(0, 0, TITRES)
        feuille.write_row(1, 0, ["831", "831", "2025-06"])
        feuille.write_number(1, 3, valeur, classeur.add_format({"num_format": "dd/mm/yyyy"}))
    return tampon.getvalue()


FICHIERS: dict[str, bytes | str] = {
    "cellule.csv": f"{MENSUEL}831;831;2025-06;;{ADRESSE};;;;;;;;\n",
    "date.csv": f"{MENSUEL}831;831;2025-06;{NUMERO};1;;;;;;;;\n",
    "titre.csv": f"code_cpam;code_caf;mois;cibles;{ADRESSE}\n831;831;2025-06;1;1\n",
    "modalite.csv": f"{PROFIL}831;2025-S1;sexe;{NUMERO_NET};4\n",
    "dimension.csv": f"{PROFIL}831;2025-S1;{ADRESSE};femmes;4\n",
    "cassé.csv": f'{MENSUEL}"{ADRESSE}',
    "nombre.xlsx": make_xlsx([TITRES, ["831", "831", "2025-06", int(NUMERO)]]),
    "daté.xlsx": make_daté(int(NUMERO)),
    "texte.xlsx": make_xlsx([TITRES, ["831", "831", "2025-06", f"voir {ADRESSE}"]]),
    "pas_un_classeur.xlsx": ADRESSE.encode(),
    f"{ADRESSE}.csv": f"{MENSUEL}831;831;2025-06;;{NUMERO_NET};;;;;;;;\n",
    f"retour {NUMERO}.csv": f"{MENSUEL}{TROP_JOINTES}\n",
}


def read_partage(registre: Registre) -> str:
    """Return names and contents of the whole share, workbooks opened."""
    tout = []
    for fichier in registre.racine.rglob("*"):
        tout.append(str(fichier.relative_to(registre.racine)))
        if fichier.is_file():
            octets = fichier.read_bytes()
            tout.append(octets.decode("utf-8", "replace"))
            if zipfile.is_zipfile(fichier):
                with zipfile.ZipFile(fichier) as classeur:
                    tout += [classeur.read(nom).decode("utf-8", "replace") for nom in classeur.namelist()]
    return "\n".join(tout)


def test_nothing_of_a_canary_is_left_by_a_return_that_holds_it(
    registre: Registre,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    recwarn: pytest.WarningsRecorder,
) -> None:
    resultats = keep_resultats(monkeypatch)
    registre.drop(lignes=120)
    registre.acknowledge(lignes=120)
    for nom, contenu in FICHIERS.items():
        registre.put(nom, contenu)
    assert find_traces(read_partage(registre)) != []
    caplog.set_level(logging.DEBUG)
    bilan = registre.collect_retours()
    assert (bilan.pris, bilan.bloques) == (1, ())
    assert bilan.refuses == 0, registre.motifs()
    assert bilan.detruits == len(FICHIERS) - 1
    decisions = registre.judge()
    publication = registre.publish()
    assert set(decisions.values()) == {"retenu"}
    assert '"success": false' in "".join(resultats)
    with registre.open("proprietaire") as entrepot:
        tables = read_tables(entrepot, "staging", "core", "dq", "suivi", "marts", "diffusion")
    contenus = {
        "share": read_partage(registre),
        "returned": f"{bilan} {decisions} {publication} {registre.notes}",
        "results": "".join(resultats),
        "tables and notices": tables,
        "logs": caplog.text + "".join(capfd.readouterr()),
        "warnings": "".join(str(w.message) for w in recwarn),
    }
    assert {nom: trouves for nom, contenu in contenus.items() if (trouves := find_traces(contenu))} == {}
