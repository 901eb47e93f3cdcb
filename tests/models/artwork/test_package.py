import numpy as np
import pytest

from conf.errors import Rejected
from conf.keys import sha256_text
from models.artwork.package import read, written
from tests.models.artwork.shops import policy

KEPT = written(policy([(1, 0.25), (0.1, 2)], effects={"a1": (0.1, 0.2, 7)}, scale=0.8))


def test_a_policy_that_was_written_is_read_the_same():
    again = read(KEPT.text, sha256_text(KEPT.text))
    assert again.version == KEPT.version
    assert (again.frame, again.themes, again.effects, again.scale) == (
        KEPT.frame,
        KEPT.themes,
        KEPT.effects,
        0.8,
    )
    members = np.array([[1.0, 0.5]], np.float32)
    assert (again.responses(members) == KEPT.responses(members)).all()


def test_the_version_is_another_as_soon_as_anything_is():
    assert (
        written(policy([(1, 0.25), (0.1, 2)], effects={"a1": (0.1, 0.2, 8)}, scale=0.8)).version
        != KEPT.version
    )


def test_a_text_that_was_changed_is_not_loaded():
    with pytest.raises(Rejected, match="not loaded"):
        read(KEPT.text.replace("0.25", "0.35"), sha256_text(KEPT.text))
