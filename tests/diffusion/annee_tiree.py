"""What the Cpam return of a year, drawn: nested as a campaign is, most of it small."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from decimal import Decimal

from aller_vers.indicateurs.modele import Mesure
from aller_vers.mesures.declarees import load_profils
from aller_vers.socle.referentiel import load_conventions

ENTONNOIR = {
    "cibles": 1.0, "contactables": 0.92, "personnes_appelees": 0.95, "personnes_jointes": 0.72,
    "acceptations": 0.5, "rdv_pris": 0.9, "rdv_honores": 0.8,
}  # fmt: skip
PART_OFFRES = 0.7  # of the people of the lot
SUITES = (
    "accompagnements_misas",
    "orientations_service_social",
    "precarite",
    "sans_complementaire",
    "sante_mentale",
)


def draw_retours(mesures: Iterable[Mesure]) -> Iterator[Mesure]:
    """Yield the monthly returns of each pair of caisses, then the half-year returns and profiles of each Cpam."""
    hasard, courriels = random.Random(7), random.Random(11)
    cpam_de: dict[str, list[str]] = {}
    for convention in sorted(load_conventions(), key=lambda c: (c.code_caf, c.code_cpam)):
        cpam_de.setdefault(convention.code_caf, []).append(convention.code_cpam)
    honores: dict[tuple[str, str], int] = {}
    for m in sorted(mesures, key=str):
        if (m.mesure, m.modalite) != ("contacts_utilisables", "tous") or m.code_caf not in cpam_de:
            continue
        parts = dict.fromkeys(cpam_de[m.code_caf], 0)
        for _ in range(int(m.valeur)):
            parts[hasard.choice(cpam_de[m.code_caf])] += 1
        for cpam, n in parts.items():
            offres = sum(courriels.random() < PART_OFFRES for _ in range(n))
            yield Mesure(m.mois, m.code_caf, cpam, "retour_mensuel", "offres_envoyees", None, Decimal(offres))
            for etape, part in ENTONNOIR.items():
                n = sum(hasard.random() < part for _ in range(n))
                yield Mesure(m.mois, m.code_caf, cpam, "retour_mensuel", etape, None, Decimal(n))
            fin = f"{m.mois[:4]}-{'06' if m.mois[5:] <= '06' else '12'}"
            honores[cpam, fin] = honores.get((cpam, fin), 0) + n
    for (cpam, mois), n in sorted(honores.items()):
        yield Mesure(mois, None, cpam, "retour_semestriel", "rdv_honores", None, Decimal(n))
        for suite in SUITES:
            nombre = Decimal(sum(hasard.random() < 0.3 for _ in range(n)))
            yield Mesure(mois, None, cpam, "retour_semestriel", suite, None, nombre)
        for dimension, modalites in load_profils().items():
            comptes = dict.fromkeys(modalites, 0)
            for _ in range(n):
                comptes[hasard.choice(modalites)] += 1
            for modalite, nombre_ici in comptes.items():
                yield Mesure(
                    mois, None, cpam, "profil_aidant", f"{dimension}:{modalite}", None, Decimal(nombre_ici)
                )
