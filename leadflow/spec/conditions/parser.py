"""The grammar of conditions: Jinja's expressions (same words, same precedence), only those that the engine knows.

A parser of our own and not Jinja's, because a mistake must be shown at its column and Jinja keeps only lines; a test
holds the two against each other. Everything else that Jinja can say is refused with the remedy.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NoReturn, TypeVar, cast, get_args

from leadflow.engine.expr import (
    MAX_DEPTH,
    MAX_NODES,
    And,
    Arith,
    ArithOp,
    Compare,
    CompareOp,
    Expr,
    In,
    ListOf,
    Lit,
    Not,
    Or,
    Ref,
    Test,
    TestName,
    children,
)
from leadflow.engine.natives import plain
from leadflow.spec.conditions.tokens import (
    ConditionIssue,
    Token,
    tokenise,
    why_left_over,
    why_missing,
)
from leadflow.spec.suggest import did_you_mean

E = TypeVar("E", bound=Expr)

_COMPARE: tuple[CompareOp, ...] = get_args(CompareOp)
_TESTS: tuple[TestName, ...] = get_args(TestName)
_RESERVED = frozenset({"and", "or", "not", "in", "is", "if", "else"})
_FLAGS = {"true": True, "True": True, "false": False, "False": False}
_NOTHING = frozenset({"none", "None", "null", "nil", "undefined"})
_SYNONYMS = {
    **dict.fromkeys(("defined", "filled", "present", "given", "known"), "set"),
    **dict.fromkeys((*_NOTHING, "blank", "missing", "unset", "unknown"), "empty"),
}


class _Stop(Exception):
    pass


class Parser:
    """Reads one expression; afterwards ``issues`` says what is wrong with it, ``starts`` where each node begins.

    ``starts`` goes by ``id(node)``, in characters from the start of the text. ``was.price`` is short for
    ``was.ROOT.price``, root being ``lead`` or ``deal``.
    """

    def __init__(self, text: str, root: str) -> None:
        self.tokens = tokenise(text)
        self.root = root
        self.at = 0
        self.depth = 0
        self.starts: dict[int, int] = {}
        self.issues = [token.bad for token in self.tokens if token.bad]

    def whole(self) -> Expr | None:
        """The expression, or what could be made of it; ``None`` if it cannot be read on."""
        if any(token.kind == "unread" for token in self.tokens):
            return None
        try:
            expr = self._or()
            if self._next.kind != "end":
                self._stop(*why_left_over(self._next, self.tokens[self.at - 1]))
            self._measure(expr)
        except _Stop:
            return None
        return expr

    # ---- reading tokens

    @property
    def _next(self) -> Token:
        return self.tokens[self.at]

    def _take(self, *words: str) -> str | None:
        """The next word or sign, if it is one of these."""
        token = self._next
        if token.kind not in {"name", "sign"} or token.text not in words:
            return None
        self.at += 1
        return token.text

    def _expect(self, sign: str, opened: Token) -> None:
        if not self._take(sign):
            if opened.text == "(" and self._next.text == ",":
                self._stop("a list stands in [ ], not in ( )", 'write ["one", "two"]', opened)
            self._stop(f"'{opened.text}' is opened here and not closed", f"add '{sign}'", opened)

    def _stop(self, message: str, hint: str = "", token: Token | None = None) -> NoReturn:
        self._note(message, hint, token or self._next)
        raise _Stop

    def _note(self, message: str, hint: str, token: Token) -> None:
        self.issues.append(ConditionIssue(message, token.start, hint))

    def _mark(self, node: E, start: int) -> E:
        self.starts[id(node)] = start
        return node

    def _nested(self, read: Callable[[], Expr]) -> Expr:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._stop("the condition is nested too deeply", "split it into several")
        expr = read()
        self.depth -= 1
        return expr

    def _measure(self, expr: Expr) -> None:
        level, nodes, depth = [expr], 0, 0
        while level:
            nodes += len(level)
            depth += 1
            level = [part for node in level for part in children(node)]
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            message = f"the condition has {nodes} parts, {depth} deep; at most {MAX_NODES} and {MAX_DEPTH}"
            self._stop(message, "split it into several", self.tokens[0])

    # ---- the grammar, from what binds loosest to what binds tightest

    def _or(self) -> Expr:
        parts = [self._and()]
        while self._take("or"):
            parts.append(self._and())
        return self._joined(Or, parts)

    def _and(self) -> Expr:
        parts = [self._not()]
        while self._take("and"):
            parts.append(self._not())
        return self._joined(And, parts)

    def _not(self) -> Expr:
        start = self._next.start
        if self._take("not"):
            return self._mark(Not(self._nested(self._not)), start)
        return self._compare()

    def _compare(self) -> Expr:
        """``1 < lead.price < 5`` is two comparisons."""
        left = self._sum()
        links: list[Expr] = []
        while sign := self._take(*_COMPARE, "in", "not"):
            start, right = self._start(left), self._linked(sign)
            if sign in _COMPARE:
                links.append(self._mark(Compare(sign, left, right), start))
            else:
                link: Expr = self._mark(In(left, right), start)
                links.append(self._mark(Not(link), start) if sign == "not" else link)
            left = right
        return self._joined(And, links) if links else left

    def _linked(self, sign: str) -> Expr:
        if sign == "not" and not self._take("in"):
            self._stop("'in' is missing after 'not'", 'write lead.client not in ["legal"]')
        return self._sum()

    def _joined(self, kind: type[And | Or], parts: list[Expr]) -> Expr:
        if len(parts) == 1:
            return parts[0]
        return self._mark(kind(tuple(parts)), self._start(parts[0]))

    def _sum(self) -> Expr:
        return self._arith(("+", "-"), self._product)

    def _product(self) -> Expr:
        return self._arith(("*", "/"), self._tested)

    def _arith(self, signs: tuple[ArithOp, ...], read: Callable[[], Expr]) -> Expr:
        left = read()
        while op := self._take(*signs):
            left = self._mark(Arith(cast("ArithOp", op), left, read()), self._start(left))
        return left

    def _tested(self) -> Expr:
        subject = self._signed()
        if not self._take("is"):
            return subject
        start = self._start(subject)
        negated = self._take("not")
        test = self._mark(Test(self._test_name(), subject), start)
        if self._next.kind == "name" and self._next.text in {"in", "not", "is"}:
            self._stop(f"'{self._next.text}' is not expected here", "put what stands before in ( )")
        return self._mark(Not(test), start) if negated else test

    def _test_name(self) -> TestName:
        token = self._next
        if token.kind != "name" or token.text in _FLAGS:
            hint = 'compare with ==, like lead.client == "legal"; a yes-or-no field stands alone'
            self._stop("after 'is' stands set, empty, open, done or failed", hint)
        self.at += 1
        if token.text in _TESTS:
            return token.text
        meant = _SYNONYMS.get(token.text) or did_you_mean(token.text, _TESTS)
        hint = (
            f"write 'is {meant}'" if meant else "after 'is' stands set, empty, open, done or failed"
        )
        self._note(f"'is {token.text}' means nothing in a condition", hint, token)
        return "set"

    def _signed(self) -> Expr:
        start = self._next.start
        if not self._take("-"):
            return self._primary()
        inner = self._nested(self._signed)
        if isinstance(inner, Lit) and inner.type == "number":
            return self._mark(Lit("number", plain(-Decimal(inner.value))), start)
        return self._mark(Arith("-", self._mark(Lit("number", "0"), start), inner), start)

    def _primary(self) -> Expr:
        token = self._next
        if token.kind == "string":
            self.at += 1
            return self._mark(Lit("text", token.text), token.start)
        if token.kind == "number":
            self.at += 1
            return self._mark(Lit("number", plain(Decimal(token.text))), token.start)
        if token.kind == "name" and token.text not in _RESERVED:
            return self._named(token)
        if self._take("("):
            inner = self._nested(self._or)
            self._expect(")", token)
            return inner
        if self._take("["):
            return self._list(token)
        return self._stop(*why_missing(token, self.tokens[self.at - 1] if self.at else None))

    def _list(self, opened: Token) -> Expr:
        items: list[Expr] = []
        while self._next.text != "]" or self._next.kind != "sign":
            items.append(self._nested(self._or))
            if not self._take(","):
                break
        self._expect("]", opened)
        return self._mark(ListOf(tuple(items)), opened.start)

    def _named(self, first: Token) -> Expr:
        self.at += 1
        if first.text in _FLAGS:
            return self._mark(Lit("flag", _FLAGS[first.text]), first.start)
        if first.text in _NOTHING:
            self._note(
                f"'{first.text}' means nothing in a condition",
                "write 'is empty' or 'is set'",
                first,
            )
            return self._mark(Lit("text", ""), first.start)
        path = [first.text]
        while self._take("."):
            if self._next.kind != "name":
                self._stop(f"a name is missing after '{'.'.join(path)}.'")
            path.append(self._next.text)
            self.at += 1
        if self._next.text == "(" and self._next.kind == "sign":
            self._stop(
                f"'{'.'.join(path)}' cannot be called",
                "conditions only read names and compare them",
            )
        if self._next.text == "[" and self._next.kind == "sign":
            self._stop("[ ] after a name means nothing in a condition", "write a dot: lead.price")
        return self._mark(Ref(self._rooted(path)), first.start)

    def _rooted(self, path: list[str]) -> tuple[str, ...]:
        if path[0] == "was" and len(path) > 1 and path[1] not in {"lead", "deal"}:
            path.insert(1, self.root)
        return tuple(path)

    def _start(self, node: Expr) -> int:
        return self.starts[id(node)]
