"""Page geometry by device and the rules no page may break: `conf/pages.yaml`."""

from typing import Literal

from pydantic import Field, model_validator

from conf.changes import changed_file
from conf.errors import UserMistake
from conf.settings import Frozen, load_settings

SETTINGS = ("country", "languages", "maturity_limit", "kids", "blocked_titles")
"""Columns of `profiles` that decide what a profile may be shown."""


class Device(Frozen):
    """How many rows and cells a device shows, and how many of them without scrolling."""

    rows: int = Field(gt=0)
    columns: int = Field(gt=0)
    screen_rows: int = Field(gt=0)
    screen_columns: int = Field(gt=0)
    down: float = Field(gt=0, le=1)  # assumed chance of going on to the next row
    right: float = Field(gt=0, le=1)  # and to the next cell of a row
    required: dict[str, int] = Field(default_factory=dict)  # kind of row: its last position
    forbidden: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _screen_is_on_the_page(self) -> "Device":
        if self.screen_rows > self.rows or self.screen_columns > self.columns:
            raise ValueError("the first screen is larger than the page")
        return self


class Legality(Frozen):
    """Ages in years that decide what a profile may see."""

    kids_maturity_limit: int = Field(ge=0)
    unknown_maturity: int = Field(ge=0)


class Likes(Frozen):
    """What counts as a play that was liked: a share of the most stars that the log's ratings can have."""

    least_share: float = Field(gt=0, le=1)

    @property
    def least_stars(self) -> float:
        """The stars from which on a rated play is liked."""
        return self.least_share * load_settings().stars


class Bursts(Frozen):
    """How far a title may rise by a burst of newcomers; see `conf/pages.yaml`."""

    front: int = Field(gt=0)
    least_plays: int = Field(ge=0)
    most_rise: int = Field(ge=0)


class AuditBounds(Frozen):
    """How far a day may fall behind the days published before it; see `conf/pages.yaml`."""

    history_days: int = Field(gt=0)
    least_ratio: float = Field(gt=0, le=1)
    least_pages: float = Field(gt=0, le=1)
    least_rows: float = Field(gt=0, le=1)
    least_kind: float = Field(gt=0, le=1)
    most_excused_rise: float = Field(ge=0, le=1)
    most_titles_change: float = Field(ge=0, le=1)
    ages: tuple[int, ...] = Field(min_length=1)
    most_readers_change: float = Field(ge=0, le=1)
    most_records_rise: float = Field(ge=1)
    most_out_of_order: float = Field(ge=0, le=1)
    bursts: Bursts
    deviations: float = Field(gt=0)


class Worth(Frozen):
    """The chance that a title is played, by its rank for the profile: (rank + shift)^-power.

    Only ratios matter; `unranked` is the rank of titles that the ranker did not order, `own` of
    those played before, `continues` the probability of going on with something from which the most
    wanted of it is worth the first rank.
    """

    shift: float = Field(ge=0)
    power: float = Field(gt=0)
    unranked: int = Field(gt=0)
    continues: float = Field(gt=0, le=1)
    own: int = Field(gt=0)


class Continuing(Frozen):
    """Where a row of titles to continue stands; explained in `conf/pages.yaml`."""

    position: int = Field(gt=0)
    fresh_days: float = Field(ge=0)
    least: float = Field(ge=0, le=1)
    first_from: float = Field(ge=0, le=1)


class Search(Frozen):
    """How the first rows are chosen together; explained in `conf/pages.yaml`."""

    rows: int = Field(ge=0)
    width: int = Field(gt=0)
    of: int = Field(gt=0)
    head: int = Field(gt=0)
    right: float = Field(gt=0, le=1)


class Choice(Frozen):
    """How rows are chosen when each is scored given the rows above it; explained in
    `conf/pages.yaml`.
    """

    candidates: int = Field(gt=0)
    head: int = Field(gt=0)
    fresh: int = Field(gt=0)
    full_rows: int = Field(ge=0)
    search: Search
    continuing: Continuing
    diversity: float = Field(ge=0)
    calibration: float = Field(ge=0)
    steps: float = Field(ge=0)
    alike: float = Field(gt=0, le=1)
    most_rows: int = Field(gt=1, lt=64)
    worth: Worth


