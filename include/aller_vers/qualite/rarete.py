"""How rare a count is, as −log10 of its probability: 6 is once in a million. 0: nothing rare.

Exact tails, so that a small Caf stays quiet where a large one would not; in plain Python, since importing a
library of statistics takes longer than the whole gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import lgamma, log, log1p

_FIN = 1e-12
_LOG_10 = log(10)


def compute_rarete_part(nombre: int, effectif: int, part: float) -> float:
    """Return how rare it is that so many of ``effectif`` rows have what a share ``part`` of rows has (binomial)."""
    if nombre <= effectif * part:
        return 0.0
    log_p = (
        lgamma(effectif + 1) - lgamma(nombre + 1) - lgamma(effectif - nombre + 1)
        + nombre * log(part) + (effectif - nombre) * log1p(-part)
    )  # fmt: skip
    cote = part / (1 - part)
    return _sum_queue(log_p, ((effectif - k) / (k + 1) * cote for k in range(nombre, effectif)))


def compute_rarete_poisson(nombre: int, attendu: float, *, exces: bool) -> float:
    """Return how rare it is to count so many (``exces``), or so few, where ``attendu`` is the mean (Poisson)."""
    if nombre <= attendu if exces else nombre >= attendu:
        return 0.0
    log_p = nombre * log(attendu) - attendu - lgamma(nombre + 1)
    if exces:
        return _sum_queue(log_p, (attendu / (k + 1) for k in range(nombre, 2**62)))
    return _sum_queue(log_p, (k / attendu for k in range(nombre, 0, -1)))


def compute_rarete_exces(nombre: int, attendu: float, forme: float) -> float:
    """Return how rare it is to count so many, of a negative binomial of this mean and shape."""
    if nombre <= attendu:
        return 0.0
    echec = attendu / (attendu + forme)
    return _sum_queue(
        _log_binomiale_negative(nombre, attendu, forme),
        ((k + forme) / (k + 1) * echec for k in range(nombre, 2**62)),
    )


def compute_rarete_manque(nombre: int, attendu: float, forme: float) -> float:
    """Return how rare it is to count so few, of a negative binomial of this mean and shape."""
    if nombre >= attendu:
        return 0.0
    echec = attendu / (attendu + forme)
    return _sum_queue(
        _log_binomiale_negative(nombre, attendu, forme),
        (k / ((k - 1 + forme) * echec) for k in range(nombre, 0, -1)),
    )


def compute_forme(passe: int, dispersion: float) -> float:
    """Return the shape of what is to come, ``passe`` people having been counted.

    Args:
        passe: people counted in the past months: the more, the better the mean is known.
        dispersion: standard deviation of a true level from month to month, relative.
    """
    return 1 / (1 / (passe + 0.5) + dispersion**2)


def _log_binomiale_negative(nombre: int, attendu: float, forme: float) -> float:
    return (
        lgamma(nombre + forme) - lgamma(forme) - lgamma(nombre + 1)
        - forme * log1p(attendu / forme) - nombre * log1p(forme / attendu)
    )  # fmt: skip


def _sum_queue(log_p: float, rapports: Iterator[float]) -> float:
    """Sum a tail from the logarithm of its first term, and the ratio of each term to the one before."""
    terme = somme = 1.0
    for rapport in rapports:
        terme *= rapport
        somme += terme
        if terme < _FIN * somme:
            break
    return max(0.0, -(log_p + log(somme)) / _LOG_10)
