"""A small layered layout: boxes in rows, every line through rows of its own, labels never over boxes.

The steps are the usual ones (Sugiyama): lines against the order of the boxes are turned round, boxes get rows by the
longest way to them, lines over several rows get a place in each, places in a row are sorted so that few lines cross,
then everything moves as near to its neighbours as the distances allow. Rows of boxes and rows of labels alternate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

GAP = 28.0
"""Between places of a row."""
ROW_GAP = 30.0
_SWEEPS = 12

Point = tuple[float, float]


@dataclass(slots=True)
class Place:
    """A box, a label, or where a line passes a row; x and y are of its middle."""

    width: float
    height: float
    row: int = 0
    x: float = 0
    y: float = 0
    floor: float = 0
    """Where its row ends."""
    above: list[Place] = field(default_factory=list)
    below: list[Place] = field(default_factory=list)
    box: int = -1
    """Index of the box; -1: none."""


@dataclass(slots=True)
class Line:
    """A line with its label, from box to box."""

    source: int
    target: int
    width: float
    height: float
    """Of the label."""
    label: Point = (0, 0)
    points: list[Point] = field(default_factory=list)
    """From source to target."""


def arrange(
    sizes: Sequence[tuple[float, float]], lines: Sequence[Line]
) -> tuple[list[Point], float, float]:
    """Places boxes and lines.

    Args:
        sizes: widths and heights of the boxes, in the order of reading.
        lines: between boxes, by index, two different ones; their labels and points are set.

    Returns:
        The boxes' middles, and width and height of it all.
    """
    boxes = [Place(width, height, box=index) for index, (width, height) in enumerate(sizes)]
    _set_rows(boxes, lines)
    rows: list[list[Place]] = [[] for _ in range(max((box.row for box in boxes), default=0) + 1)]
    for box in boxes:
        rows[box.row].append(box)
    chains = [_chain(boxes, line, rows) for line in lines]
    _sort(rows)
    _move(rows)
    _set_heights(rows)
    left = min((place.x - place.width / 2 for row in rows for place in row), default=0)
    for place in (place for row in rows for place in row):
        place.x -= left
    for line, chain in zip(lines, chains, strict=True):
        _draw(line, chain)
    width = max((place.x + place.width / 2 for row in rows for place in row), default=0)
    height = max((place.y + place.height / 2 for row in rows for place in row), default=0)
    return [(box.x, box.y) for box in boxes], width, height


def _set_rows(boxes: Sequence[Place], lines: Iterable[Line]) -> None:
    """Boxes stand in even rows, below all that lead to them; a box that nothing leads to just above its first target."""
    down = sorted(
        {(min(line.source, line.target), max(line.source, line.target)) for line in lines}
    )
    led_to = {lower for _, lower in down}
    for upper, lower in down:
        boxes[lower].row = max(boxes[lower].row, boxes[upper].row + 2)
    for index, box in enumerate(boxes):
        targets = [boxes[lower].row for upper, lower in down if upper == index]
        if index and index not in led_to and targets:
            box.row = max(0, min(targets) - 2)


def _chain(boxes: Sequence[Place], line: Line, rows: Sequence[list[Place]]) -> list[Place]:
    """The places of a line, from the upper box to the lower; its label lies next to the source."""
    upper, lower = sorted((boxes[line.source], boxes[line.target]), key=lambda box: box.row)
    chain = [upper]
    label_row = upper.row + 1 if upper is boxes[line.source] else lower.row - 1
    for row in range(upper.row + 1, lower.row):
        labelled = row == label_row
        place = Place(line.width if labelled else 1, line.height if labelled else 1, row=row)
        rows[row].append(place)
        chain.append(place)
    chain.append(lower)
    for one, other in pairwise(chain):
        one.below.append(other)
        other.above.append(one)
    return chain


def _sort(rows: Sequence[list[Place]]) -> None:
    """Sorts the rows by the middle of their neighbours, down and up again, and keeps the best order met."""
    best, fewest = [list(row) for row in rows], _crossings(rows)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for row, fixed in _pairs(rows, down=down):
            order = {id(place): float(index) for index, place in enumerate(fixed)}
            own = {id(place): float(index) for index, place in enumerate(row)}
            row.sort(key=lambda place: _middle(place, order, own[id(place)], down=down))
        found = _crossings(rows)
        if found < fewest:
            best, fewest = [list(row) for row in rows], found
    for row, order_kept in zip(rows, best, strict=True):
        row[:] = order_kept


def _pairs(rows: Sequence[list[Place]], *, down: bool) -> list[tuple[list[Place], list[Place]]]:
    """Each row with the one before it, in the direction of the sweep."""
    ordered = list(rows) if down else list(reversed(rows))
    return list(zip(ordered[1:], ordered, strict=False))


def _middle(place: Place, order: dict[int, float], own: float, *, down: bool) -> float:
    neighbours = [
        order[id(each)] for each in (place.above if down else place.below) if id(each) in order
    ]
    return sum(neighbours) / len(neighbours) if neighbours else own


def _crossings(rows: Sequence[list[Place]]) -> int:
    total = 0
    for upper, lower in pairwise(rows):
        order = {id(place): index for index, place in enumerate(lower)}
        ends = [
            order[id(end)]
            for place in upper
            for end in sorted(place.below, key=lambda e: order.get(id(e), 0))
            if id(end) in order
        ]
        total += sum(later < end for index, end in enumerate(ends) for later in ends[index + 1 :])
    return total


def _move(rows: Sequence[list[Place]]) -> None:
    for row in rows:
        x = 0.0
        for place in row:
            place.x = x + place.width / 2
            x += place.width + GAP
    for sweep in range(_SWEEPS * 2):
        down = sweep % 2 == 0
        for row, _ in _pairs(rows, down=down):
            _settle(row, down=down)
    _settle(rows[0], down=False)


def _settle(row: Sequence[Place], *, down: bool) -> None:
    """Moves the places of a row as near to the middle of their neighbours as the gaps allow (isotonic regression)."""
    offset, blocks = 0.0, list[list[float]]()
    offsets = []
    for index, place in enumerate(row):
        if index:
            offset += (row[index - 1].width + place.width) / 2 + GAP
        offsets.append(offset)
        neighbours = (place.above if down else place.below) or place.above or place.below
        wanted = sum(each.x for each in neighbours) / len(neighbours) if neighbours else place.x
        blocks.append([wanted - offset, 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            value, weight = blocks.pop()
            before = blocks[-1]
            before[0] = (before[0] * before[1] + value * weight) / (before[1] + weight)
            before[1] += weight
    settled = [value for value, weight in blocks for _ in range(int(weight))]
    for place, value, own in zip(row, settled, offsets, strict=True):
        place.x = value + own


def _set_heights(rows: Iterable[Sequence[Place]]) -> None:
    y = 0.0
    for row in rows:
        height = max((place.height for place in row), default=0)
        for place in row:
            place.y = y + (place.height if place.box >= 0 else height) / 2
            place.floor = y + height
        y += height + ROW_GAP


def _draw(line: Line, chain: Sequence[Place]) -> None:
    """From box to box, sideways only between the rows."""
    upper, *between, lower = chain
    out, into = _port(upper, upper.below, chain[1]), _port(lower, lower.above, chain[-2])
    points = [(out, upper.y + upper.height / 2), (out, upper.floor)]
    for place in between:
        half = place.height / 2 if place.height > 1 else place.floor - place.y
        points += [(place.x, place.y - half), (place.x, place.y + half)]
    points.append((into, lower.y - lower.height / 2))
    forward = upper.box == line.source
    labelled = between[0] if forward else between[-1]
    line.label = (labelled.x, labelled.y)
    points = [point for point, _ in groupby(points)]
    line.points = points if forward else points[::-1]


def _port(box: Place, neighbours: Sequence[Place], towards: Place) -> float:
    """Where a line leaves or meets a box: lines side by side, in the order of where they go."""
    ordered = sorted(neighbours, key=lambda each: each.x)
    nth = next(index for index, each in enumerate(ordered) if each is towards)
    step = min(22.0, (box.width - 24) / max(len(ordered), 1))
    return box.x + (nth - (len(ordered) - 1) / 2) * step
