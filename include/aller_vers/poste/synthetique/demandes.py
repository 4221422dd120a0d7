"""Applications, and the rights that come of them."""

from dataclasses import dataclass

import numpy as np

from aller_vers.poste.synthetique.composition import compose, count_stables, draw_noyau
from aller_vers.poste.synthetique.parametres import Parametres
from aller_vers.poste.synthetique.personnes import Foyers, build_foyers
from aller_vers.poste.synthetique.territoire import Territoire
from aller_vers.poste.synthetique.tirages import (
    NUL,
    Bloc,
    Booleens,
    Colonne,
    Entiers,
    Entite,
    Flux,
    draw_jours,
    draw_kinds,
    draw_labels,
    first_id,
    open_stream,
    pick,
    set_null,
    write_booleens,
    write_dates,
    write_entiers,
    write_montants,
)
from aller_vers.socle.mois import Mois

PRESTATIONS = ("AJPA", "AJPP")
LIENS_AJPA = {"parent": 0.60, "conjoint": 0.30, "enfant": 0.05, "fratrie": 0.03, "ami": 0.02}
"""Around 60 % a parent, near 30 % the spouse, 10 % child, sibling or friend (IT 2025-098, §1.2, Var), H."""
PART_LIEN_INCONNU = 0.05
"""Guess."""
MONTANT_JOURNALIER_CENTIMES = 6580
"""About 65.80 euros a day; the amount changes every year, and no figure depends on it. M."""

_ETATS = ("accordee", "refusee", "sans_suite", "deposee", "en_instruction", "pieces_manquantes")
_DISPERSION_DELAI = 0.75


def build_demandes(parametres: Parametres, territoire: Territoire, mois: Mois, bloc: int) -> list[Bloc]:
    """Return the rows of `dossier`, `personne`, `demande` and `droit` of one chunk of a month."""
    composition = compose(parametres, mois, bloc)
    n = composition.nouveaux
    noyau = draw_noyau(parametres, territoire, mois, bloc).keep(n)
    rng = open_stream(parametres.graine, Flux.DEMANDES, mois, bloc)
    conjoint_de = rng.permutation(n)[: max(composition.conjoints, round(n * parametres.part_couples))]
    foyers = Foyers(mois, bloc, noyau.lieux_du_jour, conjoint_de, noyau.prestations == 0)
    blocs = build_foyers(
        foyers, parametres, territoire, open_stream(parametres.graine, Flux.PERSONNES, mois, bloc)
    )

    premier = first_id(Entite.PERSONNE, mois, bloc)
    doubles = rng.permutation(n)[: composition.doubles]
    autre_prestation = rng.random(len(doubles)) < 0.25
    de_conjoints = conjoint_de[: composition.conjoints]
    personnes = [premier + np.arange(n), premier + n + np.arange(len(de_conjoints)), premier + doubles]
    lieux = [noyau.lieux, noyau.lieux[de_conjoints], noyau.lieux[doubles]]
    prestations = [
        noyau.prestations,
        noyau.prestations[de_conjoints],
        noyau.prestations[doubles] ^ autre_prestation.astype(np.int64),
    ]
    for ancien, nombre in composition.renouvellements:
        passe = draw_noyau(parametres, territoire, ancien, bloc)
        choisis = rng.permutation(count_stables(parametres, ancien, bloc))[:nombre]
        personnes.append(first_id(Entite.PERSONNE, ancien, bloc) + choisis)
        lieux.append(passe.lieux_du_jour[choisis])
        prestations.append(passe.prestations[choisis])

    renouvelees = np.zeros(composition.total, dtype=np.bool_)
    renouvelees[n - composition.anciens_inconnus : n] = True
    renouvelees[n + len(de_conjoints) + len(doubles) :] = True
    demandes = _Demandes(
        mois,
        bloc,
        np.concatenate(personnes),
        np.concatenate(lieux),
        np.concatenate(prestations),
        renouvelees,
    )
    return blocs + _write_demandes(demandes, parametres, territoire, rng)


@dataclass(frozen=True)
class _Demandes:
    mois: Mois
    bloc: int
    personnes: Entiers
    lieux: Entiers
    prestations: Entiers
    renouvelees: Booleens


def _write_demandes(
    demandes: _Demandes, parametres: Parametres, territoire: Territoire, rng: np.random.Generator
) -> list[Bloc]:
    n = len(demandes.personnes)
    depots = draw_jours(rng, demandes.mois, n)
    etats = _draw_etats(demandes.prestations, parametres, rng)
    delais = np.exp(rng.standard_normal(n) * _DISPERSION_DELAI) * parametres.delai_decision_median_jours
    decisions = depots + np.clip(np.rint(delais), 1, 365).astype(np.int64)
    ids = write_entiers(first_id(Entite.DEMANDE, demandes.mois, demandes.bloc) + np.arange(n))
    codes_caf = territoire.write_codes_caf(demandes.lieux)
    personnes = write_entiers(demandes.personnes)
    prestations = pick(PRESTATIONS, demandes.prestations)
    demande = Bloc(
        "demande",
        (
            ids,
            personnes,
            codes_caf,
            territoire.write_codes_gestionnaire(demandes.lieux),
            prestations,
            pick(("initiale", "renouvellement"), demandes.renouvelees.astype(np.int64)),
            write_dates(depots),
            pick(_ETATS, etats),
            set_null(write_dates(decisions), etats > 2),
            _draw_liens(demandes.prestations, rng),
        ),
    )

    accordees = np.flatnonzero(etats == 0)
    ouvertures = depots[accordees] + rng.integers(0, 31, len(accordees))
    jours_par_mois = rng.integers(1, 23, len(accordees))
    retenues = accordees.tolist()
    droit = Bloc(
        "droit",
        (
            write_entiers(first_id(Entite.DROIT, demandes.mois, demandes.bloc) + np.arange(len(accordees))),
            [personnes[r] for r in retenues],
            [codes_caf[r] for r in retenues],
            [ids[r] for r in retenues],
            [NUL] * len(retenues),
            [prestations[r] for r in retenues],
            write_dates(ouvertures),
            write_montants(jours_par_mois * MONTANT_JOURNALIER_CENTIMES),
            write_booleens(~demandes.renouvelees[accordees]),
        ),
    )
    return [demande, droit]


def _draw_etats(prestations: Entiers, parametres: Parametres, rng: np.random.Generator) -> Entiers:
    etats = np.empty(len(prestations), dtype=np.int64)
    for prestation, taux in enumerate((parametres.taux_accord_ajpa, parametres.taux_accord_ajpp)):
        ouvertes = min(parametres.part_sans_decision, 1 - taux)
        reste = 1 - taux - ouvertes
        poids = (taux, 0.7 * reste, 0.3 * reste, 0.3 * ouvertes, 0.5 * ouvertes, 0.2 * ouvertes)
        rangs = np.flatnonzero(prestations == prestation)
        etats[rangs] = draw_kinds(rng, poids, len(rangs))
    return etats


def _draw_liens(prestations: Entiers, rng: np.random.Generator) -> Colonne:
    liens = draw_labels(rng, LIENS_AJPA, len(prestations))
    for rang in np.flatnonzero(prestations == 1).tolist():
        liens[rang] = "enfant"
    return set_null(liens, rng.random(len(prestations)) < PART_LIEN_INCONNU)
