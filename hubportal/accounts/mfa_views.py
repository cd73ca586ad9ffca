"""Setting up a second step on the way to somewhere: whoever comes with a `next` is led there once it is done.

allauth's pages end at the list of second steps, from where a person would have to find the way back alone.
"""

from typing import Any

from allauth.account.mixins import NextRedirectMixin
from allauth.mfa.base.views import IndexView
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.urls import reverse
from django.utils.http import urlencode


class LedOn(NextRedirectMixin):  # type: ignore[misc]  # allauth ships no types
    """Tells the template where to go on to (`onward`), and what hands that to the next page (`carried`).

    A `next` that leads off this site is none.
    """

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        onward = self.get_next_url()
        carried = f"?{urlencode({self.redirect_field_name: onward})}" if onward else ""
        shown: dict[str, Any] = super().get_context_data(**kwargs)
        return shown | {"onward": onward, "carried": carried}


class SetsUp(LedOn):
    """The first step that is set up brings recovery codes, which nobody may be led past."""

    did_generate_recovery_codes: bool

    def get_success_url(self) -> str:
        if self.did_generate_recovery_codes:
            return str(self.passthrough_next_url(reverse("mfa_view_recovery_codes")))
        return str(super().get_success_url())


class Ways(LedOn, IndexView):  # type: ignore[misc]
    pass


class SetUpApp(SetsUp, ActivateTOTPView):  # type: ignore[misc]
    pass


class AddPasskey(SetsUp, AddWebAuthnView):  # type: ignore[misc]
    pass


class RecoveryCodes(LedOn, ViewRecoveryCodesView):  # type: ignore[misc]
    pass
