"""`python -m cli.install.jars [--s3]`: downloads the jars of conf/sources.yaml into the jar folder.

Each is downloaded once and checked by its sha256. With --s3 they are those of conf/s3.yaml, for
tables on an S3-compatible store, into the folder s3 of it.
"""

import argparse
import hashlib
import os
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from conf.errors import FrontrowError, Rejected, Retryable, UserMistake
from conf.settings import ROOT, Frozen, load_settings

REPOSITORY = "FRONTROW_MAVEN"  # a mirror of Maven Central, where that one is out of reach
CENTRAL = "https://repo1.maven.org/maven2"
PATIENCE = 60  # seconds without a byte


class Jar(Frozen):
    """One jar: its coordinate `group:artifact:version` and the sha256 of its bytes."""

    coordinate: str
    sha256: str

    @property
    def file_name(self) -> str:
        """As Maven names it: artifact-version.jar."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"

    @property
    def path(self) -> str:
        """Where every Maven repository keeps it: group as folders, artifact, version."""
        group, artifact, version = self.coordinate.split(":")
        return f"{group.replace('.', '/')}/{artifact}/{version}/{self.file_name}"


def jars(file: str = "sources.yaml") -> list[Jar]:
    """The jars that Spark needs beside what its wheel carries, by a file of conf."""
    text = (ROOT / "conf" / file).read_text(encoding="utf-8")
    sources = yaml.safe_load(text)
    return [Jar.model_validate(jar) for jar in sources["jars"]]


def download(url: str) -> bytes:
    """The bytes behind an https address; jars of Delta have some ten megabytes at most.

    Raises Retryable without a connection.
    """
    certificates = ssl.create_default_context()
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE, context=certificates) as response:
            return bytes(response.read())
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise Retryable(
            f"{url}: {reason}; connect this machine, or set {REPOSITORY} to a mirror"
        ) from None


def fetch(jar: Jar, folder: Path) -> None:
    """Put one jar into the folder if it is not there yet; other versions of it are removed.

    Raises Rejected where the bytes have another hash.
    """
    target = folder / jar.file_name
    if target.exists() and _sha256(target.read_bytes()) == jar.sha256:
        return
    url = f"{_repository()}/{jar.path}"
    body = download(url)
    sha256 = _sha256(body)
    if sha256 != jar.sha256:
        raise Rejected(
            f"{url}: sha256 is {sha256} and conf/sources.yaml says {jar.sha256}; nothing was kept"
        )
    partial = target.with_suffix(".partial")
    partial.write_bytes(body)
    _, artifact, _ = jar.coordinate.split(":")
    for other_version in folder.glob(f"{artifact}-[0-9]*.jar"):
        other_version.unlink()
    partial.replace(target)


def _repository() -> str:
    base = os.environ.get(REPOSITORY, CENTRAL).rstrip("/")
    if not base.startswith("https://"):
        raise UserMistake(f"{REPOSITORY}={base!r} has to begin with https://")
    return base


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def main() -> int:
    """Fetch what is missing; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--s3", action="store_true", help="jars for tables on s3a://")
    on_s3 = parser.parse_args().s3
    try:
        folder = Path(load_settings().jars, "s3" if on_s3 else "")
        folder.mkdir(parents=True, exist_ok=True)
        for jar in jars("s3.yaml" if on_s3 else "sources.yaml"):
            fetch(jar, folder)
    except FrontrowError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
