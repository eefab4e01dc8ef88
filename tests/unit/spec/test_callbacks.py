"""Callbacks and audiences in `leadflow.yaml`: what is read, what is refused, and where."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from leadflow.errors import Misconfigured
from leadflow.installation import Callbacks, Installation, Telling, filled
from leadflow.spec.installation import load_installation

GOOD = """
connections:
  sms:
    type: sms
    url: https://sms.example/
    callbacks:
      secret: "${HOOK}"
      key: data.ref
      id: sid
      each: events
      reports:
        - {at: status, is: [1, ok], means: delivered}
        - {at: error, means: dead, code: error.code}
"""


def read(folder: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    path = folder / "leadflow.yaml"
    path.write_text(text, "utf-8")
    _, problems = load_installation(path, environ)
    return [f"{one.line}:{one.column} {one.code} {one.message}" for one in problems]


def test_callbacks_are_read(tmp_path: Path) -> None:
    """As plain data that survives JSON; its secret comes from the environment, and is asked for when checking."""
    path = tmp_path / "leadflow.yaml"
    path.write_text(GOOD, "utf-8")
    made, problems = load_installation(path, {"HOOK": "h"})
    assert problems == []
    expected = Callbacks(
        "${HOOK}",
        (Telling("delivered", "status", ("1", "ok")), Telling("dead", "error", (), "error.code")),
        key="data.ref",
        id="sid",
        each="events",
    )
    assert made.connections["sms"].callbacks == expected
    assert msgspec.json.decode(msgspec.json.encode(made), type=Installation) == made
    found = filled(made.connections["sms"], {"HOOK": "h"}).callbacks
    assert found is not None
    assert found.secret == "h"
    with pytest.raises(Misconfigured, match="HOOK is not set"):
        filled(made.connections["sms"], {})
    assert read(tmp_path, GOOD, {}) == ["7:16 LF603 the environment variable HOOK is not set"]


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ("{secret: '${S}', reports: {means: delivered}}", "5:16 LF102 'key' or 'id' must be given"),
        ("{secret: '${S}', key: a}", "5:16 LF102 'reports' must be given"),
        ("{secret: '${S}', key: a, reports: []}", "5:41 LF102 'reports' must be given"),
        ("{key: a, reports: {means: delivered}}", "5:16 LF102 'secret' must be given"),
        ("{secret: abc, key: a, reports: {means: delivered}}", "5:25 LF602 the secret itself stands in the file"),
        ("{secret: '${S}', key: a, reports: {means: delivred}}", "5:58 LF105 'delivred' is not possible here"),
        ("{secret: '${S}', key: a, reports: {means: dead, is: 5}}", "5:64 LF102 'is' needs 'at'"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, part: str, problem: str) -> None:
    """Each is told where it stands."""
    text = f"connections:\n  sms:\n    type: sms\n    url: https://sms.example/\n    callbacks: {part}\n"
    assert [one[: len(problem)] for one in read(tmp_path, text)] == [problem]


def test_nobody_reports_on_webhooks(tmp_path: Path) -> None:
    """Callbacks are for what goes to clients."""
    text = GOOD.replace("type: sms", "type: webhook\n    secret: ${S}")
    assert read(tmp_path, text) == [
        "7:5 LF106 nobody reports on what goes by a connection of type webhook"
    ]


def test_an_advertiser_needs_a_secret(tmp_path: Path) -> None:
    """An audience is a file, or it is told with a signature."""
    line = "connections:\n  a: {type: audience"
    assert read(tmp_path, f"{line}}}\n") == []
    assert read(tmp_path, f"{line}, url: 'https://x', secret: '${{S}}'}}\n") == []
    assert read(tmp_path, f"{line}, url: 'https://x'}}\n") == [
        "2:23 LF102 an audience with a url needs a secret: what is told there is signed"
    ]
