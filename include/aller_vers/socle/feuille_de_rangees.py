"""A sheet whose rows are written at once: cell by cell, the library takes several times as long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count

# Nothing to escape in it, nor a space to keep at an end.
_MOT = "[0-9A-Za-zÀ-ÿœŒ@.,;:!?%°«»()'’/+-]+"
_SIMPLE = re.compile(rf"{_MOT}(?: {_MOT})*")


class FeuilleDeRangees(Worksheet):  # type: ignore[misc] # the library is not typed
    """What the library writes of a sheet, and rows below: the bytes are those that it would give."""

    dim_rowmax: int
    _rangees: Sequence[str] = ()

    def fill(self, largeur: int, rangees: Iterable[Sequence[str | None]], forme: Format) -> int:
        """Write these rows of so many texts, each of this format, below the first; return the number of the last one.

        None leaves a cell as its column is.

        Raises:
            ErreurAllerVers: no workbook holds so many rows.
        """
        style, connus = forme._get_xf_index(), self.str_table.string_table
        lettres = [xl_col_to_name(rang) for rang in range(largeur)]
        ecrites, nombre = [], 0
        for numero, rangee in enumerate(rangees, start=2):
            textes = [
                f'<c r="{lettre}{numero}" s="{style}" t="s"><v>{connus.setdefault(texte, len(connus))}</v></c>'
                for lettre, texte in zip(lettres, rangee, strict=True)
                if texte is not None
            ]
            nombre += len(textes)
            ecrites.append(f'<row r="{numero}" spans="1:{largeur}">{"".join(textes)}</row>')
        return self._keep(1, largeur, ecrites, nombre)

    def fill_cellules(
        self, premiere: int, largeur: int, rangees: Iterable[tuple[float, Sequence[tuple[str | float, Format]]]]
    ) -> int:  # fmt: skip
        """Write these rows of so many cells from this one on, counted from 0; return the number of the last one.

        Of each row: its height, in points; its cells, a text or a number and its format. An empty text is a blank cell.

        Raises:
            ErreurAllerVers: no workbook holds so many rows.
        """
        connus = self.str_table.string_table
        lettres = [xl_col_to_name(rang) for rang in range(largeur)]
        ecrites, nombre = [], 0
        for numero, (hauteur, cellules) in enumerate(rangees, start=premiere + 1):
            contenu = []
            for lettre, (valeur, forme) in zip(lettres, cellules, strict=True):
                cellule = f'<c r="{lettre}{numero}" s="{forme._get_xf_index()}"'
                if valeur == "":
                    contenu.append(f"{cellule}/>")
                elif isinstance(valeur, str):
                    contenu.append(f'{cellule} t="s"><v>{connus.setdefault(valeur, len(connus))}</v></c>')
                    nombre += 1
                else:
                    contenu.append(f"{cellule}><v>{valeur:.16G}</v></c>")
            # The library counts a height in pixels.
            ecrites.append(
                f'<row r="{numero}" spans="1:{largeur}" ht="{int(hauteur * 4 / 3 + 0.5) * 0.75:.16g}" customHeight="1">'
                f"{''.join(contenu)}</row>"
            )
        return self._keep(premiere, largeur, ecrites, nombre)

    def _keep(self, premiere: int, largeur: int, rangees: Sequence[str], textes: int) -> int:
        derniere = premiere + len(rangees) - 1
        if self._check_dimensions(derniere, largeur - 1):
            raise ErreurAllerVers(
                f"Un classeur ne peut pas compter {count(derniere, 'ligne', feminin=True)}.",
                "demander des fichiers csv (options_caf, format).",
            )
        self.str_table.count += textes
        self.str_table.unique_count = len(self.str_table.string_table)
        self._premiere, self._rangees = premiere, rangees
        return derniere

    def _write_rows(self) -> None:
        if not self._rangees:
            super()._write_rows()
            return
        # Those above are the library's to write, and the only ones that it looks for.
        derniere, self.dim_rowmax = self.dim_rowmax, self._premiere - 1
        super()._write_rows()
        self.dim_rowmax = derniere
        self.fh.writelines(self._rangees)


class EmpaqueteurDeTextes(Packager):  # type: ignore[misc]
    """Writes the parts of a workbook of such a sheet: the texts that its cells share are most of them simple."""

    def _write_shared_strings_file(self) -> None:
        partages = _TextesPartages()
        partages.string_table = self.workbook.str_table
        partages._set_xml_writer(self._filename("xl/sharedStrings.xml"))
        partages._assemble_xml_file()


class _TextesPartages(SharedStrings):  # type: ignore[misc]
    def _write_si(self, string: str) -> None:
        if _SIMPLE.fullmatch(string):
            self.fh.write(f"<si><t>{string}</t></si>")
        else:
            super()._write_si(string)
