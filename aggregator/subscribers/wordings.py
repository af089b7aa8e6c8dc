"""What people agree to when they ask for the newsletter, word by word, by language. A consent keeps the digest of the words
that were shown, and the words themselves stand in the same file: they may change here, and never there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in a language; `digest` names it for ever."""

    language: str
    text: str

    @property
    def digest(self) -> str:
        """The first 16 hexadecimal digits of its SHA-256."""
        return hashlib.sha256(f"{self.language}\0{self.text}".encode()).hexdigest()[:16]


_TEXTS = {
    "en": (
        "I would like to receive the newsletter. The address and my choices are kept, encrypted, only to send it, and are "
        "deleted when I leave, which I can do at any time by a link in every letter."
    ),
    "es": (
        "Deseo recibir el boletín. La dirección y mis preferencias se guardan cifradas, solo para enviarlo, y se borran cuando "
        "me doy de baja, lo que puedo hacer en cualquier momento con un enlace que va en cada envío."
    ),
    "de": (
        "Ich möchte den Newsletter bekommen. Die Adresse und meine Auswahl werden verschlüsselt aufbewahrt, nur um ihn zu senden, "
        "und gelöscht, wenn ich ihn abbestelle; das kann ich jederzeit mit einem Link in jeder Ausgabe."
    ),
    "fr": (
        "Je souhaite recevoir la lettre d’information. L’adresse et mes choix sont conservés chiffrés, uniquement pour l’envoyer, "
        "et effacés quand je me désabonne, ce que je peux faire à tout moment par un lien dans chaque envoi."
    ),
}
LANGUAGES = tuple(_TEXTS)


def wording(language: str) -> Wording:
    """The words in force, in a language that we have, else in English."""
    known = language if language in _TEXTS else "en"
    return Wording(known, _TEXTS[known])
