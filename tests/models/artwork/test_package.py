"""A policy as text: read again as it was, and refused where the text was changed."""

import numpy as np
import pytest

from conf.errors import Rejected
from conf.keys import sha256_text
from models.artwork.package import packed_policy, unpacked_policy
from tests.models.artwork.small import policy

DRAWS = [(1, 0.25), (0.1, 2)]
POLICY = packed_policy(policy(DRAWS, effects={"a1": (0.1, 0.2, 7)}, scale=0.8))


def test_a_policy_is_read_as_it_was_written():
    again = unpacked_policy(POLICY.text, sha256_text(POLICY.text))
    assert again.version == POLICY.version
    assert again.frame == POLICY.frame
    assert again.themes == POLICY.themes
    assert again.effects == POLICY.effects
    assert again.scale == 0.8
    features = np.array([[1.0, 0.5]], np.float32)
    assert (again.responses(features) == POLICY.responses(features)).all()


def test_the_version_changes_with_anything():
    changed = packed_policy(policy(DRAWS, effects={"a1": (0.1, 0.2, 8)}, scale=0.8))
    assert changed.version != POLICY.version


def test_a_text_that_was_changed_is_not_loaded():
    changed = POLICY.text.replace("0.25", "0.35")
    with pytest.raises(Rejected, match="not loaded"):
        unpacked_policy(changed, sha256_text(POLICY.text))


@pytest.mark.parametrize("text", ["", "[]", "{}", POLICY.text.replace('"frame"', '"frames"')])
def test_a_text_that_is_none_of_a_policy_is_not_loaded_though_its_sha256_is_right(text):
    with pytest.raises(Rejected, match="its text is not one of a policy"):
        unpacked_policy(text, sha256_text(text))
