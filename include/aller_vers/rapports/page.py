"""A report as a page that prints well: one HTML file, its style and charts inside, no script."""

from __future__ import annotations

import re
from pathlib import Path

import pygal
from markupsafe import Markup
from pygal.style import Style

from aller_vers.rapports.caisse import RapportCaisse
from aller_vers.rapports.contenu import SUFFIXES, Ligne, Rapport
from aller_vers.rapports.national import AUCUN, Complement, name_axe
from aller_vers.socle.francais import FINE, write_nombre
from aller_vers.socle.gabarits import write_html

_ICI = Path(__file__).parent
_STYLE = Style(
    background="transparent", plot_background="transparent", foreground="#333", foreground_strong="#1F4E79",
    foreground_subtle="#999", colors=("#1F4E79",), font_family="Arial, sans-serif", label_font_size=12,
    major_label_font_size=12, title_font_size=14, value_font_size=12,
)  # fmt: skip


def build_page(rapport: Rapport, complement: Complement = AUCUN) -> bytes:
    """Return the page of a report, UTF-8; the same content gives the same bytes.

    ``complement`` is the national team's.
    """
    graphiques = [_draw(rapport, ligne) for ligne in rapport.find_dessinees()]
    return write_html(
        _ICI / "rapport.html.j2", rapport=rapport, complement=complement, graphiques=graphiques, name_axe=name_axe
    )  # fmt: skip


def build_page_caisse(rapport: RapportCaisse, vis_a_vis: str) -> bytes:
    """Return the page of a Caf's or a Cpam's report; ``vis_a_vis``: « Cpam », « Caf »."""
    return write_html(_ICI / "caisse.html.j2", rapport=rapport, vis_a_vis=vis_a_vis)


def _draw(rapport: Rapport, ligne: Ligne) -> tuple[str, Markup]:
    """Return the title and the SVG of the chart of an indicator."""
    part = ligne.unite == "part"
    suffixe = f"{FINE}{SUFFIXES[ligne.unite]}" if ligne.unite in SUFFIXES else ""
    graphique = pygal.Line(
        js=(), width=520, height=250, show_legend=False, style=_STYLE, dots_size=4, stroke_style={"width": 2.5},
        x_label_rotation=30, min_scale=3, max_scale=6, include_x_axis=True, allow_interruptions=True, margin=8,
        value_formatter=lambda v: write_nombre(v) + suffixe,
    )  # fmt: skip
    graphique.uuid = ligne.code
    graphique.x_labels = [f"{m.numero:02d}/{m.annee % 100:02d}" for m in rapport.mois_suivis]
    # What can still move is compared with nothing, by eye neither.
    valeurs = [None if f.is_provisoire else f.valeur for f in rapport.suivi[ligne.code]]
    graphique.add(ligne.libelle, [None if v is None else float(v * 100 if part else v) for v in valeurs])
    svg = graphique.render(is_unicode=True, disable_xml_declaration=True)
    # pygal signs and dates its drawing, and links a script for tooltips: a printed page needs neither.
    svg = re.sub(r"<!--.*?-->|<script.*?</script>", "", svg, flags=re.DOTALL)
    return ligne.libelle, Markup(svg)  # noqa: S704 - drawn by pygal, which escapes the texts that it is given