class RowModelSettings(Frozen):
    """What the row model is trained on and how; see `conf/pages.yaml`."""

    rows: int = Field(gt=0)
    noise: float = Field(ge=0)
    days: int = Field(gt=0)
    cuts: int = Field(gt=0)
    profiles: int = Field(gt=0)
    most_weight: float = Field(ge=1)
    folds: int = Field(ge=2)
    prior: float = Field(gt=0)
    trees: int = Field(gt=0)
    leaves: int = Field(ge=2)
    learning_rate: float = Field(gt=0, le=1)
    weight_in_leaf: float = Field(ge=0)
    rows_in_leaf: int = Field(gt=0)
    ridge: float = Field(ge=0)
    seed: int = Field(ge=0)


class Exploration(Frozen):
    """How often a title that is new to the service is shown where another one would be; see
    `conf/pages.yaml`.
    """

    share: float = Field(ge=0, lt=1)
    column: int = Field(gt=0)
    days: int = Field(gt=0)


class Selection(Frozen):
    """The page metrics by which a change of pages is chosen before anybody sees it."""

    by: str
    may_not_lose: str


class Pages(Frozen):
    """Everything `conf/pages.yaml` says."""

    devices: dict[str, Device] = Field(min_length=1)
    builder: Literal["template", "independent", "stagewise"]
    choice: Choice
    lessons: RowModelSettings
    exploration: Exploration
    selection: Selection
    legality: Legality
    likes: Likes
    tenure_days: tuple[int, ...] = Field(min_length=1)
    audit: AuditBounds

    @property
    def rows(self) -> int:
        """Rows of a stored page: the most any device shows."""
        return max(device.rows for device in self.devices.values())

    @property
    def columns(self) -> int:
        """Cells of a stored row: the most any device shows."""
        return max(device.columns for device in self.devices.values())

    @property
    def lead(self) -> int:
        """Cells at the head of a row that some device shows without scrolling sideways."""
        return max(device.screen_columns for device in self.devices.values())

    @property
    def screen(self) -> tuple[int, ...]:
        """For each row of the first screens, how many cells of it the widest of the devices showing
        it has in view.

        Together these cells hold the first screen of every device: tv 3 x 6 and phone 5 x 3 give
        (6, 6, 6, 3, 3).
        """
        devices = self.devices.values()
        screen_rows = max(device.screen_rows for device in devices)
        cells_in_view = []
        for row in range(screen_rows):
            widths = [device.screen_columns for device in devices if device.screen_rows > row]
            cells_in_view.append(max(widths))
        return tuple(cells_in_view)

    @property
    def sure_screen(self) -> tuple[int, int]:
        """The rows and the cells of each that every device has in view without scrolling.

        Of tv 3 x 6 and phone 5 x 3 these are 3 x 3.
        """
        devices = self.devices.values()
        rows = min(device.screen_rows for device in devices)
        return rows, min(device.screen_columns for device in devices)

    @property
    def required(self) -> dict[str, int]:
        """Kinds of row that have to stand on a page where the profile has one, and the last
        position they may have.
        """
        last_positions: dict[str, int] = {}
        for device in self.devices.values():
            for kind, position in device.required.items():
                last_positions[kind] = min(position, last_positions.get(kind, position))
        return dict(sorted(last_positions.items()))

    @property
    def forbidden(self) -> frozenset[str]:
        """Kinds of row that no device shows: they are left out of the page. What one device forbids
        is cut for it.
        """
        forbidden = [frozenset(device.forbidden) for device in self.devices.values()]
        return frozenset.intersection(*forbidden)

    @property
    def attention(self) -> tuple[float, float]:
        """The assumed chances of going down to the next row and right to the next cell.

        Means over the devices: a page is stored before it is known on which it will be seen.
        """
        devices = self.devices.values()
        down = sum(device.down for device in devices) / len(devices)
        right = sum(device.right for device in devices) / len(devices)
        return down, right

    def device(self, name: str) -> Device:
        """A device by name; an unknown name lists the known ones."""
        if name not in self.devices:
            names = ", ".join(self.devices)
            raise UserMistake(
                f"unknown device {name!r}; the devices of conf/pages.yaml are: {names}"
            )
        return self.devices[name]


def pages() -> Pages:
    """The settings of `conf/pages.yaml`, with the changes in force."""
    return changed_file(Pages, "pages")
