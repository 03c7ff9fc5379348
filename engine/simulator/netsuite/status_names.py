"""The names of a sales order's statuses in the languages of the messages: data only.

The English ones are in `kinds`; the others are plausible translations, as those of the messages are.
"""

from __future__ import annotations

from collections.abc import Mapping

from .kinds import SALES_ORDER_STATUSES
from .messages import LANGUAGES

# By the id of the status, in the order of LANGUAGES[1:].
_TRANSLATED: Mapping[str, tuple[str, ...]] = {
    "A": (
        "Genehmigung ausstehend",
        "In attesa di approvazione",
        "En attente d'approbation",
        "Aprobación pendiente",
        "承認保留",
    ),
    "B": (
        "Ausführung ausstehend",
        "In attesa di evasione",
        "En attente d'exécution",
        "Ejecución pendiente",
        "配送保留",
    ),
    "C": ("Storniert", "Annullato", "Annulé", "Cancelado", "取消済"),
    "D": (
        "Teilweise ausgeführt",
        "Evaso parzialmente",
        "Exécuté partiellement",
        "Ejecutado parcialmente",
        "一部配送済",
    ),
    "E": (
        "Abrechnung ausstehend/Teilweise ausgeführt",
        "In attesa di fatturazione/Evaso parzialmente",
        "En attente de facturation/Exécuté partiellement",
        "Facturación pendiente/Ejecutado parcialmente",
        "請求保留/一部配送済",
    ),
    "F": (
        "Abrechnung ausstehend",
        "In attesa di fatturazione",
        "En attente de facturation",
        "Facturación pendiente",
        "請求保留",
    ),
    "G": ("Abgerechnet", "Fatturato", "Facturé", "Facturado", "請求済"),
    "H": ("Geschlossen", "Chiuso", "Fermé", "Cerrado", "クローズ"),
}


def find_status_name(id_: str, language: str) -> str:
    """Return the name of a status in a language; an unknown status is its own name."""
    if language == LANGUAGES[0] or id_ not in _TRANSLATED:
        return SALES_ORDER_STATUSES.get(id_, id_)
    return _TRANSLATED[id_][LANGUAGES.index(language) - 1]
