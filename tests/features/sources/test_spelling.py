"""Texts of fields in the spellings that are met, and that plain ones stay as they came."""

import pyarrow as pa
import pytest

from features.sources.layout import Layout
from features.sources.spelling import as_read, episode, instant, reading_of

PLAIN = Layout()
BERLIN = Layout(zone="Europe/Berlin")


def read(table: str, name: str, *texts: str | None, layout: Layout = PLAIN) -> list[str | None]:
    records = pa.table({name: pa.array(texts, pa.string())})
    return as_read(table, records, layout, [name])[name].to_pylist()


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-03-30T00:30Z", "2025-03-30T00:30:00Z"),
        ("2025-03-30T00:30+00:00", "2025-03-30T00:30:00Z"),
        ("2025-03-30 00:30Z", "2025-03-30T00:30:00Z"),
        ("2025-03-30 00:30 UTC", "2025-03-30T00:30:00Z"),
        ("2025-03-30t00:30:00z", "2025-03-30T00:30:00Z"),
        ("2025-03-30T02:30+0200", "2025-03-30T00:30:00Z"),
        ("2025-03-29T19:00:00-05", "2025-03-30T00:00:00Z"),
        ("2025-03-30T24:00:00Z", "2025-03-31T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2025-03-30T02:30:00+02:00[Europe/Berlin]", "2025-03-30T00:30:00Z"),
        ("2025-03-30 00:30:00,123 GMT", "2025-03-30T00:30:00.123000Z"),
        ("2025-03-30T00:30:00.1234567899Z", "2025-03-30T00:30:00.123456Z"),
        ("2025/03/30 00:30:00Z", "2025-03-30T00:30:00Z"),
        ("20250330T003000Z", "2025-03-30T00:30:00Z"),
    ],
)
def test_an_instant_is_read_in_every_usual_spelling(text, utc):
    assert instant(text, PLAIN) == utc
    assert read("events", "event_at", text, "881250949") == [utc, "881250949"]


@pytest.mark.parametrize(
    "text",
    [
        *("soon", "2025-03-30", "2025-03-30T00:30:00", "2025-02-30T00:30Z", "2025-03-30T24:01:00Z"),
        *("2025-03-30T00:61Z", "2025-03-30T00:30:00+25:00", "03/30/2025 00:30Z", "1743294600000"),
    ],
)
def test_what_is_no_instant_or_tells_no_zone_stays_as_it_came(text):
    assert instant(text, PLAIN) == text


def test_a_zone_that_was_told_is_that_of_instants_without_one_and_of_no_others():
    assert instant("2025-01-30 12:00", BERLIN) == "2025-01-30T11:00:00Z"
    assert instant("2025-07-30 12:00:00", BERLIN) == "2025-07-30T10:00:00Z"
    assert instant("2025-07-30T12:00Z", BERLIN) == "2025-07-30T12:00:00Z"
    # an hour that there is twice is the first one, one that there is not begins as if there were
    assert instant("2025-10-26 02:30", BERLIN) == "2025-10-26T00:30:00Z"
    assert instant("2025-03-30 02:30", BERLIN) == "2025-03-30T01:30:00Z"


def test_a_day_alone_ends_before_anybody_knows_what_happened_on_it_and_begins_elsewhere():
    utc = Layout(zone="UTC")
    assert read("events", "event_at", "2025-03-30", layout=utc) == ["2025-03-30T23:59:59Z"]
    window = read("availability", "until_at", "2025-03-30", layout=utc)
    assert window == ["2025-03-30T00:00:00Z"]


def test_a_number_of_the_unit_that_was_told_is_an_instant():
    layout = Layout(unit="milliseconds")
    assert read("events", "event_at", "1743294600123", layout=layout) == [
        "2025-03-30T00:30:00.123000Z"
    ]
    assert instant("1743294600123456", Layout(unit="microseconds")).endswith("00.123456Z")
    assert instant("1743294600123456789", Layout(unit="nanoseconds")).endswith("00.123456Z")


@pytest.mark.parametrize(
    ("label", "as_read"),
    [
        *((text, "S01E02") for text in ("S01E02", "s1e2", "1x02", "S1 E2", "S01.E02", "1.02")),
        *((text, "S01E02") for text in ("Season 1 Episode 2", "season 1, ep. 2", "S01 - E02")),
        *((text, "S01E02") for text in ("S01E01-E02", "S01E01E02", "1x01-1x02", "S01E01-02")),
        *((text, "S01E02") for text in ("Staffel 1 Folge 2", "Saison 1 Épisode 2")),
        *((text, "7") for text in ("Episode 7", "E07", "ep 7", "#7")),
        *((text, text) for text in ("7", "107", "Pilot", "S01E02 - Pilot", "2025-03-30")),
    ],
)
def test_an_episode_is_read_in_every_usual_spelling(label, as_read):
    assert episode(label) == as_read


