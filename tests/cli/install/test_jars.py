"""The jars: by coordinate, known by hash, never half there."""

from hashlib import sha256
from pathlib import Path

import pytest

from cli.install import jars
from cli.install.jars import Jar
from conf.errors import Rejected, Retryable, UserMistake

BODY = b"a jar"
GOOD = Jar(coordinate="io.delta:delta-storage:4.4.0", sha256=sha256(BODY).hexdigest())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A repository that answers every address with the same bytes and remembers what it was asked."""
    addresses: list[str] = []
    monkeypatch.delenv(jars.REPOSITORY, raising=False)
    monkeypatch.setattr(jars, "download", lambda url: addresses.append(url) or BODY)
    return addresses


def test_a_jar_comes_from_its_coordinates_address_once(asked, tmp_path: Path, monkeypatch):
    monkeypatch.setenv(jars.REPOSITORY, "https://mirror.example/m2/")
    for _ in range(2):
        jars.fetch(GOOD, tmp_path)
    assert asked == [
        "https://mirror.example/m2/io/delta/delta-storage/4.4.0/delta-storage-4.4.0.jar"
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["delta-storage-4.4.0.jar"]


def test_a_jar_with_another_hash_is_refused_and_not_kept(asked, tmp_path: Path):
    with pytest.raises(Rejected, match="sha256 is .* and conf/sources.yaml says 00"):
        jars.fetch(GOOD.model_copy(update={"sha256": "00" * 32}), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_jar_is_fetched_again(asked, tmp_path: Path):
    (tmp_path / GOOD.file_name).write_bytes(b"half a j")
    jars.fetch(GOOD, tmp_path)
    assert (tmp_path / GOOD.file_name).read_bytes() == BODY and len(asked) == 1


def test_an_older_version_goes_when_the_newer_one_is_there(asked, tmp_path: Path):
    for name in ("delta-storage-4.3.0.jar", "delta-storage-s3-4.4.0.jar", "mine.jar"):
        (tmp_path / name).touch()
    jars.fetch(GOOD, tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"delta-storage-4.4.0.jar", "delta-storage-s3-4.4.0.jar", "mine.jar"}


def test_only_https_is_asked(asked, tmp_path: Path, monkeypatch):
    monkeypatch.setenv(jars.REPOSITORY, "http://mirror.example/m2")
    with pytest.raises(UserMistake, match="FRONTROW_MAVEN=.*https://"):
        jars.fetch(GOOD, tmp_path)
    assert asked == []


def test_no_connection_is_one_line_that_names_the_way_out(monkeypatch):
    with pytest.raises(Retryable, match="127.0.0.1:1/x.jar: .*FRONTROW_MAVEN"):
        jars.download("https://127.0.0.1:1/x.jar")


def test_the_jars_of_conf_are_those_of_the_installed_spark():
    from importlib.metadata import version

    coordinates = [jar.coordinate for jar in jars.jars()]
    spark, delta = ".".join(version("pyspark").split(".")[:2]), version("delta-spark")
    assert f"io.delta:delta-spark_{spark}_2.13:{delta}" in coordinates
    assert f"io.delta:delta-storage:{delta}" in coordinates
