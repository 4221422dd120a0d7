"""Pictures of what runs here (``make demo``, or ``make annee`` then ``make ui``), into docs/captures."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, StorageState, sync_playwright

from aller_vers.poste.demonstration import MOT_DE_PASSE
from aller_vers.poste.installation import PROJET, load_poste

ECRANS = {
    "a_faire": "", "mois": "mois", "decisions": "decisions", "caf": "caf/974", "qualite": "qualite",
    "transmissions": "transmissions", "indicateurs": "indicateurs", "indicateur": "indicateurs/taux_courriel_valide",
    "trace": "trace", "sante": "sante", "grille": "transmissions/grille", "envois": "envois",
    "retours": "caf/974?mois=2026-09#retours", "deux_mois": "caf/974?contre=2026-06", "fichiers": "caf/831?mois=2025-06&fichiers-recus.tri=1#retours",
}  # fmt: skip
FACONS: dict[str, dict[str, Any]] = {
    "": {},
    "-sombre": {"color_scheme": "dark"},
    "-telephone": {"viewport": {"width": 390, "height": 844}},
}


def main(dossier: Path) -> None:
    """Log in, take each screen, and « À faire » and the month in every way."""
    poste = load_poste()
    adresse = poste.adresse
    compte = ("equipe", MOT_DE_PASSE) if poste.est_demonstration else ("admin", poste.secrets["admin"])
    with sync_playwright() as moteur:
        navigateur = moteur.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        entree = navigateur.new_page()
        entree.goto(f"{adresse}/auth/login/")
        entree.fill("input[name=username]", compte[0])
        entree.fill("input[name=password]", compte[1])
        entree.click("button[type=submit]")
        entree.wait_for_url(lambda url: "/auth/login" not in url)
        session = entree.context.storage_state()
        for nom, chemin in ECRANS.items():
            for suffixe, facon in FACONS.items() if nom in ("a_faire", "mois") else [("", {})]:
                options = {"viewport": {"width": 1100, "height": 900}, **facon}
                onglet = navigateur.new_context(storage_state=session, **options).new_page()
                onglet.goto(f"{adresse}/pilotage/{chemin}")
                onglet.screenshot(path=dossier / f"pilotage-{nom}{suffixe}.png")
                onglet.context.close()
        take_graphe(navigateur, session, adresse, dossier)
        navigateur.close()


def take_graphe(navigateur: Browser, session: StorageState, adresse: str, dossier: Path) -> None:
    """Take Airflow's own graph, from the source to the reports, as it shows it on one of the assets."""
    onglet = navigateur.new_context(storage_state=session, viewport={"width": 2400, "height": 700}).new_page()
    onglet.goto(f"{adresse}/assets")
    onglet.get_by_role("link", name="indicateurs_publies").first.click()
    onglet.get_by_text("Task Dependencies").click()
    onglet.locator(".react-flow__node", has_text="source_des_caf").first.wait_for()
    onglet.locator(".react-flow__controls-fitview").click()
    onglet.locator(".react-flow__node", has_text="rapports_ecrits").first.wait_for()
    onglet.wait_for_timeout(2_000)  # it moves into place
    onglet.locator(".react-flow").screenshot(path=dossier / "airflow-actifs.png")
    onglet.context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PROJET / "docs" / "captures")
