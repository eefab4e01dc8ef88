"""The alert rules that operators take over: each metric is served, each alert is explained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from leadflow.store.entries import STATES
from tests.web.test_metrics import FIGURES, exposition, samples

DOCS = Path(__file__).parents[2] / "docs"
RULES: list[dict[str, Any]] = [
    rule
    for group in YAML(typ="safe").load((DOCS / "operations" / "alerts.yml").read_text("utf-8"))[
        "groups"
    ]
    for rule in group["rules"]
]
PAGE = (DOCS / "operations.md").read_text("utf-8")
OUTCOMES = {*STATES, "postponed", "held"}
VALUES = {
    "outcome": OUTCOMES,
    "state": {"open", "quarantined", "success", "failure"},
    "queue": set(FIGURES.queues),
    "job": {"leadflow"},
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_asks_for_what_is_served(rule: dict[str, Any], tmp_path: Path) -> None:
    """Every metric in it is in the exposition, every label value is one that there is; it says how bad it is."""
    served = {name.split()[0] for name in samples(exposition(tmp_path, lambda: FIGURES))}
    asked = set(re.findall(r"leadflow_\w+", rule["expr"]))
    assert asked <= served
    assert asked or re.search(r"\b(up|process_start_time_seconds)\b", rule["expr"])
    for label, values in re.findall(r'(\w+)=~?"([^"]+)"', rule["expr"]):
        assert set(values.split("|")) <= VALUES[label]
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]


def test_every_alert_is_explained() -> None:
    """Each has its heading in docs/operations.md, with how to look and what to do, and no heading is left over."""
    alerts = PAGE.partition("\n## Alerts\n")[2].partition("\n## ")[0]
    explained = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", alerts, re.MULTILINE | re.DOTALL))
    assert explained.keys() == {rule["alert"] for rule in RULES}
    parts = ("**Look:** ", "**Do:** ")
    vague = [name for name, text in explained.items() if not all(part in text for part in parts)]
    assert vague == []


def test_every_metric_is_described(tmp_path: Path) -> None:
    """The page's table names each metric that is served, and none that is not."""
    served = {name.split()[0] for name in samples(exposition(tmp_path, lambda: FIGURES))}
    table = PAGE.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"leadflow_\w+", table)) == served
