"""msgspec learns a struct at its first use, and not safely: no thread of ours may meet one that is half learned."""

import ast
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from temporalio.api.common.v1 import Payload

from leadflow.engine.events import AnyEvent
from leadflow.ports import Commit, Committed
from tests.test_house_rules import ROOT, place, python_files
from workflows.payloads import MsgspecConverter
from workflows.shapes import Acted, Asked, Migrated, Start

OURS = ("leadflow", "workflows", "activities", "commands", "proving", "worker.py", "cli.py")
LEARNERS = {"known", "_decoder"}
"""Functions that make a decoder: while a module is imported, or one at a time."""
GIVEN_A_TYPE = {"_all", "_text"}
"""Functions that are told what to convert to: a struct that is `known` by its decorator."""
SHAPES: tuple[Any, ...] = (Start, AnyEvent | Asked, Migrated, Acted, Committed, Commit)
DATA = b"""{"type": "Asked", "event": {"type": "FieldsSet", "id": "1"}, "stored": 1, "pipeline": "aaaa",
    "state": {"lead": "x"}, "batch": {"state": {"lead": "x"}, "happened": []}, "happened": []}"""
THREADS = 8


def read_by_threads() -> None:
    """In a process that has read nothing yet: all threads read all shapes, each beginning with another one."""
    sys.setswitchinterval(1e-6)
    barrier = threading.Barrier(THREADS)

    def read(number: int) -> None:
        converter = MsgspecConverter()
        turn = number % len(SHAPES)
        barrier.wait()
        for shape in SHAPES[turn:] + SHAPES[:turn]:
            try:
                converter.from_payload(Payload(data=DATA), shape)
            except ValueError:  # what does not fit this shape
                continue

    threads = [threading.Thread(target=read, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write("all have read")


def test_a_worker_that_starts_reads_in_many_threads() -> None:
    """Its first workflows and activities come all at once: no process ends by a segmentation fault."""
    command = [sys.executable, "-c", f"from {__name__} import read_by_threads as r; r()"]
    for _ in range(3):
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stdout) == (0, "all have read"), ended.stderr


def test_types_are_learned_while_modules_are_imported() -> None:
    """A decoder is made once, at the top of a module; a conversion names a type learned there (`leadflow.decoding`)."""
    late = [
        place(path, call.lineno)
        for path in python_files()
        if path.relative_to(ROOT).parts[0] in OURS
        for call in _late(path)
    ]
    assert late == []


def _late(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text("utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and _learns(call, function.name):
                    yield call


def _learns(call: ast.Call, within: str) -> bool:
    """Whether msgspec may meet a type for the first time here."""
    match ast.unparse(call.func):
        case "msgspec.json.Decoder":
            return within not in LEARNERS
        case "msgspec.json.decode":
            return any(word.arg == "type" for word in call.keywords)
        case "msgspec.convert":
            kind = call.args[1]
            learned = isinstance(kind, ast.Name) and kind.id.isupper()
            return not learned and within not in GIVEN_A_TYPE
        case _:
            return False
