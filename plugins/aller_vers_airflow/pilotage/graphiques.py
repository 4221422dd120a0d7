"""Charts as SVG, drawn by the server with pygal: sharp on paper, readable without script, in both themes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil, floor

import pygal
from pygal.style import Style

from aller_vers.pilotage.indicateurs import Point
from aller_vers_airflow.pilotage.formats import format_valeur

_STYLE = Style(
    background="transparent", plot_background="transparent", foreground="#47525d", foreground_strong="#47525d",
    foreground_subtle="#c9ced3", colors=("#1b5c88", "#a8261f"), font_family="system-ui, sans-serif",
    label_font_size=13, major_label_font_size=13, legend_font_size=13, opacity="1",
    guide_stroke_color="#d5d9dd", major_guide_stroke_color="#d5d9dd", guide_stroke_dasharray="0",
    major_guide_stroke_dasharray="0", stroke_width=2.5,
)  # fmt: skip
_SOMBRE = (
    "inline:@media (prefers-color-scheme: dark) { .axis text, .legend text { fill: #c3ccd5 !important } "
    ".guide.line { stroke: #333c45 !important } .axis .line { stroke: #56616c } "
    ".color-0 { stroke: #83bde6 !important } .color-0 .dot, rect.color-0 { fill: #83bde6 !important } "
    ".color-1 { stroke: #f0908a !important } rect.color-1 { fill: #f0908a !important } }"
)
_SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)


def draw_serie(points: Sequence[Point], unite: str, *, etroit: bool = False) -> str:
    """Return the chart of a series and its target; a month without a final value is a gap, never a zero.

    ``etroit``: for a phone, whose letters can be read; a wide one would be made small.
    """
    graphique = pygal.Line(
        style=_STYLE, js=[], css=["file://style.css", "file://graph.css", _SOMBRE],
        width=420 if etroit else 880, height=300,
        show_legend=any(p.cible is not None for p in points), legend_at_bottom=True, explicit_size=True,
        x_label_rotation=0 if len(points) <= 6 else 35, margin=12, margin_right=20 if etroit else 48, dots_size=3,
        legend_box_size=10, show_minor_x_labels=len(points) <= 12 and not etroit,
        x_labels_major_every=6 if etroit else 3, truncate_label=-1, include_x_axis=unite == "part",
        disable_xml_declaration=True, value_formatter=lambda v: format_valeur(v, unite),
        no_data_text="Aucune valeur",
    )  # fmt: skip
    graphique.x_labels = [p.mois.libelle for p in points]
    valeurs = [float(v) for p in points for v in (p.valeur, p.cible) if v is not None]
    if valeurs:
        graphique.y_labels = list_graduations(min(valeurs), max(valeurs), part=unite == "part")
    finales = [None if p.statut == "provisoire" else p.valeur for p in points]
    graphique.add("Valeur", [None if v is None else float(v) for v in finales], allow_interruptions=True)
    if any(p.cible is not None for p in points):
        graphique.add(
            "Cible", [None if p.cible is None else float(p.cible) for p in points], show_dots=False,
            stroke_style={"dasharray": "6, 4"},
        )  # fmt: skip
    # Without the settings that pygal adds for its own script, which is not served.
    return _SCRIPT.sub("", graphique.render())


def list_graduations(bas: float, haut: float, *, part: bool) -> list[float]:
    """Return four to six round numbers that hold both; a share begins at zero, what is counted has no half."""
    bas = min(bas, 0.0) if part else bas
    ecart = (haut - bas) or abs(haut) or 1.0
    pas = next(
        p for n in range(-4, 12) for p in (10.0**n, 2 * 10.0**n, 5 * 10.0**n)
        if ecart / p <= 5 and (part or p >= 1)
    )  # fmt: skip
    return [round(n * pas, 6) for n in range(floor(bas / pas), ceil(haut / pas) + 1)]
