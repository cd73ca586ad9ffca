"""Which addresses are the open internet's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubportal.hub.ip_addresses import is_public


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_a_public_address_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "239.1.2.3",
        "240.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "::10.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2001::1",
        "5f00::1",
        "",
        "localhost",
        "8.8.8",
        "8.8.8.8.8",
        "08.8.8.8",
        "2130706433",
    ],
)
def test_anything_else_is_not(address):
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_no_disguise_makes_a_private_address_public(address):
    for disguise in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_public(disguise) == is_public(str(address))
    assert not is_public(f"::{address}")
