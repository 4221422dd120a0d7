"""The digest of the returns: one notice a run, the Caf and the Cpam, since when, what has ended."""

from __future__ import annotations

from datetime import timedelta

from registre import LIEN, MAINTENANT, MENSUEL, Registre

HEURE, JOUR = timedelta(hours=1), timedelta(days=1)
JUSTE = "{cpam};{caf};2025-06;31/07/2025;111;79;79;46;;18;15;;"
TROP_JOINTES = JUSTE.replace(";46;", ";80;")
SANS_FIN = JUSTE + "01/08/2025"


def transmit(registre: Registre, *couples: tuple[str, str]) -> None:
    for caf in {caf for caf, _ in couples}:
        registre.drop(caf, lignes=240)
    for caf, cpam in couples:
        registre.acknowledge(caf, cpam, 120)


def give(registre: Registre, caf: str, *lignes: str) -> None:
    registre.put("retour.csv", MENSUEL + "\n".join(lignes) + "\n", caf)
    assert registre.collect_retours(caf).pris == 1, registre.motifs(caf)


def write(modele: str, caf: str, cpam: str) -> str:
    return modele.format(caf=caf, cpam=cpam)


def tell(registre: Registre, run_id: str, le: timedelta = timedelta(0)) -> list[tuple[str, str]]:
    """Judge and announce; return the team's notices that this run added."""
    avant = {cle for (cle,) in registre.run("SELECT cle FROM suivi.avis")}
    registre.judge(run_id, MAINTENANT + le)
    lignes = registre.run(
        "SELECT cle, objet, corps FROM suivi.avis WHERE destinataire = 'equipe_nationale' ORDER BY cree_le"
    )
    registre.publish(run_id)
    return [(objet, corps) for cle, objet, corps in lignes if cle not in avant]


def test_what_is_held_is_one_notice_that_names_the_caf_the_cpam_and_the_month(registre: Registre) -> None:
    transmit(registre, ("831", "831"), ("591", "595"), ("591", "597"), ("061", "061"))
    give(registre, "831", write(TROP_JOINTES, "831", "831"))
    give(registre, "591", write(TROP_JOINTES, "591", "595"), write(SANS_FIN, "591", "597"))
    give(registre, "061", write(JUSTE, "061", "061"))
    assert tell(registre, "r1") == [
        (
            "Proches aidants : porte des retours : 2 retenus, 1 en avertissement",
            "Nouveau :\n"
            "- retenu : Plus de personnes jointes que d'appelées (entonnoir_personnes_jointes) : "
            "591 · Nord, Cpam de Lille-Douai (595), retour mensuel, juin 2025 (1) ; "
            "831 · Var, Cpam du Var (831), retour mensuel, juin 2025 (1)\n"
            "- avertissement : Destruction sans date de fin de traitement (destruction_sans_fin) : "
            "591 · Nord, Cpam de Roubaix-Tourcoing (597), retour mensuel, juin 2025 (1)\n\n"
            f"Voir l'exécution : {LIEN}",
        )
    ]


def test_what_stays_held_is_told_once_a_day_and_its_mending_once(registre: Registre) -> None:
    transmit(registre, ("831", "831"), ("061", "061"))
    give(registre, "831", write(TROP_JOINTES, "831", "831"))
    assert len(tell(registre, "r1")) == 1
    give(registre, "061", write(JUSTE, "061", "061"))
    assert tell(registre, "r2", HEURE) == []
    [(objet, corps)] = tell(registre, "r3", JOUR)
    assert objet.endswith(": 1 retenu")
    assert corps.startswith(
        "Toujours là :\n- retenu, depuis le 20/08/2025 à 08:00 : Plus de personnes jointes"
    )
    give(registre, "831", write(JUSTE, "831", "831"))
    [(objet, corps)] = tell(registre, "r4", JOUR + HEURE)
    assert objet == "Proches aidants : porte des retours : tout est rétabli"
    assert corps.startswith("Rétabli :\n- retenu, depuis le 20/08/2025 à 08:00 : Plus de personnes jointes")
    assert "831 · Var, Cpam du Var (831), retour mensuel, juin 2025 (1)" in corps
    assert tell(registre, "r5", 2 * JOUR) == []


def test_a_cpam_that_mends_its_return_ends_no_other_s_alert(registre: Registre) -> None:
    transmit(registre, ("591", "595"), ("591", "597"))
    give(registre, "591", write(SANS_FIN, "591", "595"), write(TROP_JOINTES, "591", "597"))
    assert len(tell(registre, "r1")) == 1
    give(registre, "591", write(JUSTE, "591", "597"))
    [(_, corps)] = tell(registre, "r2", HEURE)
    assert "Rétabli :\n- retenu" in corps
    assert "(597)" in corps
    assert "(595)" not in corps
    give(registre, "591", write(JUSTE, "591", "595"))
    [(_, corps)] = tell(registre, "r3", 2 * HEURE)
    assert "Rétabli :\n- avertissement, depuis le 20/08/2025 à 08:00 : Destruction sans date" in corps
