"""Page geometry by device and the rules no page may break: `conf/pages.yaml`."""

from functools import cache

from pydantic import Field, model_validator

from conf.errors import UserMistake
from conf.settings import ROOT, Frozen, load_yaml


class Device(Frozen):
    """How many rows and cells a device shows, and how many of them without scrolling."""

    rows: int = Field(gt=0)
    columns: int = Field(gt=0)
    screen_rows: int = Field(gt=0)
    screen_columns: int = Field(gt=0)

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
    """What counts as a play that was liked."""

    least_stars: float


class AuditBounds(Frozen):
    """How far a day may fall behind the days published before it."""

    history_days: int = Field(gt=0)
    least_ratio: float = Field(gt=0, le=1)


class Pages(Frozen):
    """Everything `conf/pages.yaml` says."""

    devices: dict[str, Device] = Field(min_length=1)
    legality: Legality
    likes: Likes
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
        """For each row of the first screens, how many cells of it the widest of the devices showing it has in view.

        Together these cells hold the first screen of every device: tv 3 x 6 and phone 5 x 3 give (6, 6, 6, 3, 3).
        """
        deepest = max(device.screen_rows for device in self.devices.values())
        return tuple(
            max(device.screen_columns for device in self.devices.values() if device.screen_rows > row)
            for row in range(deepest)
        )

    def device(self, name: str) -> Device:
        """A device by name; an unknown name lists the known ones."""
        if name not in self.devices:
            raise UserMistake(f"unknown device {name!r}; the devices of conf/pages.yaml are: {', '.join(self.devices)}")
        return self.devices[name]


@cache
def pages() -> Pages:
    """The settings of `conf/pages.yaml`."""
    return load_yaml(Pages, ROOT / "conf" / "pages.yaml")
