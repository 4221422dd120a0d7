"""An attacker by bounds: everything published and everything that holds between counts, until nothing narrows.

It knows the method and not the key, and whatever one of the Caf or of the Cpam knows of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

Inconnue = tuple[object, ...]
Forme = Mapping[Inconnue, int]
SANS_FIN = 10**9


@dataclass
class Attaquant:
    """What is known: whole unknowns that are not negative, and the bounds of sums of them."""

    rang: dict[Inconnue, int] = field(default_factory=dict)
    faits: list[tuple[list[int], list[int], int, int]] = field(default_factory=list)
    systeme: _Systeme | None = None
    # What the first so many facts have left to each unknown, to whoever knows nothing else.
    tires: int = 0
    bornes: tuple[np.ndarray, np.ndarray] = field(
        default_factory=lambda: (np.zeros(0, np.int64), np.zeros(0, np.int64))
    )

    def know(self, forme: Forme, mini: int = -SANS_FIN, maxi: int = SANS_FIN) -> None:
        """Learn that a sum is between two bounds."""
        rangs = [self.rang.setdefault(x, len(self.rang)) for x in forme]
        if rangs:
            self.faits.append((rangs, list(forme.values()), mini, maxi))

    def define(self, nom: Inconnue, forme: Forme) -> None:
        """Name a sum."""
        self.know({**forme, nom: -1}, 0, 0)

    def copy(self) -> Attaquant:
        """Return somebody who knows as much, and may learn more."""
        return Attaquant(dict(self.rang), list(self.faits), tires=self.tires, bornes=self.bornes)

    def deduce(self, su: Mapping[Inconnue, int]) -> tuple[np.ndarray, np.ndarray]:
        """Return the bounds of each unknown for who also knows ``su``: each sum narrows each of its terms, again and again.

        The order in which they do changes nothing: what everybody deduces is deduced once, and each goes on from there.
        """
        if self.systeme is None or self.systeme.nombre < len(self.faits):
            self.systeme = _Systeme(self.faits)
        systeme = self.systeme
        if self.tires < len(self.faits):
            neuves = len(self.rang) - len(self.bornes[0])
            bas = np.concatenate([self.bornes[0], np.zeros(neuves, np.int64)])
            haut = np.concatenate([self.bornes[1], np.full(neuves, SANS_FIN)])
            self.bornes = systeme.narrow(bas, haut, np.arange(self.tires, len(self.faits)))
            self.tires = len(self.faits)
        bas, haut = (bornes.copy() for bornes in self.bornes)
        siens = [(self.rang[x], n) for x, n in su.items() if x in self.rang]
        if siens:
            rangs, valeurs = (np.array(colonne) for colonne in zip(*siens, strict=True))
            assert ((bas[rangs] <= valeurs) & (valeurs <= haut[rangs])).all(), "what is known is possible"
            bas[rangs] = haut[rangs] = valeurs
            bas, haut = systeme.narrow(bas, haut, systeme.find_faits(rangs))
        return bas, haut


class _Systeme:
    """The facts as arrays: a row a term of a fact, those of a fact one after the other."""

    def __init__(self, faits: list[tuple[list[int], list[int], int, int]]) -> None:
        self.nombre = len(faits)
        longueurs = [len(rangs) for rangs, *_ in faits]
        self.qui = np.fromiter((r for rangs, *_ in faits for r in rangs), np.int64)
        self.poids = np.fromiter((p for _, poids, *_ in faits for p in poids), np.int64)
        self.fait = np.repeat(np.arange(len(faits)), longueurs)
        self.mini, self.maxi = (np.array([f[k] for f in faits], np.int64) for k in (2, 3))

    def find_faits(self, inconnues: np.ndarray) -> np.ndarray:
        """Return the facts that are about any of these unknowns."""
        touchee = np.zeros(self.qui.max() + 1, bool)
        touchee[inconnues] = True
        concerne = np.zeros(len(self.mini), bool)
        concerne[self.fait[touchee[self.qui]]] = True
        return np.flatnonzero(concerne)

    def narrow(self, bas: np.ndarray, haut: np.ndarray, faits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Let these facts narrow their terms, then those that are about what moved, until nothing moves."""
        for _ in range(500):
            choisi = np.zeros(len(self.mini), bool)
            choisi[faits] = True
            lignes = np.flatnonzero(choisi[self.fait])
            qui, poids, fait = self.qui[lignes], self.poids[lignes], self.fait[lignes]
            debuts = np.flatnonzero(np.diff(fait, prepend=-1))
            somme = np.cumsum(np.diff(fait, prepend=-1) != 0) - 1
            positif = poids > 0
            petits = poids * np.where(positif, bas[qui], haut[qui])
            grands = poids * np.where(positif, haut[qui], bas[qui])
            # What is left to each term once the others are as small, or as large, as they may be.
            au_plus = self.maxi[fait] - (np.add.reduceat(petits, debuts)[somme] - petits)
            au_moins = self.mini[fait] - (np.add.reduceat(grands, debuts)[somme] - grands)
            avant = bas.copy(), haut.copy()
            np.minimum.at(haut, qui, np.where(positif, au_plus, au_moins) // poids)
            np.maximum.at(bas, qui, -(-np.where(positif, au_moins, au_plus) // poids))
            bouge = np.flatnonzero((bas != avant[0]) | (haut != avant[1]))
            if not len(bouge):
                break
            faits = self.find_faits(bouge)
        assert (bas <= haut).all(), "what the attacker believes contradicts itself"
        return bas, haut
