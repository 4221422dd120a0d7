"""Every line of the suites of the request and of the lots is seen to fail, alone, for its Caf alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pandas as pd
import pytest

from aller_vers.lots.relecture import Releve
from aller_vers.qualite.porte import EFFECTIFS, judge
from aller_vers.qualite.rarete import (
    compute_forme,
    compute_rarete_exces,
    compute_rarete_manque,
    compute_rarete_part,
)
from aller_vers.qualite.suites import ABSENCE, EXCES, Attente, Suite, load_suite
from aller_vers.qualite.verdicts import Jugement
from aller_vers.requete.profil import list_colonnes

SUITES = {nom: load_suite(nom) for nom in ("requete_nationale", "depots_caf")}
DECISION = {"critical": "retenu", "warning": "avertissement", "info": "conforme"}
# A threshold on the same figure that is crossed before this one; a Caf without anybody also has few.
AVANT = {
    "volume_aberrant": {"volume_eleve"},
    "volume_effondre": {"volume_faible"},
    "caf_absente": {"volume_faible"},
    "volume_national_aberrant": {"volume_national_eleve"},
    "volume_national_effondre": {"volume_national_faible"},
}


def make_profil(nom: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give three Caf and a nation in which nothing is wrong."""
    lots = asdict(Releve())
    colonnes = list_colonnes() if nom == "requete_nationale" else (set(lots), {*lots, "caf", "sans_raison"})
    bonnes = {
        "lignes": 300, "lignes_attendues": 300.0, "lignes_passees": 3600.0, "caf_comparees": 101,
        "mois_historique": 12, "caf": 3, "lots": 1,
    }  # fmt: skip
    caf, nation = ({c: bonnes.get(c, 0) for c in sorted(noms)} for noms in colonnes)
    codes = ("051", "591", "831")
    return (
        pd.DataFrame([{"code_caf": code, **caf} for code in codes]),
        pd.DataFrame([{"code_caf": "nation", **nation}]),
    )


def find_limite(attente: Attente, profil: pd.Series) -> tuple[dict[str, float], dict[str, float]]:
    """Return what the line still lets pass, and the very next value, which it does not."""
    if "min_value" in attente.parametres:
        seuil = attente.parametres["min_value"]
        # Where hardly anybody was expected: the volume's own lines have nothing to say.
        reste = {"lignes_attendues": 0.5} if attente.colonne == "lignes" else {}
        return {attente.colonne: seuil} | reste, {attente.colonne: seuil - 1} | reste
    seuil = attente.parametres["max_value"]
    if attente.lue == attente.colonne:
        return {attente.colonne: seuil}, {attente.colonne: seuil + (1 if seuil == 0 else 1e-6)}
    valeurs = list(walk(attente, profil))
    rang = next(i for i, (_, rarete) in enumerate(valeurs) if rarete > seuil)
    return valeurs[rang - 1][0], valeurs[rang][0]


def walk(attente: Attente, profil: pd.Series) -> Iterator[tuple[dict[str, float], float]]:
    """Give ever rarer values, with their rarity."""
    if attente.part_normale is not None:
        effectif = int(profil[EFFECTIFS.get(attente.lue, "lignes")])
        for n in range(effectif + 1):
            yield {attente.lue: n}, compute_rarete_part(n, effectif, attente.part_normale)
        return
    assert attente.dispersion is not None
    forme = compute_forme(int(profil["lignes_passees"]), attente.dispersion)
    attendu = float(profil["lignes_attendues"])
    if attente.colonne.startswith(ABSENCE):
        for n in range(1, int(attendu)):
            yield {"lignes": 0, "lignes_attendues": float(n)}, compute_rarete_manque(0, n, forme)
    elif attente.colonne.startswith(EXCES):
        for n in range(int(attendu), 9999):
            yield {"lignes": n}, compute_rarete_exces(n, attendu, forme)
    else:
        for n in range(int(attendu), -1, -1):
            yield {"lignes": n}, compute_rarete_manque(n, attendu, forme)


def spread(attentes: tuple[Attente, ...], modele: pd.Series) -> pd.DataFrame:
    """Give, line by line, a row at its threshold (``<rule> avant``) and one just beyond (``<rule> apres``)."""
    rangees = []
    for attente in attentes:
        for moment, valeurs in zip(("avant", "apres"), find_limite(attente, modele), strict=True):
            rangees.append({**modele.to_dict(), **valeurs, "code_caf": f"{attente.regle} {moment}"})
    temoins = ["sans défaut 1", "sans défaut 2"]
    rangees += [{**modele.to_dict(), "code_caf": temoin} for temoin in temoins]
    return pd.DataFrame(rangees)


@pytest.fixture(
    scope="module", params=[(nom, portee) for nom in SUITES for portee in ("caf", "nation")], ids="-".join
)
def ensemble(request: pytest.FixtureRequest) -> tuple[tuple[Attente, ...], Jugement]:
    """Judge every line of a scope at once: each row is another Caf, so that who is named for what is seen."""
    nom, portee = request.param
    attentes = getattr(SUITES[nom], portee)
    caf, nation = make_profil(nom)
    profil = spread(attentes, (caf if portee == "caf" else nation).loc[0])
    suite = Suite(gate=nom, caf=attentes, nation=())
    return attentes, judge(suite, profil, nation)


def test_every_line_fails_just_beyond_its_threshold_for_its_caf_and_no_other(
    ensemble: tuple[tuple[Attente, ...], Jugement],
) -> None:
    attentes, jugement = ensemble
    assert attentes
    vus: dict[str, set[str]] = {code: set() for code in jugement.par_caf}
    for m in jugement.manquements:
        assert m.evaluee
        assert m.code_caf is not None
        vus[m.code_caf].add(m.regle)
    attendus: dict[str, set[str]] = {"sans défaut 1": set(), "sans défaut 2": set()}
    for a in attentes:
        attendus[f"{a.regle} avant"] = AVANT.get(a.regle, set())
        attendus[f"{a.regle} apres"] = {a.regle} | AVANT.get(a.regle, set())
    assert vus == attendus
    rang = ("conforme", "avertissement", "retenu")
    severites = {a.regle: DECISION[a.severite] for a in attentes}
    assert jugement.par_caf == {
        code: max((severites[regle] for regle in regles), key=rang.index, default="conforme")
        for code, regles in attendus.items()
    }
    assert jugement.nation == "conforme"
