"""Publishing: numbers, going back, texts, the installation."""

from functools import partial

import msgspec
import pytest
from msgspec.structs import replace

from leadflow.engine.pipeline import Pipeline
from leadflow.errors import NotFound
from leadflow.installation import Installation
from leadflow.store import published
from leadflow.store.db import Store
from leadflow.store.published import Release, publish
from leadflow.store.staff import staff
from tests.store.samples import DEALS, NOW, PIPELINE, STAFF, together

SECOND = replace(PIPELINE, hash="b" * 64, title="Магазин 2")


def test_versions_are_numbered_and_the_last_is_the_newest(store: Store) -> None:
    """Each new hash gets the next number of its pipeline; new leads take the last published."""
    publish(store, [Release(PIPELINE), Release(DEALS)], by="root", now=NOW)
    made = publish(store, [Release(SECOND)], by="olga", now=NOW)
    assert [(v.id, v.number, v.by, v.newest) for v in made] == [("shop", 2, "olga", True)]
    assert published.newest(store, "shop").pipeline == SECOND
    listed = [(v.id, v.number, v.newest) for v in published.versions(store)]
    assert listed == [("shop", 2, True), ("shop", 1, False), ("shop-deal", 1, True)]


def test_an_old_version_published_again_keeps_its_number(store: Store) -> None:
    """Going back is publishing the old hash again: same number, newest again, and its new positions are kept."""
    publish(store, [Release(PIPELINE)], by="root", now=NOW)
    publish(store, [Release(SECOND)], by="root", now=NOW)
    moved = replace(PIPELINE, stages={"new": replace(PIPELINE.stages["new"], pos="shop.yaml:9:1")})
    publish(store, [Release(moved, sources={"shop.yaml": "# moved"})], by="root", now=NOW)
    newest = published.newest(store, "shop")
    assert (newest.number, newest.hash) == (1, PIPELINE.hash)
    assert newest.pipeline.stages["new"].pos == "shop.yaml:9:1"
    assert published.sources(store, "shop", 1) == {"shop.yaml": "# moved"}
    with pytest.raises(NotFound, match="version 3 of pipeline 'shop'"):
        published.sources(store, "shop", 3)
    assert len(published.versions(store, "shop")) == 2


def test_a_version_is_found_by_number_hash_and_its_first_digits(store: Store) -> None:
    """All three names mean the same version; an unknown one says so."""
    publish(store, [Release(PIPELINE)], by="root", now=NOW)
    publish(store, [Release(SECOND)], by="root", now=NOW)
    found = {published.version(store, "shop", name).number for name in ("1", "a" * 64, "aaaa")}
    assert found == {1}
    with pytest.raises(NotFound, match="version 7 of pipeline 'shop' was never published"):
        published.version(store, "shop", "7")


def test_an_unknown_pipeline_gets_a_near_miss(store: Store) -> None:
    """The hint names what was probably meant, else what there is, else how to publish."""
    with pytest.raises(NotFound) as nothing:
        published.newest(store, "shop")
    assert nothing.value.hint == "publish one first: leadflow publish PATH"
    publish(store, [Release(PIPELINE), Release(DEALS)], by="root", now=NOW)
    with pytest.raises(NotFound, match="no pipeline 'shpo'") as typo:
        published.newest(store, "shpo")
    assert typo.value.hint == "did you mean 'shop'?"
    with pytest.raises(NotFound) as other:
        published.newest(store, "xyz")
    assert other.value.hint == "published are: shop, shop-deal"


def test_texts_are_kept_by_their_hash(store: Store) -> None:
    """A body is found by its SHA-256; the same body in two versions is stored once."""
    bodies = {"1" * 64: "Здравствуйте, {{ lead.name }}!"}
    for pipeline in (PIPELINE, SECOND):
        publish(store, [Release(pipeline, blobs=bodies)], by="root", now=NOW)
    assert published.body(store, "1" * 64) == "Здравствуйте, {{ lead.name }}!"
    with pytest.raises(NotFound, match="text 222222222222 was never published"):
        published.body(store, "2" * 64)


def test_a_failing_release_publishes_nothing(store: Store) -> None:
    """One transaction: when the second pipeline cannot be stored, the first is not either, nor the installation."""
    broken = Release(DEALS, sources={"x": object()})  # type: ignore[dict-item]  # what makes it fail
    with pytest.raises(TypeError):
        publish(store, [Release(PIPELINE), broken], by="root", now=NOW, installation=STAFF)
    assert published.versions(store) == []
    assert published.installation(store) == Installation()


def test_the_installation_is_numbered_only_when_it_changes(store: Store) -> None:
    """The same people again are no new version; changed people hold at once."""
    for _ in range(2):
        publish(store, [], by="root", now=NOW, installation=STAFF)
    assert published.installation(store) == msgspec.convert(STAFF, Installation)
    publish(
        store,
        [],
        by="root",
        now=NOW,
        installation={"users": {"nina": {"id": "nina", "name": "Нина"}}},
    )
    assert store.read(staff).name("nina") == "Нина"
    assert store.read(staff).name("anna") == "anna"


def test_two_who_publish_at_once_get_two_numbers(store: Store) -> None:
    """Publishing stands in line: no number is given twice, none is lost."""
    pipelines = [replace(PIPELINE, hash=str(digit) * 64) for digit in range(8)]

    def one(pipeline: Pipeline) -> None:
        publish(store, [Release(pipeline)], by="root", now=NOW)

    together([partial(one, pipeline) for pipeline in pipelines])
    assert sorted(v.number for v in published.versions(store)) == list(range(1, 9))
