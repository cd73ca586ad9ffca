"""Names that a team gives: tags and collections. What may be in one, and which two are the same."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Turn what follows round, or set it apart from its surroundings (Unicode, UAX #9): a name could read as another one.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# A name is as long as its key at the most three times: case folding takes some letters apart.
KEY_FACTOR = 3


def clean_name(text: str, max_length: int) -> str:
    """The name as it is kept: composed, blanks as single spaces. Raises ValidationError, in words."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if any(unicodedata.category(char) in {"Cc", "Cs", "Cn", "Co"} for char in name) or _BIDI_CONTROLS.search(name):
        raise ValidationError(_("A name can't have control characters, or such that turn the writing round."))
    if not any(unicodedata.category(char)[0] in "LNPS" for char in name):
        raise ValidationError(_("A name needs at least one letter, number or sign."))
    if len(name) > max_length:
        raise ValidationError(_("A name has at most %(number)d characters."), params={"number": max_length})
    return name


def name_key(name: str) -> str:
    """What names are compared by: the same for two that differ in case alone."""
    return unicodedata.normalize("NFC", name.casefold())
