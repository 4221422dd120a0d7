"""The past of a merged Caf under the one that succeeds it, where a report of a later month asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from aller_vers.diffusion.vues import view_caf
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.formule import divide
from aller_vers.indicateurs.modele import Statut, Valeur
from aller_vers.socle.francais import write_jour
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import Caf, find_actuelle, load_caf

# The worst of what two caisses say is what their sum says; nothing to count says nothing of the other.
_PIRES: tuple[Statut, ...] = ("sans_objet", "definitif", "provisoire", "pas_encore_du", "non_fourni")
_ADDITIFS = frozenset({"compte", "ratio", "moyenne", "evolution"})
_Caisse = tuple[str, str]


def list_anciennes(mois: Mois) -> dict[str, list[Caf]]:
    """Return by successor the Caf that are none of this month's any more, those of a former merger included."""
    anciennes: dict[str, list[Caf]] = {}
    for caf in load_caf().values():
        code = find_actuelle(caf.code_caf, mois.fin)
        if code != caf.code_caf:
            anciennes.setdefault(code, []).append(caf)
    return anciennes


def write_anciennes(anciennes: Sequence[Caf], debut: Mois) -> str:
    """Say which former Caf the months since ``debut`` count too; nothing where all had ended before."""
    return "".join(
        f" Y compris l'ancienne {caf.nom} ({caf.code_caf}), jusqu'au {write_jour(caf.valable_au)}."
        for caf in anciennes if caf.valable_au >= debut.debut
    )  # fmt: skip


def fold_anciennes(
    valeurs: Mapping[_Caisse, Mapping[Mois, Sequence[Valeur]]],
    anciennes: Mapping[str, Sequence[Caf]],
    dictionnaire: Sequence[Indicateur],
    seuil: int,
) -> dict[_Caisse, dict[Mois, list[Valeur]]]:
    """Return the values with the months of each former Caf added to its successor's: counts first, rates after.

    What was hidden of one of them stays hidden in their sum: the successor knows its own part. What does not add up (a
    quantile) is not told of these months.
    """
    pliees = {qui: {m: list(v) for m, v in par_mois.items()} for qui, par_mois in valeurs.items()}
    definitions = {(i.code, i.version): i for i in dictionnaire}
    for code, caf in anciennes.items():
        parts = [code, *(c.code_caf for c in caf)]
        siennes = [pliees.pop(("caf", part), {}) for part in parts]
        mois = sorted({m for sienne in siennes for m in sienne})
        if mois:
            pliees["caf", code] = {
                m: _fold_mois(code, parts, [s.get(m, []) for s in siennes], definitions, seuil) for m in mois
            }
    return pliees


def _fold_mois(
    code: str, parts: Sequence[str], siennes: Sequence[Sequence[Valeur]],
    definitions: Mapping[tuple[str, int], Indicateur], seuil: int,
) -> list[Valeur]:  # fmt: skip
    par_cle: dict[tuple[str, int], list[Valeur]] = {}
    for valeur in (v for sienne in siennes for v in sienne):
        par_cle.setdefault((valeur.code, valeur.version), []).append(valeur)
    if sum(1 for s in siennes if s) == 1:
        return [v._replace(territoire=code) for lues in par_cle.values() for v in lues]
    vues = {
        (c.valeur.code, c.valeur.version, c.valeur.territoire)
        for part, sienne in zip(parts, siennes, strict=True)
        for c in view_caf(part, sienne, list(definitions.values()), seuil)
    }
    return [
        add_valeurs(definitions[cle], lues)._replace(territoire=code)
        for cle, lues in par_cle.items()
        if cle in definitions and all((*cle, v.territoire) in vues for v in lues)
    ]


def add_valeurs(definition: Indicateur, valeurs: Sequence[Valeur]) -> Valeur:
    """Return what the values of several caisses are together, for the same month; no target is judged on it."""
    statut = max((v.statut for v in valeurs), key=_PIRES.index)
    jours = [v.definitif_le for v in valeurs if v.definitif_le is not None]
    premiere = valeurs[0]._replace(
        atteinte=None, statut=statut, definitif_le=max(jours, default=None), numerateur=None, denominateur=None,
        valeur=None,
    )  # fmt: skip
    if statut in ("pas_encore_du", "non_fourni"):
        return premiere
    if definition.type not in _ADDITIFS:
        return premiere._replace(statut="sans_objet")
    numerateur, denominateur = (
        _add([getattr(v, terme) for v in valeurs]) for terme in ("numerateur", "denominateur")
    )
    valeur = numerateur
    if definition.type != "compte":
        valeur = divide(numerateur, denominateur) if numerateur is not None and denominateur else None
        valeur = valeur - 1 if valeur is not None and definition.type == "evolution" else valeur
    return premiere._replace(numerateur=numerateur, denominateur=denominateur, valeur=valeur)


def _add(nombres: Sequence[Decimal | None]) -> Decimal | None:
    donnes = [n for n in nombres if n is not None]
    return sum(donnes, Decimal(0)) if donnes else None
