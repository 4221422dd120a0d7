"""The rule on somebody's data is one: Python and the ledger's own SQL say the same of any text."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from test_donnees_personnelles import ANODINS, CERTAINS, DOUTEUX, IMPERSONNELS, NOMINATIFS

from aller_vers.socle.donnees_personnelles import find_soupcon, tells_of_somebody

_SIGNES = st.text(
    alphabet="0123456789oO12 ./-_,:;()+@ahtz2AB~[]\u00a0\u200b\u2011\uff10\u0301é€\n", max_size=25
)
_DATES = st.dates().map(lambda jour: f"{jour:%d/%m/%Y}") | st.datetimes().map(str)
_NUMEROS = st.integers(0, 10**15).map(str) | st.decimals(0, 10**9, places=2).map(str)
_MORCEAUX = (
    st.sampled_from([*CERTAINS, *DOUTEUX, *ANODINS, *NOMINATIFS, *IMPERSONNELS]) | _SIGNES | _DATES | _NUMEROS
)
TEXTES = st.lists(_MORCEAUX, min_size=1, max_size=4).flatmap(
    lambda morceaux: st.sampled_from(["", " ", "-", ", ", " - ", "/"]).map(lambda signe: signe.join(morceaux))
)


def judge(
    entrepot: Connection, textes: list[str], fonction: str = "soupcon_personnel"
) -> list[str | bool | None]:
    ordre = text(
        f"SELECT suivi.{fonction}(t.texte) FROM unnest(CAST(:textes AS text[])) WITH ORDINALITY AS t(texte, rang)"
        " ORDER BY t.rang"
    )
    return list(entrepot.execute(ordre, {"textes": textes}).scalars())


def test_examples_are_judged_alike(entrepot: Connection) -> None:
    textes = [*CERTAINS, *DOUTEUX, *ANODINS]
    attendus = ["certain"] * len(CERTAINS) + ["douteux"] * len(DOUTEUX) + [None] * len(ANODINS)
    assert list(zip(textes, judge(entrepot, textes), strict=True)) == list(zip(textes, attendus, strict=True))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(textes=st.lists(TEXTES, min_size=20, max_size=20))
def test_any_text_is_judged_alike(entrepot: Connection, textes: list[str]) -> None:
    lus = judge(entrepot, textes)
    assert [(t, lu) for t, lu in zip(textes, lus, strict=True)] == [(t, find_soupcon(t)) for t in textes]
    lus = judge(entrepot, textes, "parle_de_quelqu_un")
    assert [(t, lu) for t, lu in zip(textes, lus, strict=True)] == [(t, tells_of_somebody(t)) for t in textes]
