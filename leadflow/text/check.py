"""What a text may use: an allow-list over Jinja's syntax tree, all issues at once, each with its place.

Allowed: ``{{ … }}``, ``{% if %}``, one level of ``{% for x in lead.list %}``, comments; in expressions names, the filters
of `leadflow.text.filters`, ``is set`` and the other tests of conditions, comparison, ``and or not in``, ``+ - * /`` on
numbers, ``~``, ``a if b else c``. The same walk finds the names, and whether an empty one does harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from jinja2 import nodes

from leadflow.text.context import ROOTS
from leadflow.text.errors import TemplateIssue, TemplateRefused
from leadflow.text.expressions import Around, Expressions, FilterUse, NameUse
from leadflow.text.guards import filled_when, path_of
from leadflow.text.source import Places, parse, unified

_MOST_JOINED = 10
_ALONE = "a text stands alone; write it in full"
_WHERE_NEEDED = "write the value where it is needed"
_TAGS: dict[type[nodes.Node], tuple[str, str]] = {
    nodes.Assign: ("set", _WHERE_NEEDED),
    nodes.AssignBlock: ("set", _WHERE_NEEDED),
    nodes.Block: ("block", _ALONE),
    nodes.CallBlock: ("call", _ALONE),
    nodes.Extends: ("extends", _ALONE),
    nodes.FilterBlock: ("filter", "put the filter behind the value: {{ lead.name | upper }}"),
    nodes.FromImport: ("from", _ALONE),
    nodes.Import: ("import", _ALONE),
    nodes.Include: ("include", _ALONE),
    nodes.Macro: ("macro", _ALONE),
    nodes.ScopedEvalContextModifier: ("autoescape", "values are made safe by themselves"),
    nodes.With: ("with", _WHERE_NEEDED),
}


class Findings(NamedTuple):
    """What a walk over a template finds."""

    issues: tuple[TemplateIssue, ...]
    names: tuple[NameUse, ...]
    filters: tuple[FilterUse, ...] = ()


def check_template(source: str) -> list[TemplateIssue]:
    """Everything in a template that a text may not use, in the order of the source; nothing: it can be rendered."""
    return list(findings(source).issues)


def names_used(source: str) -> list[NameUse]:
    """Every use of a name (``lead.name``, ``signal.until``), in the order of the source.

    A template that cannot be read at all (`check_template` says why) has none.
    """
    return list(findings(source).names)


def filters_used(source: str) -> list[FilterUse]:
    """Every filter right behind a name (``lead.price | money``), in the order of the source."""
    return list(findings(source).filters)


@lru_cache(maxsize=512)
def findings(source: str) -> Findings:
    """Issues and names of a template."""
    source = unified(source)
    try:
        tree = parse(source)
    except TemplateRefused as refused:
        return Findings(refused.issues, ())
    walk = _Statements(Places(source))
    walk.statements(tree.body, Around())
    issues = sorted(walk.issues, key=lambda issue: (issue.line, issue.column))
    return Findings(tuple(issues), tuple(walk.names), tuple(walk.filters))


class _Statements(Expressions):
    def statements(self, body: Sequence[nodes.Node], around: Around) -> None:
        for node in body:
            match node:
                case nodes.Output():
                    self._output(node, around)
                case nodes.If():
                    self._if(node, around, "if")
                case nodes.For():
                    self._for(node, around)
                case _:
                    self._refused(node, around)

    def _output(self, node: nodes.Output, around: Around) -> None:
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                continue
            self.here = self.place("print")
            self.expression(child, around)
            chains = [child] if isinstance(child, nodes.Concat) else []
            chains += child.find_all(nodes.Concat)
            if sum(len(chain.nodes) for chain in chains) > _MOST_JOINED:
                hint = "write them in a row: {{ … }}{{ … }}"
                self.issue(None, f"more than {_MOST_JOINED} texts are joined with ~", hint)

    def _if(self, node: nodes.If, around: Around, word: str) -> None:
        self.here = self.place("tag", word)
        self.expression(node.test, around._replace(harmless=True))
        self.statements(node.body, around.knowing(filled_when(node.test, holds=True)))
        otherwise = around.knowing(filled_when(node.test, holds=False))
        for branch in node.elif_:
            self._if(branch, otherwise, "elif")
            otherwise = otherwise.knowing(filled_when(branch.test, holds=False))
        self.statements(node.else_, otherwise)

    def _for(self, node: nodes.For, around: Around) -> None:
        self.here = self.place("tag", "for")
        if around.items:
            self.issue(None, "a loop may not stand in another loop", "use one {% for %}")
        if node.recursive:
            self.issue(None, "a loop may not be recursive", "leave the word recursive out")
        item = self._item(node.target)
        path = path_of(node.iter)
        if path is None and not isinstance(node.iter, nodes.List | nodes.Tuple):
            self.issue(None, "a loop goes through a list", "write {% for item in lead.items %}")
        self.expression(node.iter, around._replace(harmless=True))
        inside = around._replace(items=around.items | {item, "loop"})
        if node.test is not None:
            self.expression(node.test, inside._replace(harmless=True))
        self.statements(node.body, inside.knowing(frozenset({path} if path else ())))
        self.statements(node.else_, around)

    def _item(self, target: nodes.Node) -> str:
        """The name a loop gives its items."""
        named = [target] if isinstance(target, nodes.Name) else list(target.find_all(nodes.Name))
        for name in named:
            place = self.place("name", name.name)
            if target is not name or name.name in (*ROOTS, "loop") or name.name.startswith("_"):
                hint = "write {% for item in lead.items %}"
                self.issue(place, "a loop gives each item one name of its own", hint)
        return named[0].name if named else ""

    def _refused(self, node: nodes.Node, around: Around) -> None:
        """Says so, and looks on inside: all is found at once."""
        tag, hint = _TAGS.get(type(node), ("", ""))
        if tag:
            self.here = self.place("tag", tag)
            self.issue(None, f"the tag '{tag}' is not allowed in a text", hint)
        for child in node.iter_child_nodes():
            if isinstance(child, nodes.Expr):
                self.expression(child, around)
            else:
                self.statements([child], around)
