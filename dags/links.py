"""Links from a task to what became of it in the studio: its day, the tables that it writes, the pages.

Airflow keeps a link's address as the task ends, however it ends; the studio has to run for it to answer.
"""

# Tested by tests/dags/test_links.py.

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from airflow.sdk import BaseOperatorLink

from conf.contracts import contract, table_names
from conf.schedule import CADENCES
from conf.settings import load_settings

if TYPE_CHECKING:
    from dags.step import SparkStep

PUBLISHING = frozenset({"publish_homepage_rows"})
UNKNOWN = "{{"  # the beginning of a run date of a task that ended before it was rendered


class StudioLink(BaseOperatorLink):
    """A button on a task's page that opens one view of the studio."""

    def __init__(self, name: str, view: str) -> None:
        self._name, self.view = name, view

    @property
    def name(self) -> str:
        """What stands on the button."""
        return self._name

    @property
    def xcom_key(self) -> str:
        """Where Airflow keeps the address; every link of a task needs a key of its own."""
        return f"_link_studio_{self.view}"

    def get_link(self, operator: "SparkStep", *, ti_key: Any) -> str:  # type: ignore[override]
        """The address, by the job and the run date or tick that it was given."""
        base = load_settings().studio.rstrip("/")
        return base + VIEWS[self.view](operator.task_id, _day(operator.argv))


def links_of(job: str) -> list[StudioLink]:
    """The links of a job's task; one that writes no table has none to its tables."""
    links = [StudioLink("Run in the studio", "run")]
    if written_by(job):
        links.append(StudioLink("Tables it writes", "tables"))
    if job in PUBLISHING:
        links.append(StudioLink("Pages of the day", "pages"))
    return links


def written_by(job: str) -> list[str]:
    """The tables that a job writes."""
    return [name for name in table_names() if contract(name).written_by == job]


def _day(argv: list[str]) -> str | None:
    """The run date that a job was given; None for a tick, or where it is not known."""
    option, value = argv[-2:]
    return value if option == "--ds" and not value.startswith(UNKNOWN) else None


def _run(job: str, day: str | None) -> str:
    is_of_a_day = job in CADENCES["homepage_daily"].jobs and day
    return _address("/run", ds=day) if is_of_a_day else "/runs"


def _tables(job: str, day: str | None) -> str:
    names = written_by(job)
    return _address("/table", name=names[0]) if len(names) == 1 else _address("/tables", job=job)


def _pages(job: str, day: str | None) -> str:
    return _address("/", ds=day)


VIEWS = {"run": _run, "tables": _tables, "pages": _pages}


def _address(path: str, **parameters: str | None) -> str:
    known = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(known)}" if known else path
