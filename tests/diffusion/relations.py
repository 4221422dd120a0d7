"""What holds between measures wherever they are added up, as the headers of their SQL declare it.

``-- denombre:`` the same words: the same counts, modality by modality. ``-- somme: a + b = c``: so they add up.
``-- inclus_dans: a < b``: people or events of the first are all in the second. ``mesure.modalite`` is of another
measure; ``sexe:*`` is the sum of the modalities that begin so; ``chaque`` is each of the measure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aller_vers.mesures.comptes import read_entetes

Colonne = tuple[str, str | None]  # measure, modality
Somme = dict[Colonne, int]
Modalites = Mapping[str, Sequence[str | None]]


def list_egalites(modalites: Modalites) -> Iterator[Somme]:
    """Yield each sum that is always 0, of the measures whose modalities are given."""
    par_compte: dict[tuple[str, str | None], Colonne] = {}
    for mesure, entete in read_entetes().items():
        if mesure not in modalites:
            continue
        for modalite in modalites[mesure]:
            premiere = par_compte.setdefault((entete.get("denombre", mesure), modalite), (mesure, modalite))
            if premiere != (mesure, modalite):
                yield {premiere: 1, (mesure, modalite): -1}
        for relation in _split(entete.get("somme"), ";"):
            gauche, droite = relation.split(" = ")
            yield from _keep(subtract(_read(gauche, mesure, modalites), _read(droite, mesure, modalites)))


def list_inclusions(modalites: Modalites) -> Iterator[Somme]:
    """Yield each sum that is never above 0, of the measures whose modalities are given."""
    for mesure, entete in read_entetes().items():
        if mesure not in modalites:
            continue
        for relation in _split(entete.get("inclus_dans"), ";"):
            gauche, droite = relation.split(" < ")
            grande = _read(droite, mesure, modalites)
            petites = modalites[mesure] if gauche == "chaque" else [gauche]
            for petite in petites:
                yield from _keep(subtract(_read(str(petite), mesure, modalites), grande))


def subtract(une: Somme, autre: Somme) -> Somme:
    """Return the difference of two sums; nothing where one of their measures is not there."""
    if not une or not autre:
        return {}
    return {c: n for c in une | autre if (n := une.get(c, 0) - autre.get(c, 0))}


def _keep(somme: Somme) -> Iterator[Somme]:
    if somme:
        yield somme


def _read(texte: str, mesure: str, modalites: Modalites) -> Somme:
    somme: Somme = {}
    for nom in texte.split(" + "):
        la, _, quoi = nom.strip().rpartition(".")
        la = la or mesure
        trouvees = [
            m for m in modalites.get(la, ())
            if m == quoi or (quoi.endswith("*") and str(m or "").startswith(quoi[:-1]))
        ]  # fmt: skip
        if not trouvees:
            return {}
        somme |= dict.fromkeys([(la, m) for m in trouvees], 1)
    return somme


def _split(texte: str | None, separateur: str) -> list[str]:
    return [morceau.strip() for morceau in (texte or "").split(separateur) if morceau.strip()]
