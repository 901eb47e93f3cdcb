"""The rooms of the house, from conf/rooms.yaml: what each holds and which others it may import."""

from functools import cache

from conf.settings import ROOT, Frozen, load_yaml


class Room(Frozen):
    """A top-level folder of the code. `truth`: it may know the numbers that the simulated service
    lives by.
    """

    about: str
    may_import: tuple[str, ...]
    truth: bool = False


class House(Frozen):
    """All rooms by name, in the order of the imports."""

    rooms: dict[str, Room]


@cache
def rooms() -> dict[str, Room]:
    """The rooms by name, in the order of the imports."""
    house = load_yaml(House, ROOT / "conf" / "rooms.yaml")
    return house.rooms
