"""What the records of one profile, or one title, make of what was known of it. Pure: dicts in, dicts
out.

A version says everything that was known at its moment. A record that has only some columns leaves
the others as they were; one that is refused makes a held version, which is as strict as anything
known so far. Instants are microseconds since 1970.
"""

import math
from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from conf.errors import Reason
from conf.landing import (
    ALWAYS,
    NEVER,
    RESTRICTING,
    content_columns,
    required_columns,
    version_keys,
)
from conf.pages import pages
from conf.vocabularies import vocabularies

NEW, DUPLICATE, REJECTED, HELD = "new", "duplicate", "rejected", "held"
UNDATED = "undated"  # a changed version, and nothing says when it was learned
Version = dict[str, Any]
Record = dict[str, Any]
Key = tuple[Any, ...]
ALWAYS_US = int(ALWAYS.timestamp() * 1e6)
NEVER_US = int(NEVER.timestamp() * 1e6)
CONFLICT = Reason.CONFLICTING_VERSION.value
_known_at = itemgetter("known_at")


class Versions:
    """The versions of one profile's settings, or of what one title has: landed ones, then those
    that records make.
    """

    def __init__(self, table: str, landed: Iterable[Version], moment: int | None) -> None:
        """`moment` is when a change that has no date was learned; None where nothing says."""
        self.table, self.moment = table, moment
        self.keys, self.columns = version_keys(table), content_columns(table)
        self.history: dict[Key, list[Version]] = {}
        for version in sorted(landed, key=_known_at):
            self.history.setdefault(self._key(version), []).append({**version, "given": None})
        self.landed = {key: versions[-1] for key, versions in self.history.items()}

    def verdicts(self, records: Iterable[Record]) -> Iterator[Record]:
        """Each record with its fate, and the held versions that refused ones make.

        In the order in which they were learned; at one moment the refused ones come last, so that
        they hold. A refused record without a date holds after everything else of its landing.
        """
        waiting = []
        for record in sorted(records, key=self._order):
            version = None if record["reason"] else self._taken(record)
            if version:
                yield version
                if version["fate"] == NEW:
                    yield from self._carried(record, version)
            else:
                yield record | {"fate": REJECTED}
                if self._date(record) is None:
                    waiting.append(record)
                else:
                    yield from self._held(record)
        for record in waiting:
            yield from self._held(record)

    def _order(self, record: Record) -> tuple[float, bool, str, int]:
        at = self._moment_of(record)
        is_refused = bool(record["reason"])
        return math.inf if at is None else at, is_refused, record["file"], record["line"]

    def _key(self, record: Record) -> Key:
        return tuple(record[name] for name in self.keys)

    def _date(self, record: Record) -> int | None:
        """The moment that a record gives; None where it gives none that can be read."""
        return record["known_at"] if _readable(record, "known_at") else None

    def _moment_of(self, record: Record) -> int | None:
        date = self._date(record)
        return self._default_moment(self._key(record)) if date is None else date

    def _default_moment(self, key: Key) -> int | None:
        """The first version of a key was always known, a change is known after what it changes."""
        newest = self.landed.get(key)
        if newest is None:
            return ALWAYS_US
        return None if self.moment is None else max(self.moment, newest["known_at"] + 1)

    def _taken(self, record: Record) -> Record | None:
        """A sound record as a whole version with its fate; None where it is refused after all."""
        at = self._moment_of(record)
        key = self._key(record)
        versions = self.history.get(key, [])
        newest = self.landed.get(key)
        if newest and self._date(record) is None:
            if self._same(self._filled(record, newest, versions), newest):
                return record | {"fate": DUPLICATE}
            if at is None:
                return record | {"fate": UNDATED}
        assert at is not None
        same_moment = _at(versions, at)
        if same_moment and not same_moment["held"]:
            if self._same(self._filled(record, same_moment, versions), same_moment):
                follower = _at(versions, at + 1)
                if not (follower and follower["held"]):
                    return record | {"fate": DUPLICATE}
            elif self._contradicts(record, same_moment):
                _refuse(record, CONFLICT, ", ".join(self.keys))
                return None
        free = _free(versions, at)
        prior = _before(versions, free)
        version = self._filled(record, prior, versions)
        if prior and free > at and self._same(version, prior):
            return record | {"fate": DUPLICATE}
        absent = [name for name in required_columns(self.table) if version[name] is None]
        if absent:
            _refuse(record, Reason.MISSING_FIELD.value, absent[0])
            return None
        return self._added(record, version | {"known_at": free, "given": record["given"]}, NEW)

    def _added(self, record: Record, version: Version, fate: str) -> Record:
        key = self._key(version)
        insort(self.history.setdefault(key, []), version, key=_known_at)
        return record | version | {"fate": fate}

    def _filled(self, record: Record, prior: Version | None, versions: list[Version]) -> Version:
        """The record, with the version before it where it says nothing.

        What a held version restricts stays so until a record speaks of it.
        """
        prior = prior or {}
        version = {n: record.get(n) if n in record["given"] else prior.get(n) for n in self.columns}
        version["held"] = None
        if prior.get("held"):
            earlier = [v for v in versions if v["known_at"] < prior["known_at"] and not v["held"]]
            sound = earlier[-1] if earlier else {}
            silent = [n for n in RESTRICTING[self.table] if n not in record["given"]]
            version["held"] = any(prior[n] != sound.get(n) for n in silent) or None
        return version

    def _same(self, one: Version, other: Version) -> bool:
        return all(one[n] == other[n] for n in self.columns) and bool(one["held"]) == bool(
            other["held"]
        )

    def _contradicts(self, record: Record, version: Version) -> bool:
        """Whether both speak of a column, and do not say the same of it."""
        both = set(self.columns).intersection(record["given"])
        if version["given"] is not None:
            both &= set(version["given"])
        return any(record[n] != version[n] for n in both)

    def _held(self, record: Record) -> Iterator[Record]:
        """The held versions that a refused record makes."""
        for key in self._spoken_of(record):
            versions = self.history.get(key, [])
            date = self._date(record)
            if date is None:
                date = self._default_moment(key)
                last = versions[-1]["known_at"] + 1 if versions else ALWAYS_US
                date = last if date is None else max(date, last)
            at = _free(versions, date)
            known = versions[: bisect_right(versions, at, key=_known_at)]
            strictest = self._strictest(key, record, known)
            if strictest and not self._repeats(record, known):
                marks = {"known_at": at, "held": True, "given": None}
                yield self._added(record, strictest | marks, HELD)

    def _carried(self, record: Record, version: Version) -> Iterator[Record]:
        """A held version after all later ones, where a record came late and is stricter than they
        are: what they took over from the version before it may be what they did not speak of.
        """
        versions = self.history[self._key(version)]
        place = bisect_right(versions, version["known_at"], key=_known_at) - 1
        later, newest = versions[place + 1 :], versions[-1]
        prior = versions[place - 1] if place else {}
        stricter = {
            name: version[name]
            for name in RESTRICTING[self.table]
            if all(v[name] == prior.get(name) for v in later)
            and _strictness(name, version[name]) > _strictness(name, newest[name])
        }
        if later and stricter:
            marks = {"known_at": newest["known_at"] + 1, "held": True, "given": None}
            yield self._added(record, {n: newest[n] for n in self.columns} | stricter | marks, HELD)

    def _repeats(self, record: Record, known: list[Version]) -> bool:
        """Whether a record, refused because another of its moment says something else, restricts
        nothing else than that one.
        """
        names = [n for n in RESTRICTING[self.table] if n in record["given"]]
        return record["reason"] == CONFLICT and all(record[n] == known[-1][n] for n in names)

    def _spoken_of(self, record: Record) -> list[Key]:
        """The keys that a refused record may have been about."""
        places = [n for n in self.keys if not _readable(record, n)]
        if not places:
            return [self._key(record)]
        unclear = places if "country" not in places else ["country", "from_at"]
        alike = [
            key
            for key in self.history
            if all(
                value == record[name]
                for name, value in zip(self.keys, key, strict=True)
                if name not in unclear
            )
        ]
        if alike or self.table != "availability" or self.history:
            return alike
        country = record["country"] if "country" not in places else vocabularies().countries.unknown
        return [(record["title_id"], country, ALWAYS_US)]

    def _strictest(self, key: Key, record: Record, known: list[Version]) -> Version | None:
        newest = known[-1] if known else {}
        version: Version = {}
        for name in self.columns:
            value = newest.get(name)
            if value is None and _readable(record, name):
                value = record[name]
            version[name] = value
        version |= dict(zip(self.keys, key, strict=True))
        if self.table == "profiles":
            return version | _strictest_settings(record, known)
        if self.table == "availability":
            ends = [v["until_at"] for v in [*known, record] if v["until_at"] is not None]
            is_read = record["reason"] == CONFLICT
            return version | {"until_at": min(ends) if is_read else version["from_at"]}
        if not known:
            return None  # a title, or an artwork, that nobody knows is not shown
        return version | _strictest_ages(self.table, record, known)


