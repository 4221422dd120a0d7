"""Pictures of what runs here (``make demo``, or ``make annee`` then ``make ui``), into docs/captures."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Browser, StorageState, sync_playwright

from aller_vers.poste.demonstration import MOT_DE_PASSE
from aller_vers.poste.installation import ENTREPOT, PROJET, load_poste

ECRANS = {
    "a_faire": "", "mois": "mois", "decisions": "decisions", "caf": "caf/974", "qualite": "qualite",
    "transmissions": "transmissions", "indicateurs": "indicateurs", "indicateur": "indicateurs/taux_courriel_valide",
    "trace": "trace", "sante": "sante", "grille": "transmissions/grille", "envois": "envois",
    "retours": "caf/974?mois={rendu}#retours", "deux_mois": "caf/974?contre={avant}", "fichiers": "caf/831?fichiers-recus.tri=1#retours",
}  # fmt: skip
FACONS: dict[str, dict[str, Any]] = {
    "": {},
    "-sombre": {"color_scheme": "dark"},
    "-telephone": {"viewport": {"width": 390, "height": 844}},
}


def find_mois(dsn: str) -> dict[str, str]:
    """Return the last month that a Cpam returned to the Caf of the pictures, and one well before the last published."""
    with psycopg.connect(dsn) as entrepot:
        publies = [
            m for (m,) in entrepot.execute("SELECT mois FROM core.publication ORDER BY 1 DESC LIMIT 4")
        ]
        [(rendu,)] = entrepot.execute("SELECT max(mois) FROM suivi.retour_recu WHERE code_caf = '974'")
    return {"rendu": rendu or publies[0], "avant": publies[-1]}


def main(dossier: Path) -> None:
    """Log in, take each screen, and « À faire » and the month in every way."""
    poste = load_poste()
    adresse = poste.adresse
    mois = find_mois(poste.grappe.dsn(ENTREPOT))
    compte = ("equipe", MOT_DE_PASSE) if poste.est_demonstration else ("admin", poste.secrets["admin"])
    with sync_playwright() as moteur:
        navigateur = moteur.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
            # Dates as its readers see them, where Chromium has French (package chromium-l10n).
            env={**os.environ, "LANGUAGE": "fr"},
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
                onglet.goto(f"{adresse}/pilotage/{chemin.format(**mois)}")
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
