"""Damage to a release, as the bench plants it."""

from benchmarks.nearline.reads import _lost_layers, _truncated_layer
from jobs.io.serving.releases import store_path


def test_a_truncated_layer_keeps_a_third_of_its_bytes(tmp_path):
    path = store_path(tmp_path, "r1", "base")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(range(90)))
    _truncated_layer("base")(tmp_path, "r1")
    assert path.read_bytes() == bytes(range(30))


def test_lost_layers_are_gone_from_every_release(tmp_path):
    for release in ("r1", "r2"):
        for layer in ("base", "yesterday", "popular"):
            path = store_path(tmp_path, release, layer)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"rows")
    _lost_layers("base", "yesterday")(tmp_path, "r1")
    assert {path.name for path in tmp_path.rglob("*.sqlite")} == {"popular.sqlite"}
