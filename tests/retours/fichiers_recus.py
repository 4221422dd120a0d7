"""Files as an agent, Excel or an enemy makes them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from aller_vers.socle.reglages import Reglages
from aller_vers.socle.reglages_reception import Limites

LIMITES = Limites.of(Reglages())


def make_xlsx(lignes: Sequence[Sequence[Any]], *autres: Sequence[Sequence[Any]]) -> bytes:
    """Return a workbook with these rows; a sheet more for each of ``autres``."""
    tampon = io.BytesIO()
    classeur = xlsxwriter.Workbook(tampon, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    for feuille_lignes in (lignes, *autres):
        feuille = classeur.add_worksheet()
        for rangee, ligne in enumerate(feuille_lignes):
            for rang, valeur in enumerate(ligne):
                if isinstance(valeur, date | datetime):
                    feuille.write_datetime(rangee, rang, valeur)
                elif valeur is not None:
                    feuille.write(rangee, rang, valeur)
    classeur.close()
    return tampon.getvalue()


def rewrite(
    xlsx: bytes,
    *,
    ajoute: dict[str, bytes] | None = None,
    change: Callable[[str, bytes], bytes] = lambda _, octets: octets,
    sans: frozenset[str] = frozenset(),
) -> bytes:
    """Return the same zip with parts added, changed, or left out."""
    tampon = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx)) as avant,
        zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as apres,
    ):
        for nom in avant.namelist():
            if nom not in sans:
                apres.writestr(nom, change(nom, avant.read(nom)))
        for nom, octets in (ajoute or {}).items():
            apres.writestr(nom, octets)
    return tampon.getvalue()


def put_in_sheet(xlsx: bytes, avant: bytes, apres: bytes) -> bytes:
    """Return the workbook with these bytes of its first sheet replaced."""

    def change(nom: str, octets: bytes) -> bytes:
        if nom != "xl/worksheets/sheet1.xml":
            return octets
        assert avant in octets
        return octets.replace(avant, apres)

    return rewrite(xlsx, change=change)
