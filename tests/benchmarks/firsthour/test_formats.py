"""Each format of the trade is read as it was meant, and a reading that is wrong is noticed."""

import pytest

from benchmarks.firsthour import formats
from benchmarks.firsthour.formats import FORMATS, PLAYS, files, read_right


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_read_as_it_was_meant(name):
    assert read_right(name)


def test_there_are_as_many_formats_as_were_asked_for():
    assert len(FORMATS) >= 30


@pytest.mark.parametrize(
    "events",
    [
        "profile_id,title_id,event_at\na,1,881250949\n",
        "profile_id,title_id,event_at\na,1,881250949\nb,2,881254550\n",
        "profile_id,title_id,event_at\na,1,881250949\nb,02,881254549\n",
        "profile_id,title_id,event_at\na,1,881250949\nb,2,881254549\nc,2,881254549\n",
    ],
)
def test_a_record_that_is_missing_changed_or_too_much_is_noticed(monkeypatch, events):
    wrong = FORMATS["csv"]._replace(write=files(events_csv=events, titles_csv=formats.TITLES))
    monkeypatch.setattr(formats, "FORMATS", {"csv": wrong})
    assert wrong.events == PLAYS and not read_right("csv")
