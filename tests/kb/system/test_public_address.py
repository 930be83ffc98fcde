"""Addresses of pages without what opened them for one person."""

from __future__ import annotations

import pytest

from kb.system.public_address import public_address


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://user:password@host.example/a?day=1", "https://host.example/a?day=1"),
        ("HTTPS://user:p@ss@host", "HTTPS://host"),
        ("https://token@host/", "https://host/"),
        (
            "https://web.archive.org/web/https://user:password@host/",
            "https://web.archive.org/web/https://host/",
        ),
        ("https://h/a?token=x&day=1&access_token=t#access_token=z&b=2", "https://h/a?day=1#b=2"),
        ("https://h/a;jsessionid=5?x=1", "https://h/a?x=1"),
        ("https://h/o?X-Amz-Signature=ab&X-Amz-Credential=c&part=2", "https://h/o?part=2"),
        ("https://h/?next=https%3A%2F%2Fuser%3Apassword%40host&x=1", "https://h/?x=1"),
        ("https://h/#/route?api_key=5&y=1", "https://h/#/route?y=1"),
        ("ftp://user:password@host/a b", "ftp://host/a b"),
    ],
)
def test_what_opened_a_page_for_one_person_is_left_out(address: str, kept: str) -> None:
    assert public_address(address) == kept


@pytest.mark.parametrize(
    "address",
    [
        "https://host/@user/post?mail=a@b.example",
        "https://host/a?b&c#d",
        "https://host/?author=x&keyword=y",
        "https://host\\@path",
        "mailto:a@b.example",
        "notes/a?token=1.txt",
        "",
    ],
)
def test_the_rest_stays_as_it_is(address: str) -> None:
    assert public_address(address) == address
