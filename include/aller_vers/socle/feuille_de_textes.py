"""A sheet of texts whose rows are written at once: cell by cell, the library takes several times as long."""

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
_SIMPLE = re.compile(r"[0-9A-Za-z@.+-]+(?: [0-9A-Za-z@.+-]+)*")


class FeuilleDeTextes(Worksheet):  # type: ignore[misc] # the library is not typed
    """The names of columns, which the library writes, and texts below: the bytes are those that it would give."""

    dim_rowmax: int
    _rangees: Sequence[str] = ()

    def fill(self, largeur: int, rangees: Iterable[Sequence[str | None]], forme: Format) -> int:
        """Write these rows of so many texts, each of this format, below the names; return the number of the last one.

        None leaves a cell as its column is.

        Raises:
            ErreurAllerVers: no workbook holds so many rows.
        """
        style, connus = forme._get_xf_index(), self.str_table.string_table
        lettres = [xl_col_to_name(rang) for rang in range(largeur)]
        ecrites, cellules = [], 0
        for numero, rangee in enumerate(rangees, start=2):
            textes = [
                f'<c r="{lettre}{numero}" s="{style}" t="s"><v>{connus.setdefault(texte, len(connus))}</v></c>'
                for lettre, texte in zip(lettres, rangee, strict=True)
                if texte is not None
            ]
            cellules += len(textes)
            ecrites.append(f'<row r="{numero}" spans="1:{largeur}">{"".join(textes)}</row>')
        if self._check_dimensions(len(ecrites), largeur - 1):
            raise ErreurAllerVers(
                f"Un classeur ne peut pas compter {count(len(ecrites), 'ligne', feminin=True)}.",
                "demander des fichiers csv (options_caf, format).",
            )
        self.str_table.count += cellules
        self.str_table.unique_count = len(connus)
        self._rangees = ecrites
        return len(ecrites)

    def _write_rows(self) -> None:
        # The names alone are the library's to write, and the only row that it looks for.
        derniere, self.dim_rowmax = self.dim_rowmax, 0
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