def _readable(record: Record, name: str) -> bool:
    """Whether a record has the column, and nothing is wrong with what it holds."""
    return name in record["given"] and name not in record["unread"]


def _refuse(record: Record, reason: str, field: str) -> None:
    record |= {"reason": reason, "field": field}


def _at(versions: list[Version], at: int) -> Version | None:
    found = _before(versions, at)
    return found if found and found["known_at"] == at else None


def _before(versions: list[Version], at: int) -> Version | None:
    """The newest version known at a moment."""
    count = bisect_right(versions, at, key=_known_at)
    return versions[count - 1] if count else None


def _free(versions: list[Version], at: int) -> int:
    """The first moment from `at` on at which no version was learned."""
    while _at(versions, at):
        at += 1
    return at


def _strictness(name: str, value: Any) -> float:
    """How much a value restricts, to be compared with others of its column."""
    if name in ("maturity_limit", "until_at"):
        return -math.inf if value is None else -value
    if name == "maturity":
        return pages().legality.unknown_maturity if value is None else value
    if name == "blocked_titles":
        return len(value or ())
    return -math.inf if value is None else float(value)


def _strictest_settings(record: Record, known: list[Version]) -> Version:
    """The least limit that a profile ever had, else the children's; a child if it ever was one.

    What can be read of the refused record makes it stricter, and never less strict.
    """
    own = {n: record[n] if _readable(record, n) else None for n in RESTRICTING["profiles"]}
    limits = [v["maturity_limit"] for v in known if v["maturity_limit"] is not None]
    if not limits and record["reason"] != CONFLICT:
        limits = [pages().legality.kids_maturity_limit]
    if own["maturity_limit"] is not None:
        limits.append(own["maturity_limit"])
    kids = [v["kids"] for v in [*known, own] if v["kids"] is not None]
    blocked = [title for v in [*known, own] for title in v["blocked_titles"] or ()]
    return {
        "maturity_limit": min(limits, default=None),
        "kids": any(kids) if kids else None,
        "blocked_titles": list(dict.fromkeys(blocked)) or None,
    }


def _strictest_ages(table: str, record: Record, known: list[Version]) -> Version:
    """The greatest age that a title or an artwork ever had, unknown ones counted as for adults, and
    the last launch.
    """
    adult = pages().legality.unknown_maturity
    ages = [v["maturity"] for v in known]
    if "maturity" in record["given"]:
        ages.append(record["maturity"] if _readable(record, "maturity") else None)
    strictest = {"maturity": max(adult if age is None else age for age in ages)}
    if table == "artwork":
        return strictest
    launches = [v["launched_at"] for v in known if v["launched_at"] is not None]
    if _readable(record, "launched_at"):
        launches += [record["launched_at"]] if record["launched_at"] is not None else []
    elif "launched_at" in record["given"] and record["field"]:
        launches.append(NEVER_US)  # its launch could not be read: it may be still to come
    return strictest | {"launched_at": max(launches, default=None)}


def verdicts(
    table: str, landed: Iterable[Version], records: Sequence[Record], moment: int | None
) -> list[Record]:
    """The records of one profile or title with their fates, and held versions; see Versions."""
    return list(Versions(table, landed, moment).verdicts(records))
