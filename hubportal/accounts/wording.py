"""What is said about signing in: errors of allauth's forms in our words, second steps, devices."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REAUTHENTICATION_METHODS = {
    "reauthenticate": gettext_lazy("Use your password"),
    "mfa_reauthenticate": gettext_lazy("Use a code from your app, or a recovery code"),
    "mfa_reauthenticate:webauthn": gettext_lazy("Use a passkey"),
}

# What is not here, allauth says in its own words.
ACCOUNT_ERRORS = {
    "duplicate_email": gettext_lazy("That is your address already."),
    "email_password_mismatch": gettext_lazy("The address or the password is not correct."),
    "enter_current_password": gettext_lazy("That isn't your password. Type the one you sign in with now."),
    "incorrect_password": gettext_lazy("That isn't your password. Try again."),
    "too_many_login_attempts": gettext_lazy(
        "Too many tries that weren't right. Wait five minutes, then try again, or choose a new password."
    ),
    "rate_limited": gettext_lazy("That was too often in a short time. Wait five minutes, then try again."),
}
TWO_FACTOR_ERRORS = {
    "incorrect_code": gettext_lazy("That code isn't right, or its time is over. Try the one shown now."),
    "unverified_email": gettext_lazy("Confirm your email address first, or withdraw its change."),
    "cannot_generate_recovery_codes": gettext_lazy("Set up an authenticator app or a passkey first."),
}
AUTHENTICATOR_UNREADABLE = gettext_lazy(
    "This site can't check codes just now. Nothing is wrong with yours: tell whoever runs the site."
)
TIME_ZONE_UNKNOWN = gettext_lazy(
    "We don't know that time zone. Choose one from the list, such as Europe/Rome, or leave the field empty."
)
TOTP_QR_CODE = gettext_lazy("QR code for your authenticator app")

# The first that fits: most browsers also name those they descend from.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """`Firefox on Windows`, or as much of that as the User-Agent header tells."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A device we don't know")


def time_zone_saved(zone: str) -> str:
    """Which zone times are told in from now on; empty for the browser's."""
    if not zone:
        return _("Times are told as in your browser now.")
    return _("Times are told as in {zone} now.").format(zone=zone)


def passkey_name(number: int) -> str:
    """What the person's passkey of this number is called, unless they name it."""
    return _("Passkey") if number == 1 else _("Passkey %(number)d") % {"number": number}
