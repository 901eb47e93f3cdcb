"""How far a profile came with a title, one sitting at a time, as conf/columns.yaml defines it."""

from math import floor

Record = dict[str, object]
FINISHED, LEAST = 0.95, 60  # of conf/viewing.yaml


def number(label: object) -> int | None:
    """S02E05 is the fifth of the second season; other labels have no place."""
    if not label or label[0] != "S" or "E" not in label:
        return None
    season, episode = label[1:].split("E")
    return int(season) * 100_000 + int(episode)


def state(own: list[Record], everybodys: list[Record]) -> Record:
    """The state after one profile's plays of one title.

    `everybodys` are all plays of the title that are known.
    """
    order = sorted(own, key=lambda e: (e["event_at"], e["event_id"]))
    last, position, done = order[-1], None, 0
    ends: dict[object, int | None] = {}
    for episode in {e["episode"] for e in own}:
        sittings = [e for e in order if e["episode"] == episode]
        times = [e["watched_seconds"] for e in sittings if e["watched_seconds"] is not None]
        lengths = [e["duration_seconds"] for e in sittings if e["duration_seconds"] is not None]
        if not times or not lengths:
            ends[episode] = None
            continue
        ends[episode] = floor(sum(times) / max(lengths) + (1 - FINISHED))
        done += ends[episode] if episode is None else min(ends[episode], 1)
        if episode == last["episode"]:
            behind = sum(times) - ends[episode] * max(lengths)
            position = behind if behind >= LEAST else 0
    known = [
        e["duration_seconds"]
        for e in own
        if e["episode"] == last["episode"] and e["duration_seconds"]
    ]
    return {
        "resume_seconds": position,
        "duration_seconds": max(known, default=None),
        "finished_count": None if all(end is None for end in ends.values()) else done,
        "episode": last["episode"],
        "next_episode": _next(last["episode"], ends[last["episode"]], position, done, everybodys),
        "device": next(
            (e["device"] for e in reversed(order) if e["episode"] == last["episode"]), None
        ),
    }


def _next(
    episode: object, ends: int | None, position: object, done: int, everybodys: list[Record]
) -> object:
    if position != 0 or not done:
        return None
    if not ends:
        return episode
    later = {
        (number(e["episode"]), e["episode"]) for e in everybodys if number(e["episode"]) is not None
    }
    after = sorted(
        pair for pair in later if number(episode) is not None and pair[0] > number(episode)
    )
    return after[0][1] if after else None


def my_list(events: list[Record], profile: str) -> list[tuple[object, object]]:
    """What is on a profile's list: (title, since when), newest first."""
    changes = [
        e for e in events if e["profile_id"] == profile and e["kind"] in ("list_add", "list_remove")
    ]
    last = {}
    for change in sorted(changes, key=lambda e: (e["event_at"], e["event_id"])):
        last[change["title_id"]] = change
    listed = [(t, e["event_at"]) for t, e in last.items() if e["kind"] == "list_add"]
    return sorted(listed, key=lambda pair: (-pair[1].timestamp(), pair[0]))
