"""Expected messages against those that went, did not go, or went to our own people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leadflow.simulate import found
from leadflow.simulate.differing import Difference, Scene, at, listed
from leadflow.simulate.schema import SentItem, ToldItem
from leadflow.simulate.story import Item
from leadflow.simulate.world import Life


def sent(key: str, wanted: Sequence[SentItem], scene: Scene) -> Iterator[Difference]:
    """``sent`` and ``skipped``: whole, in order."""
    has = getattr(scene.story.of(scene.life), key)
    fits = len(wanted) == len(has) and all(
        _is_item(want, item, scene.life) for want, item in zip(wanted, has, strict=True)
    )
    if not fits:
        expected = listed(_shown_item(want) for want in wanted)
        yield Difference(key, expected, listed(_item(i, scene.life, wanted) for i in has))


def _is_item(want: SentItem, item: Item, life: Life) -> bool:
    return (
        want.template in (None, item.template)
        and (want.to is None or str(want.to) in item.to)
        and want.reason in (None, item.reason)
        and (want.at is None or not list(at("", want.at, item.at, life)))
    )


def _shown_item(want: SentItem | ToldItem) -> str:
    names = [want.template] if isinstance(want, SentItem) else [", ".join(want.to)]
    more = [want.to] if isinstance(want, SentItem) else []
    shown = [part for part in (*names, want.at, *more, want.reason) if part]
    return " ".join(shown)


def _item(item: Item, life: Life, wanted: Sequence[SentItem]) -> str:
    """As much of it as the expectation goes into."""
    parts = [item.template]
    parts += [found.shown(life, item.at)] if any(want.at for want in wanted) else []
    parts += item.to if any(want.to for want in wanted) else []
    parts += [item.reason] if item.reason else []
    return " ".join(parts)


def notified(key: str, wanted: Sequence[ToldItem], scene: Scene) -> Iterator[Difference]:
    """``notified``: whole, in order; a word to several may be expected as one, or once for each of them."""
    has = scene.story.of(scene.life).notified
    place = 0
    for item, named in has:
        taken = _told(wanted[place:], item, named, scene.life)
        place += taken
        if not taken:
            place = -1
            break
    if place != len(wanted):
        told = [" ".join([*item.to] or [*named]) for item, named in has]
        shown = [
            name + (f" {found.shown(scene.life, item.at)}" if any(w.at for w in wanted) else "")
            for name, (item, _) in zip(told, has, strict=True)
        ]
        yield Difference(key, listed(_shown_item(want) for want in wanted), listed(shown))


def _told(wanted: Sequence[ToldItem], item: Item, named: tuple[str, ...], life: Life) -> int:
    """How many expected items a word stands for: one, or one for each user that it went to."""
    if not wanted:
        return 0
    if _is_told(wanted[0], item, named, life):
        return 1
    each = wanted[: len(item.to)]
    singly = [list(want.to) for want in each] == [[user] for user in item.to]
    return len(each) if singly and all(_rest(want, item, life) for want in each) else 0


def _is_told(want: ToldItem, item: Item, named: tuple[str, ...], life: Life) -> bool:
    to = set(want.to)
    right = not to or to == set(item.to) or (to <= set(named) and to != {""})
    return right and _rest(want, item, life)


def _rest(want: ToldItem, item: Item, life: Life) -> bool:
    in_time = want.at is None or not list(at("", want.at, item.at, life))
    return in_time and want.reason in (None, item.reason)
