"""A seeded synthetic source in the tables of the contract: nobody's data, reserved domains and numbers."""

from aller_vers.poste.synthetique.chargement import (
    ComptesSource,
    SourceDejaRemplieError,
    fill_source,
    let_read,
)
from aller_vers.poste.synthetique.parametres import Parametres

__all__ = ["ComptesSource", "Parametres", "SourceDejaRemplieError", "fill_source", "let_read"]
