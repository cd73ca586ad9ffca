"""Reading the arguments and input of commands. All that is wrong is a CommandError in one sentence."""

import sys
from getpass import getpass

from django.core.exceptions import ValidationError
from django.core.management import CommandError

from hubportal.accounts.models import User
from hubportal.accounts.signup import get_or_create_account
from hubportal.teams.models import Team


def team_called(slug: str) -> Team:
    """The team with this slug."""
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise CommandError(f"There is no team {slug!r}: give the part of its address that follows /t/.")
    return team


def person_with(email: str, password: str | None) -> tuple[User, str]:
    """The person with this address, made if new, and a sentence about it."""
    try:
        user, new = get_or_create_account(email, password)
    except ValidationError as error:
        raise CommandError(f"{email}: {' '.join(error.messages)}") from None
    if new and password is None:
        return user, f"{user.email} is new and has no password yet: they make one with 'Forgot your password?'."
    if new:
        return user, f"{user.email} is new and can sign in with the password given."
    if password is not None:
        return user, f"{user.email} had an account already and kept their password."
    return user, f"{user.email} had an account already."


def password_from_stdin() -> str:
    """The first line of standard input, which must not be empty."""
    password = secret_from_stdin("Password: ")
    if not password:
        raise CommandError("--password-stdin was given, but the first line of standard input is empty.")
    return password


def secret_from_stdin(prompt: str) -> str:
    """The first line of standard input; at a terminal it is asked for and not shown."""
    try:
        line = getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
    except UnicodeDecodeError:
        raise CommandError("Standard input isn't text.") from None
    return line.rstrip("\r\n")
