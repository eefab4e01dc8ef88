"""Types that msgspec has learned before there are threads.

At its first use of a struct msgspec writes down how its fields are read. A thread that reads the same struct meanwhile
finds a table half written and brings the process down with a segmentation fault (seen with 0.22; tests/test_decoding.py).
So every `msgspec.json.Decoder` is made while its module is imported, and what is converted is `known` from then on.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


def known(kind: type[T]) -> type[T]:
    """The type itself, learned; to be called while a module is imported."""
    msgspec.json.Decoder(kind)
    return kind
