"""The graph of a pipeline as an SVG that needs nothing else to be seen (`leadflow graph --svg`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from leadflow.engine.pipeline import Pipeline, Stage
from leadflow.spec.graph.layout import Line, Point, arrange
from leadflow.spec.graph.ways import ANYWHERE, Mood, Way, ways

_LETTER = 8.3
"""Width of a letter of the titles; of the labels a little less."""
_SMALL = 6.4
_LINE = 16.0
_PAD = 14.0
_MARGIN = 24.0

_STYLE = """
  .sheet { fill: #ffffff }
  .stage { fill: #f8fafc; stroke: #64748b; stroke-width: 1.2 }
  .first { stroke: #2563eb; stroke-width: 2 }
  .success { fill: #dcfce7; stroke: #16a34a }
  .failure { fill: #fee2e2; stroke: #dc2626 }
  .anywhere { fill: #ffffff; stroke: #94a3b8; stroke-dasharray: 4 3 }
  .track { fill: #ffffff; stroke: #cbd5e1 }
  .way { fill: none; stroke: #64748b; stroke-width: 1.2 }
  .time { stroke-dasharray: 6 4 } .itself { stroke-dasharray: 2 3 }
  .paper { fill: #ffffff; fill-opacity: 0.92 }
  text { font-family: system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; text-anchor: middle; fill: #0f172a }
  .title { font-size: 13px; font-weight: 600 } .label { font-size: 11px; fill: #475569 }
"""
_MOODS: dict[Mood, str] = {"person": "way", "time": "way time", "by itself": "way itself"}


@dataclass(slots=True)
class _Picture:
    """A drawn part: its size and what is in it, from its own upper left corner."""

    width: float
    height: float
    body: str


def graph_svg(pipeline: Pipeline) -> str:
    """The whole graph; titles show the stages' ids and places in the file."""
    main = [stage for stage in pipeline.stages.values() if not stage.track]
    names = {stage.id for stage in main} | {ANYWHERE}
    found = [way for way in ways(pipeline) if way.source in names and way.target in names]
    pictures = {stage.id: _stage(pipeline, stage, first=stage is main[0]) for stage in main}
    if any(way.source == ANYWHERE for way in found):
        pictures[ANYWHERE] = _box(["any open stage"], "anywhere", "", round_=True)
    drawn = _drawing(_in_order(pictures, main), found)
    width, height = drawn.width + 2 * _MARGIN, drawn.height + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" aria-label="{escape(pipeline.title)}">\n'
        f"<title>{escape(pipeline.title)}</title>\n<style>{_STYLE}</style>\n{_ARROW}\n"
        f'<rect class="sheet" width="100%" height="100%"/>\n{_at(_MARGIN, _MARGIN, drawn.body)}\n</svg>\n'
    )


_ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0.5 L8 4 L0 7.5 z" fill="#64748b"/></marker></defs>'
)


def _in_order(pictures: dict[str, _Picture], main: Sequence[Stage]) -> dict[str, _Picture]:
    """Final stages come last, so that ways to them go down; ``any open stage`` just before them."""
    open_, final = [s.id for s in main if not s.final], [s.id for s in main if s.final]
    names = [*open_, ANYWHERE, *final]
    return {name: pictures[name] for name in names if name in pictures}


def _drawing(pictures: dict[str, _Picture], found: Iterable[Way]) -> _Picture:
    """Boxes and the ways between them."""
    index = {name: nth for nth, name in enumerate(pictures)}
    between = _joined(way for way in found if way.source != way.target)
    labels = [_label(way) for way in between]
    lines = [
        Line(index[source], index[target], label.width, label.height)
        for (source, target, _), label in zip(between, labels, strict=True)
    ]
    middles, width, height = arrange([(p.width, p.height) for p in pictures.values()], lines)
    parts = [_path(line.points, way[2][0].mood) for line, way in zip(lines, between, strict=True)]
    parts += [
        _at(line.label[0] - label.width / 2, line.label[1] - label.height / 2, label.body)
        for line, label in zip(lines, labels, strict=True)
    ]
    parts += [
        _at(x - picture.width / 2, y - picture.height / 2, picture.body)
        for (x, y), picture in zip(middles, pictures.values(), strict=True)
    ]
    return _Picture(width, height, "\n".join(parts))


def _joined(found: Iterable[Way]) -> list[tuple[str, str, list[Way]]]:
    """Ways between the same two stages are one line with several labels."""
    by_ends: dict[tuple[str, str], list[Way]] = {}
    for way in found:
        by_ends.setdefault((way.source, way.target), []).append(way)
    return [(source, target, members) for (source, target), members in by_ends.items()]


def _label(way: tuple[str, str, list[Way]]) -> _Picture:
    lines = [line for member in way[2] for line in wrap(member.label, 30)]
    width = max(len(line) for line in lines) * _SMALL + 8
    height = len(lines) * 14.0 + 4
    rect = f'<rect class="paper" width="{width:.1f}" height="{height:.1f}" rx="4"/>'
    return _Picture(width, height, rect + _texts(lines, width / 2, 13, 14, "label"))


def _path(points: Sequence[Point], mood: Mood) -> str:
    (x, y), *rest = points
    parts = [f"M{x:.1f} {y:.1f}"]
    for nx, ny in rest:
        bend = (ny - y) / 2
        parts.append(f"C{x:.1f} {y + bend:.1f} {nx:.1f} {ny - bend:.1f} {nx:.1f} {ny:.1f}")
        x, y = nx, ny
    return f'<path class="{_MOODS[mood]}" marker-end="url(#arrow)" d="{" ".join(parts)}"/>'


def _stage(pipeline: Pipeline, stage: Stage, *, first: bool) -> _Picture:
    kind = " ".join(filter(None, ("stage", stage.final, "first" if first else "")))
    hint = f"{stage.id} · {stage.pos}"
    found = ways(pipeline)
    if not stage.tracks:
        again = [way.label for way in found if way.source == way.target == stage.id]
        return _box(
            wrap(stage.title, 24) or [stage.id], kind, hint, again, round_=bool(stage.final)
        )
    tracks = []
    for track in stage.tracks:
        inner = {
            name: _stage(pipeline, pipeline.stages[name], first=False) for name in track.stages
        }
        own = [way for way in found if way.source in inner and way.target in inner]
        tracks.append(_framed(_drawing(inner, own), track.title, "track", ""))
    return _framed(_side_by_side(tracks), stage.title, kind, hint)


def _side_by_side(pictures: Sequence[_Picture]) -> _Picture:
    x, parts = 0.0, []
    for picture in pictures:
        parts.append(_at(x, 0, picture.body))
        x += picture.width + _PAD
    return _Picture(x - _PAD, max(picture.height for picture in pictures), "\n".join(parts))


def _framed(inside: _Picture, title: str, kind: str, hint: str) -> _Picture:
    width = max(inside.width, len(title) * _LETTER) + 2 * _PAD
    height = inside.height + 2 * _PAD + _LINE + 4
    frame = _rect(width, height, kind, hint, 10)
    head = _texts([title], width / 2, _PAD + 8, _LINE, "title")
    body = _at((width - inside.width) / 2, _PAD + _LINE + 4, inside.body)
    return _Picture(width, height, frame + head + body)


def _box(
    title: Sequence[str], kind: str, hint: str, again: Sequence[str] = (), *, round_: bool
) -> _Picture:
    """A stage: its title, and the ways that lead back to itself."""
    notes = [line for label in again for line in wrap(f"↻ {label}", 32)]
    longest = max(
        *(len(line) * _LETTER for line in title), *(len(note) * _SMALL for note in notes), 68
    )
    width = longest + 2 * _PAD
    height = (len(title) + len(notes)) * _LINE + 2 * _PAD - 4
    frame = _rect(width, height, kind, hint, height / 2 if round_ else 8)
    lines = _texts(title, width / 2, _PAD + 10, _LINE, "title")
    lines += _texts(notes, width / 2, _PAD + 10 + len(title) * _LINE, _LINE, "label")
    return _Picture(width, height, frame + lines)


def _rect(width: float, height: float, kind: str, hint: str, radius: float) -> str:
    title = f"<title>{escape(hint)}</title>" if hint else ""
    return f'<rect class="{kind}" width="{width:.1f}" height="{height:.1f}" rx="{radius:.1f}">{title}</rect>'


def _texts(lines: Sequence[str], x: float, y: float, step: float, kind: str) -> str:
    return "".join(
        f'<text class="{kind}" x="{x:.1f}" y="{y + nth * step:.1f}">{escape(line)}</text>'
        for nth, line in enumerate(lines)
    )


def _at(x: float, y: float, body: str) -> str:
    return f'<g transform="translate({x:.1f} {y:.1f})">{body}</g>'
