"""A group reads what is written only where an operator made the tables' folder so."""

from pathlib import Path

import pytest

from conf.rights import OWNER_ALONE, OWNER_AND_GROUP, umask_of


@pytest.mark.parametrize(
    ("mode", "umask"),
    [
        (0o2750, OWNER_AND_GROUP),
        (0o750, OWNER_ALONE),  # as folders come by a umask of 027
        (0o2755, OWNER_ALONE),  # a folder below one of a team
        (0o2770, OWNER_ALONE),
        (0o700, OWNER_ALONE),
    ],
)
def test_the_mode_of_the_tables_folder_decides(tmp_path: Path, mode: int, umask: int) -> None:
    tmp_path.chmod(mode)
    assert umask_of(str(tmp_path)) == umask
    assert umask_of(f"file://{tmp_path}") == umask


def test_what_cannot_be_looked_at_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert umask_of(str(tmp_path / "none")) == OWNER_ALONE
    assert umask_of("s3a://bucket/tables") == OWNER_ALONE
