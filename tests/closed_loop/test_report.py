import math
import re
from html.parser import HTMLParser

import pyarrow.compute as pc
import pytest

from closed_loop.report import write_report
from closed_loop.validation import RealityCheck
from conf.errors import UserMistake
from tests.closed_loop.days_of_life import CHANCES, measures

FALSE = RealityCheck(
    "<script>alert(1)</script>",
    0.8,
    'a "source" & <b>more</b>',
    0.5,
    "difference",
    -0.3,
    -0.1,
    0.1,
    False,
)
ALONE = RealityCheck(
    "days between",
    None,
    "no public figure found",
    2.0,
    "difference",
    None,
    math.nan,
    math.nan,
    None,
)
OPEN = RealityCheck("tail", None, "a talk", 2.5, "value", None, 1.2, math.inf, True)
UNTOLD = RealityCheck("loss", -0.12, "a model", math.nan, "difference", math.nan, -0.1, 0.1, None)
TWICE = RealityCheck("catalogue", 4.0, "a paper", 8.0, "ratio", 2.0, 0.5, 2.0, True)
VOID = {"meta", "br"}


class Page(HTMLParser):
    """What a browser would make of the page: tags in order, tables as rows of texts, titles of the drawings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.tags, self.attributes, self.open = [], [], []
        self.tables, self.titles, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if self.open and self.open[-1] == "title" and "svg" in self.open:
            self.titles.append(data)
        elif {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data


def page(tmp_path, told=None, validation=()) -> Page:
    return Page(
        write_report(measures(2) if told is None else told, validation, tmp_path).read_text()
    )


@pytest.fixture(scope="module")
def usual(tmp_path_factory) -> Page:
    """Four days of four arms, with a validation that holds hostile texts."""
    return page(tmp_path_factory.mktemp("usual"), measures(), [FALSE, ALONE, TWICE, OPEN, UNTOLD])


def test_the_page_is_whole_says_what_it_is_and_has_six_plots_with_texts(usual):
    assert not usual.open
    assert "This is a simulation." in usual.texts
    assert usual.titles == [
        "Play rate",
        "Minutes per session",
        "Sessions without a play",
        "Quality plays per session",
        "Hours from the page",
        "Effective catalogue size",
    ]
    assert usual.tags.count("svg") == usual.tags.count("desc") == 6
    assert {arm for arm in CHANCES if usual.texts.count(arm) >= 6} == set(CHANCES)


def test_the_page_runs_nothing_and_fetches_nothing(usual):
    assert not {"script", "link", "iframe", "img", "image", "object", "foreignobject"} & set(
        usual.tags
    )
    assert not [name for name, _ in usual.attributes if name.startswith("on")]
    for name, value in usual.attributes:
        assert "//" not in (value or ""), name
        assert all(ref.startswith("#") for ref in re.findall(r"url\(([^)]*)\)", value or ""))
        assert not name.endswith("href") or value.startswith("#")
    assert "@import" not in usual.text


def test_every_id_is_there_once_and_what_is_referred_to_exists(usual):
    ids = [value for name, value in usual.attributes if name == "id"]
    assert len(set(ids)) == len(ids) > 100
    refs = [value[1:] for name, value in usual.attributes if name.endswith("href")]
    refs += re.findall(r"url\(#([^)]*)\)", usual.text)
    refs += [
        part
        for name, value in usual.attributes
        if name == "aria-labelledby"
        for part in value.split()
    ]
    assert set(refs) <= set(ids) and len(refs) > 100


def test_the_table_holds_the_last_three_days_of_each_arm(usual):
    told = measures()
    assert "The last 3 days, 1 to 3" in usual.texts
    head, *rows = usual.tables[0]
    assert head == ["figure", *CHANCES]
    last = told.filter(pc.greater(told["day"], 0))
    for arm, cell in zip(CHANCES, rows[0][1:], strict=True):
        mine = last.filter(pc.equal(last["arm"], arm))
        value, low, high = map(
            float, re.fullmatch(r"([\d.]+) %([\d.]+) to ([\d.]+)", cell).groups()
        )
        assert value == pytest.approx(
            100 * pc.sum(mine["taken"]).as_py() / pc.sum(mine["sessions"]).as_py(), rel=0.01
        )
        assert low < value < high < low + 10
    assert [row[0] for row in rows][-2:] == [
        "Titles in view that were not legal",
        "Effective catalogue size",
    ]


def test_what_sets_arms_apart_is_told_with_intervals(usual):
    _, *rows = usual.tables[1]
    said = {name: (value, interval) for name, value, interval in rows}
    value, interval = said["gap closed: (pipeline - popular) / (oracle - popular)"]
    assert float(value.split()[0]) == pytest.approx(50, abs=8)
    assert float(said["popular above random"][1].split()[0]) > 15
    assert re.fullmatch(r"[\d.]+ to [\d.]+", interval)


def test_a_gap_that_is_none_is_not_told_and_says_why(tmp_path):
    _, *rows = page(tmp_path, measures(1, chances={**CHANCES, "oracle": 0.2})).tables[1]
    assert rows[-1][1] == "not told"
    assert "the oracle is not above popular" in rows[-1][2]


def test_the_pipeline_alone_on_one_day(tmp_path):
    shown = page(tmp_path, measures(days=1, chances={"pipeline": 0.4}))
    assert "Day 0" in shown.texts
    assert shown.tables[0][0] == ["figure", "pipeline"]
    assert len(shown.tables[1]) == 1


def test_the_validation_is_shown_and_hostile_texts_stay_texts(usual):
    _, *rows = usual.tables[2]
    assert [row[:5] for row in rows] == [
        ["<script>alert(1)</script>", "0.8", "0.5", "-0.30", "no -0.1 to 0.1"],
        ["days between", "none found", "2", "", "no range "],
        ["catalogue", "4", "8", "x 2.00", "yes 0.5 to 2"],
        ["tail", "none found", "2.5", "", "yes at least 1.2"],
        ["loss", "-0.12", "none", "", "not told "],
    ]
    assert rows[0][5] == 'a "source" & <b>more</b>'


def test_the_same_measures_in_any_order_give_the_same_page(tmp_path):
    told = measures(2)
    first = write_report(told, [FALSE], tmp_path / "a").read_bytes()
    again = write_report(
        told.take(list(reversed(range(len(told))))), [FALSE], tmp_path / "b"
    ).read_bytes()
    assert first == again


def test_a_world_that_nobody_came_to_has_no_report(tmp_path):
    with pytest.raises(UserMistake, match="nobody came yet"):
        write_report(measures().slice(0, 0), [], tmp_path)
