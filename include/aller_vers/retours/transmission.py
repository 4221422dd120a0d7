"""What a Caf sends to its Cpam: acknowledged, reminded, overdue; recorded from a file or from the page."""

from aller_vers.retours.accuse import Accuse, record_transmission
from aller_vers.retours.relances import (
    Attendue,
    Certificat,
    list_certificats_en_retard,
    list_en_attente,
    list_en_retard,
)

__all__ = [
    "Accuse",
    "Attendue",
    "Certificat",
    "list_certificats_en_retard",
    "list_en_attente",
    "list_en_retard",
    "record_transmission",
]
