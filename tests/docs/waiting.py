"""What ``leadflow lead why`` says of a lead that a page shows: the same words, without a running installation."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from commands.cards import say_why
from leadflow.engine.why import why
from leadflow.rules.staff import Staff
from leadflow.simulate.acts import Edge, created
from leadflow.simulate.instants import absolute
from leadflow.simulate.schema import ScenarioFile
from leadflow.simulate.story import Story
from leadflow.simulate.world import Spec, World
from leadflow.spec.check import check_paths
from leadflow.spec.loader import load_text
from leadflow.spec.schema.read import read_part
from leadflow.store.leads import LeadRow
from tests.docs.parts import as_yaml


def say_what_waits(file: str, start: dict[str, Any]) -> None:
    """Prints what the first lead waits for at the moment when it has begun.

    Args:
        file: the pipeline's, in the present folder.
        start: how the lead begins, as in a scenario.
    """
    checked = check_paths([file])
    pipeline, blobs = checked.compiled[0].pipeline, checked.compiled[0].blobs
    shown = {"pipeline": pipeline.id, "scenarios": [{"name": "it", "start": start, "steps": []}]}
    document = load_text(as_yaml(shown).encode(), "the lead")
    read, _ = read_part(ScenarioFile, document.data, document)
    assert read is not None
    begins = read.scenarios[0].start
    now = absolute(str(begins.at), pipeline)
    assert now is not None
    home = checked.project.installation
    world = World({pipeline.id: Spec(pipeline, blobs)}, Staff(home), now, Story())
    life = world.begin(pipeline.id, created(begins, Edge(pipeline, home, None, now)))
    row = cast("LeadRow", SimpleNamespace(number=life.number, stage=life.state.stage))
    say_why(row, pipeline, why(pipeline, life.state, now))
