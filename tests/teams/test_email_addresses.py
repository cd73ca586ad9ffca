"""What people paste, read as addresses."""

import pytest

from hubportal.teams.forms import read_addresses
from hubportal.teams.invitations import is_address


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        ("otto@example.org", ["otto@example.org"]),
        ("Otto@Example.org, nora@example.org", ["otto@example.org", "nora@example.org"]),
        ("a@x.org b@x.org\nc@x.org;d@x.org\td@x.org", ["a@x.org", "b@x.org", "c@x.org", "d@x.org", "d@x.org"]),
        ("Otto Berg <otto@example.org>, Nora <nora@example.org>", ["otto@example.org", "nora@example.org"]),
        ('"Berg, Otto" <otto@example.org>; nora@example.org', ["otto@example.org", "nora@example.org"]),
        ("Otto <otto@x.org> Nora <nora@x.org> mina@x.org", ["mina@x.org", "otto@x.org", "nora@x.org"]),
        ("mailto:otto@x.org, (nora@x.org), 'rob@x.org'.", ["otto@x.org", "nora@x.org", "rob@x.org"]),
        ("otto, nora@", ["otto", "nora@"]),
        ("Otto <otto>", ["otto"]),
        (" ,;\n ", []),
    ],
)
def test_addresses_are_found_whatever_stands_between_them(pasted: str, found: list[str]) -> None:
    assert read_addresses(pasted) == found


@pytest.mark.parametrize(
    ("word", "good"),
    [
        ("otto@example.org", True),
        ("otto+hub@mail.example.org", True),
        ("otto", False),
        ("otto@", False),
        ("otto@localhost.", False),
        ("o@tto@example.org", False),
        (f"{'o' * 60}@{'example.' * 30}org", False),
    ],
)
def test_what_is_no_address_is_told_from_what_is(word: str, good: bool) -> None:
    assert is_address(word) is good
