"""The rules by which titles are kept away, apart from what is stored; all else in test_title_health."""

import numpy as np
import pyarrow as pa
import pytest

from conf.health import HealthReasons, health_reasons
from conf.rows import orders, rows
from features.audit.health import READER, ShownTitles, countries_in, title_health
from tests import audited, drafts


def test_every_order_has_a_reason_and_every_reason_a_sentence() -> None:
    known = health_reasons()
    assert set(known.orders) == set(orders())
    assert all(reason.says.endswith(".") for reason in known.reasons.values())
    assert all(reason.mend for reason in known.reasons.values() if reason.state == "unexplained")


def test_order_with_a_reason_that_there_is_not_is_refused() -> None:
    values = {**health_reasons().model_dump(), "orders": {"personal": "bad luck"}}
    with pytest.raises(ValueError, match="no reason named bad luck"):
        HealthReasons.model_validate(values)


def test_day_without_profiles_says_that_nobody_has_a_page() -> None:
    tables = audited.day_of_drafts().tables
    size = (len(rows().kinds), len(countries_in(tables)), len(drafts.TITLES))
    nothing = ShownTitles(np.zeros(size, np.int32), np.zeros(size[:2], np.int32))
    people = pa.table(
        {
            "country": pa.array([], pa.string()),
            "languages": pa.array([], pa.list_(pa.string())),
            "maturity_limit": pa.array([], pa.int32()),
            "kids": pa.array([], pa.bool_()),
        }
    )
    assert tuple(people.column_names) == READER
    health = title_health(tables, people, nothing, np.zeros(size[2], bool))
    reasons = set(health["health_reason"].to_pylist())
    assert reasons == {"no_profiles", "not_launched", "window_ended", "no_window"}
    assert set(health["eligible_count"].to_pylist()) == {0}
