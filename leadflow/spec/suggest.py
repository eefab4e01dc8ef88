"""Near misses: what the author probably meant when a name is not known.

Two things go wrong in practice: a slip of the finger (`qualifed`), and a letter that only looks right because the
keyboard was on the other layout: Cyrillic «с» in `сontact`. The second is invisible, so the hint names the letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_TWINS = str.maketrans(
    "аеорсухкмтнівѕјАВЕКМНОРСТХУІЅЈ" + "αοινΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxkmthibsjABEKMHOPCTXYISJ" + "aoivABEZHIKMNOPTYX",
)
_SHOWN = 8
_MOST = 10
"""Slips that any word is forgiven."""


def did_you_mean(word: str, candidates: Iterable[str], *, most: int = _MOST) -> str | None:
    """The candidate that ``word`` is most likely a misspelling of, or None when nothing comes near.

    Near: the same letters apart from case, look-alikes and ``-``/``_``; else at most one slip (a letter missing, added,
    wrong, or two swapped) for every three letters, and ``most`` of them; a tie goes to the candidate listed first.
    """
    wanted = _folded(word)
    best: tuple[int, str] | None = None
    for candidate in candidates:
        known = _folded(candidate)
        if known == wanted:
            return candidate
        allowed = min(most, max(len(wanted), len(known)) // 3)
        slips = _distance(wanted, known, allowed)
        if slips <= allowed and (best is None or slips < best[0]):
            best = slips, candidate
    return best[1] if best else None


def hint_for_unknown(kind: str, word: str, candidates: Iterable[str]) -> str:
    """A hint for a name nobody declared: the near miss, else the names there are.

    Args:
        kind: what the name should be, in the singular: "field", "stage", "key" …
        word: the name as written.
        candidates: the names known at this place, in the order to show them.
    """
    known = list(dict.fromkeys(candidates))
    meant = did_you_mean(word, known)
    if meant is not None:
        return f"did you mean '{meant}'?{explain_twins(word, meant)}"
    if not known:
        return f"no {kind} is known here"
    names = ", ".join(known[:_SHOWN])
    more = len(known) - _SHOWN
    return f"known here: {names}" + (f" and {more} more" if more > 0 else "")


def foreign_letters(word: str) -> Sequence[str]:
    """The letters in ``word`` that only look like Latin ones, each once, in order."""
    return tuple(dict.fromkeys(letter for letter in word if ord(letter) in _TWINS))


def to_latin(word: str) -> str:
    """``word`` with every look-alike letter replaced by the Latin one."""
    return word.translate(_TWINS)


def explain_twins(word: str, meant: str) -> str:
    """Which letters of ``word`` only look like those of ``meant``; empty: none."""
    letters = [letter for letter in foreign_letters(word) if letter not in meant]
    if not letters:
        return ""
    shown = ", ".join(f"«{letter}»" for letter in letters)
    return f" ({shown} in '{word}' is not a Latin letter, it only looks like one)"


def _folded(word: str) -> str:
    return to_latin(word).casefold().replace("-", "_").replace("ё", "e")


def _distance(left: str, right: str, limit: int) -> int:
    """Slips between two words (insert, delete, replace, swap of neighbours), or ``limit + 1`` when there are more."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
