"""The arms of a long run by name, and its help."""

import click
import pytest
from click.testing import CliRunner

from benchmarks.longrun.run import _arms, longrun


def test_arms_come_in_their_usual_order():
    assert _arms("baseline, template") == ["template", "baseline"]


def test_an_unknown_arm_lists_the_known_ones():
    with pytest.raises(click.BadParameter, match="template, independent, stagewise, baseline"):
        _arms("oracle")


def test_the_help_has_an_example():
    shown = CliRunner().invoke(longrun, ["--help"]).output
    assert "frontrow bench longrun --members 30" in shown
