"""A pipeline as bytes: compressed JSON, small enough to travel in every lead's input."""

from __future__ import annotations

import zlib
from functools import lru_cache

import msgspec

from leadflow.engine.pipeline import Pipeline

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Pipeline).decode


def pack(pipeline: Pipeline) -> bytes:
    """The pipeline, zlib over JSON (1–5 kB)."""
    return zlib.compress(_encode(pipeline), 9)


@lru_cache(maxsize=256)
def unpack(packed: bytes) -> Pipeline:
    """The same pipeline back; one object per version, shared by all its leads in this process."""
    return _decode(zlib.decompress(packed))
