"""allauth's forms where this site asks for more, or for less; and the person's own name and time zone."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hubportal.accounts.models import User
from hubportal.accounts.signup import signup_permission
from hubportal.accounts.time_zones import find_zone
from hubportal.accounts.two_factor import normalize_code
from hubportal.accounts.wording import TIME_ZONE_UNKNOWN


def name_field() -> forms.CharField:
    return forms.CharField(
        label=_("Your name"),
        max_length=User._meta.get_field("name").max_length,
        help_text=_("As your colleagues should see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class SignupForm(AllauthSignupForm):  # type: ignore[misc]  # allauth ships no types
    """Name, address and password; whoever was invited finds their address there."""

    name = name_field()
    field_order = ("name", "email", "password1", "password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        if permission := signup_permission(context.request):
            self.fields["email"].initial = permission.email

    def try_save(self, request: HttpRequest) -> Any:
        """A new account hashes its password: an address that has one must not be told by the time that saves."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class TypedCodeMixin:
    """A form of allauth's whose `code` is taken as people type it."""

    cleaned_data: dict[str, str]

    def clean_code(self) -> str:
        self.cleaned_data["code"] = normalize_code(self.cleaned_data["code"])
        code: str = super().clean_code()  # type: ignore[misc]
        return code


class AuthenticateCodeForm(TypedCodeMixin, AuthenticateForm):  # type: ignore[misc]
    pass


class ReauthenticateCodeForm(TypedCodeMixin, ReauthenticateForm):  # type: ignore[misc]
    pass


class ActivateAppForm(TypedCodeMixin, ActivateTOTPForm):  # type: ignore[misc]
    pass


@contextmanager
def malformed_answer_as_form_error() -> Iterator[None]:
    """Turn what goes wrong in reading a made-up answer of a device into one error of the form.

    fido2 reads it field by field and lets the first failure through; allauth catches some of them.
    """
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError, struct.error, InvalidSignature):
        raise forms.ValidationError(_("Your device didn't answer as it should. Try again.")) from None


class PasskeyMixin:
    def clean_credential(self) -> Authenticator:
        with malformed_answer_as_form_error():
            return super().clean_credential()  # type: ignore[misc]


class LoginPasskeyForm(PasskeyMixin, LoginWebAuthnForm):  # type: ignore[misc]
    pass


class AuthenticatePasskeyForm(PasskeyMixin, AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class ReauthenticatePasskeyForm(PasskeyMixin, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Every key that is added can sign in by itself, so nobody has to choose between kinds of keys."""

    name = forms.CharField(
        label=_("Name"), max_length=60, required=False, help_text=_("What tells it apart: My phone, Work laptop.")
    )
    passwordless = forms.BooleanField(initial=True, widget=forms.HiddenInput)

    def clean(self) -> Any:
        with malformed_answer_as_form_error():
            return super().clean()


class TimeZoneForm(forms.ModelForm):  # type: ignore[type-arg]
    """The zone may be typed in any case, or as the name of its place."""

    time_zone = forms.CharField(
        label=_("Time zone"),
        required=False,
        help_text=_("Leave it empty, and times are told as in your browser. Type a city to find its zone."),
        widget=forms.TextInput(
            attrs={
                "list": "time-zones",
                "placeholder": _("As in my browser"),
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )

    class Meta:
        model = User
        fields = ("time_zone",)

    def clean_time_zone(self) -> str:
        typed = self.cleaned_data["time_zone"]
        zone = find_zone(typed) if typed else ""
        if zone is None:
            # The form is far down its page.
            self.fields["time_zone"].widget.attrs["autofocus"] = True
            raise forms.ValidationError(TIME_ZONE_UNKNOWN)
        return zone


class NameForm(forms.ModelForm):  # type: ignore[type-arg]  # Django has none at run time
    name = name_field()

    class Meta:
        model = User
        fields = ("name",)
