"""Small random edits of valid pipelines: the check always answers, and every problem has a real place."""

import random
import re
import shutil
from pathlib import Path

import pytest

from leadflow.spec.check import check_paths

VALID = Path(__file__).parents[2] / "specs" / "valid"
WORD = re.compile(r"[\w.-]+")
FILES = ["permits.yaml", "everything.yaml", "templates/offer.email.md"]
EDITS = 10
"""Of each file; more of them have been tried by hand."""


def edited(text: str, chance: random.Random) -> str:
    """The text after up to three slips: a line lost, doubled or indented, a word or a character exchanged."""
    lines = text.split("\n")
    words = [*WORD.findall(text), "working", "lead.price"]
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        line = lines[at]
        found = list(WORD.finditer(line))
        slip = chance.choice(["lose", "double", "indent", "word", "word", "cut", "insert"])
        if slip == "lose" and len(lines) > 1:
            del lines[at]
        elif slip == "double":
            lines.insert(at, chance.choice(lines))
        elif slip == "indent":
            lines[at] = f"  {line}" if chance.random() < 0.5 else line[2:]
        elif slip == "word" and found:
            word = chance.choice(found)
            lines[at] = line[: word.start()] + chance.choice(words) + line[word.end() :]
        elif line:
            place = chance.randrange(len(line))
            middle = "" if slip == "cut" else chance.choice("{}[]:,'\"# xя")
            lines[at] = line[:place] + middle + line[place + (slip == "cut") :]
    return "\n".join(lines)


@pytest.mark.parametrize("name", FILES)
def test_any_edit_gets_an_answer_with_real_places(name: str, tmp_path: Path) -> None:
    """The check never raises; each problem stands in a file, on one of its lines, at a column of that line."""
    folder = tmp_path / "specs"
    shutil.copytree(VALID, folder)
    file = folder / name
    original = file.read_text("utf-8")
    problems = 0
    for seed in range(EDITS):
        file.write_text(edited(original, random.Random(seed)), "utf-8")  # noqa: S311  no secret
        for problem in check_paths([folder], year=2026).problems:
            lines = Path(problem.path).read_text("utf-8").split("\n")
            assert 1 <= problem.line <= len(lines), (seed, problem)
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1, (seed, problem)
            problems += 1
    assert problems > EDITS
