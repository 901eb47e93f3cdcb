"""Who was erased, as salted hashes: landing asks, so that a late delivery brings nobody back.

A file beside the tables, so that all who share the tables share it. Whoever has it and guesses an id
can find out that it was erased; nothing else of a profile is in it.
"""

# Tested by tests/jobs/io/erasure/test_erase.py.

import json
import os
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from conf.errors import Rejected, UserMistake
from conf.keys import sha256_text
from conf.places import local_folder
from conf.settings import load_settings

NAME = "_erased.jsonl"


def path_of_tombstones() -> Path:
    """The file of tombstones; tables on other file systems have none."""
    root = local_folder(load_settings().tables_root)
    if root is None:
        raise UserMistake(
            "profiles can be erased from tables in a folder of this machine only; on an object store,"
            " copy the tables to a folder, erase there, and copy them back"
        )
    return Path(root) / NAME


def add_tombstones(profile_ids: Iterable[str]) -> None:
    """Remember that profiles are erased; each once."""
    path = path_of_tombstones()
    salt, known = _read(path)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    digests = {sha256_text(salt + each) for each in profile_ids} - known
    lines = [json.dumps({"salt": salt, "digest": digest, "at": at}) for digest in sorted(digests)]
    path.parent.mkdir(parents=True, exist_ok=True)
    # the whole file anew: one that was cut short would forget somebody
    partial = path.with_suffix(".partial")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(before + "".join(f"{line}\n" for line in lines))
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def erased_among(profile_ids: Iterable[str]) -> list[str]:
    """Those of the profiles that were erased before."""
    salt, digests = tombstones()
    return sorted({each for each in profile_ids if digests and sha256_text(salt + each) in digests})


def tombstones() -> tuple[str, set[str]]:
    """The salt, and sha256 of salt and profile_id of everybody who was erased."""
    if local_folder(load_settings().tables_root) is None:
        return "", set()
    return _read(path_of_tombstones())


def _read(path: Path) -> tuple[str, set[str]]:
    """The salt and the digests; Rejected where a line cannot be read, since it may be anybody's."""
    salt, known = "", set()
    if path.exists():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                record = json.loads(line)
                salt = record["salt"]
                known.add(record["digest"])
            except (ValueError, KeyError, TypeError) as error:
                raise Rejected(
                    f"{path}: line {number} cannot be read, so who was erased is not known whole;"
                    f" restore the file, or take the line out and erase again who was erased last"
                ) from error
    return salt or secrets.token_hex(16), known