@pytest.mark.parametrize(
    ("table", "name", "text", "word"),
    [
        ("events", "kind", "view", "play"),
        ("events", "kind", "Play", "play"),
        ("events", "kind", "Watch-List", "list_add"),
        ("titles", "kind", "TV Show", "series"),
        ("titles", "kind", "movie", "film"),
        ("events", "device", "ROKU", "tv"),
        ("events", "device", "Fire TV", "tv"),
        ("profiles", "country", "USA", "US"),
        ("profiles", "country", "germany", "DE"),
        ("profiles", "country", "NA", "NA"),
        ("titles", "maturity", "Not Rated", ""),
        ("profiles", "maturity_limit", "Not Rated", "Not Rated"),
        ("events", "kind", "paused", "paused"),
    ],
)
def test_words_of_others_are_ours_and_unknown_ones_stay(table, name, text, word):
    assert read(table, name, text, None) == [word, None]


def test_a_null_of_a_database_is_nothing_but_in_names_and_a_blank_identifier():
    for name in ("value", "event_at", "kind", "device", "country", "episode", "watched_seconds"):
        assert read("events", name, r"\N", "NULL", "") == ["", "", ""]
    assert read("events", "profile_id", r"\N", "NULL", "a") == ["", "NULL", "a"]
    assert read("titles", "name", r"\N", "NULL", "None", "NA") == [r"\N", "NULL", "None", "NA"]
    assert read("events", "value", "NaN", "NA") == ["NaN", ""]


def test_what_restricts_is_emptied_by_a_null_of_a_database_alone():
    for table, name in (("profiles", "maturity_limit"), ("availability", "until_at")):
        assert read(table, name, r"\N", "NULL", "N/A", "None") == ["", "", "N/A", "None"]
    assert read("titles", "maturity", "N/A") == [""]


def test_a_layout_may_tell_more_texts_that_say_nothing_and_decimal_commas():
    layout = Layout(missing=("-99",), decimal=",")
    assert read("events", "value", "-99", "3,5", "1.234,5", "4", layout=layout) == [
        *("", "3.5", "1234.5", "4")
    ]
    assert read("events", "value", "3,5") == ["3,5"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(
            ("0:45:10", "2710"),
            ("00:45:10.5", "2710"),
            ("102:00:00", "367200"),
            ("PT1H30M5S", "5405"),
        ),
        *(("pt45m", "2700"), ("95 min", "5700"), ("1h 35m", "5700"), ("90 Minutes", "5400")),
        *(("2710", "2710"), ("2710.0", "2710.0"), ("45:10", "45:10"), ("PT", "PT"), ("min", "min")),
    ],
)
def test_a_duration_is_read_in_every_usual_spelling(text, seconds):
    assert read("events", "watched_seconds", text) == [seconds]
    assert read("titles", "duration_seconds", text) == [seconds]
    assert read("events", "value", text) == [text]


def test_a_country_may_have_its_name_behind_it():
    told = read("events", "country", "DE (Germany)", "Germany", "us", "de (Germany)", "DE Germany")
    assert told == ["DE", "DE", "US", "de (Germany)", "DE Germany"]


def test_items_that_say_nothing_are_no_items():
    lists = [["(no genres listed)"], ["Drama", "Unknown", r"\N"], None, ["Noir"]]
    records = pa.table({"genres": pa.array(lists, pa.list_(pa.string()))})
    read_lists = as_read("titles", records, PLAIN, ["genres"])["genres"].to_pylist()
    assert read_lists == [[], ["Drama"], None, ["Noir"]]


def test_a_year_in_brackets_behind_a_name_is_the_year():
    layout = Layout(year_in_name=True)
    names = ["Heat (1995)", "1917", "Up (2009) ", "Band of Brothers (2001–)", "Babe (Pig)", None]
    records = pa.table({"name": names, "year": pa.array(["1996", *[None] * 5], pa.string())})
    read_records = as_read("titles", records, layout, ["name", "year"]).to_pydict()
    assert read_records["name"] == ["Heat", "1917", "Up", "Band of Brothers", "Babe (Pig)", None]
    assert read_records["year"] == ["1996", None, "2009", "2001", None, None]


def test_an_article_behind_a_name_comes_before_it():
    names = {
        "Fugitive, The": "The Fugitive",
        "Postino, Il (Postman, The)": "Il Postino (The Postman)",
        "Hate (Haine, La)": "Hate (La Haine)",
        "Enfer, L'": "L'Enfer",
        "Promise, The (Versprechen, Das)": "The Promise (Das Versprechen)",
        "Me, Myself, and I": "Me, Myself, and I",
        "I, Worst of All (Yo, la peor de todas)": "I, Worst of All (Yo, la peor de todas)",
        "Cry, the Beloved Country": "Cry, the Beloved Country",
        None: None,
    }
    records = pa.table({"name": list(names)})
    read_records = as_read("titles", records, Layout(article_last=True), ["name"])
    assert read_records["name"].to_pylist() == list(names.values())
    assert as_read("titles", records, PLAIN, ["name"])["name"].to_pylist() == list(names)


def test_a_constant_stands_where_a_record_says_nothing():
    layout = Layout(constants={"kind": "rating"})
    assert read("events", "kind", None, "play", layout=layout) == ["rating", "play"]


def test_plain_columns_are_handed_on_and_not_copied():
    records = pa.table({"event_at": ["881250949"], "value": ["4.5"], "title_id": ["1"]})
    assert as_read("events", records, PLAIN, records.column_names) is records
    assert reading_of("events", "value", PLAIN)("4") == "4"
