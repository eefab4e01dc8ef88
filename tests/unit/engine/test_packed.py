"""A pipeline travels in every lead's input: small, whole, one object a version."""

from leadflow.engine.packed import pack, unpack
from tests.support.lead import pipeline

STAGES = """
stages:
  one: {exits: [{signal: go, if: lead.price > 100, goto: two}]}
  two: {final: success}
"""


def test_a_packed_pipeline_comes_back_whole() -> None:
    """What was packed is what is unpacked, smaller than its JSON, and shared by all leads of the version."""
    spec = pipeline(STAGES)
    packed = pack(spec)
    assert unpack(packed) == spec
    assert unpack(bytes(packed)) is unpack(packed)
    assert len(packed) < 2_000
