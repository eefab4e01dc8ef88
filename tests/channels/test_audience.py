"""People as advertisers know them."""

from __future__ import annotations

import io
import json
from hashlib import md5, sha256

import pytest

from leadflow.channels.audience import Hash, Phones, Written, change_body, write_csv
from leadflow.engine.effects import AudienceChange
from leadflow.store.audiences import Member

IVAN = Member(1, ("ivan@client.example", "=1+1@client.example"), ("+79161234567",))
OLGA = Member(2, (), ("+79161234568", "+79161234569"))


def sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def written(hashed: Hash, phones: Phones = "digits") -> tuple[list[str], Written]:
    file = io.StringIO(newline="")
    done = write_csv(file, [IVAN, OLGA], hashed, phones)
    return file.getvalue().split("\r\n"), done


def test_hashes_are_of_normal_addresses() -> None:
    """Each cell is the hash of the address alone; an empty one stays empty; further addresses get lines of their own."""
    lines, done = written("sha256")
    assert lines == [
        "email,phone",
        f"{sha('ivan@client.example')},{sha('79161234567')}",
        f"{sha('=1+1@client.example')},",
        f",{sha('79161234568')}",
        f",{sha('79161234569')}",
        "",
    ]
    assert done == Written(2, 0)


def test_plain_files_run_nothing_in_a_spreadsheet() -> None:
    """Without hashes an address that begins like a formula is left out, and counted."""
    lines, done = written("none")
    assert lines == [
        "email,phone",
        "ivan@client.example,79161234567",
        ",79161234568",
        ",79161234569",
        "",
    ]
    assert done == Written(2, 1)


@pytest.mark.parametrize(
    ("hashed", "phones", "cell"),
    [
        ("sha256", "plus", sha("+79161234567")),
        ("md5", "digits", md5(b"79161234567").hexdigest()),  # noqa: S324 -- what Yandex asks for
        ("none", "plus", "+79161234567"),
    ],
)
def test_numbers_as_each_advertiser_wants_them(hashed: Hash, phones: Phones, cell: str) -> None:
    """Google takes the plus, Yandex MD5 of the digits."""
    lines, _ = written(hashed, phones)
    assert lines[1].split(",")[1] == cell


def test_a_change_names_every_address_once() -> None:
    """Present and former ones, hashed, by kind; without any there is nothing to tell."""
    leaving = AudienceChange(
        key="k",
        name="warm",
        remove=True,
        email="New@Client.example",
        phone="+79161234567",
        former=("old@client.example", "new@client.example", "+79161234567"),
    )
    body = change_body("0" * 32, leaving)
    assert body is not None
    assert json.loads(body) == {
        "id": "0" * 32,
        "audience": "warm",
        "action": "remove",
        "email_sha256": [sha("new@client.example"), sha("old@client.example")],
        "phone_sha256": [sha("79161234567")],
    }
    assert change_body("0" * 32, AudienceChange(key="k", name="warm")) is None
