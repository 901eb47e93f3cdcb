"""How much a profile wants a title, and how much it would like it. Every formula is also told in docs/world.md.

log-odds of playing title i when it is looked at, by person q of profile u on day d in a session of daypart h and
mood m:

    pull(i, d) + taste * affinity(q, i, d) + daypart * liked(h) . mix_i + mood * [i has m]
      - satiation * recent . mix_i + picture * theme_likes[theme] * represents + [phone and long] * long_on_phone
      + one of watched, resume, abandoned

    pull(i, d)        = base + attraction * z_i + quality * q_i + launch * 2^(-age / half-life) + season and buzz bells
    affinity(q, i, d) = taste_q(d) . factors_i + genre_likes . mix_i
    taste_q(d)        = cos(2 pi d / drift_days) * taste_q + sin(2 pi d / drift_days) * drift
    mix_i             = genres of i scaled to length 1, so that mix_i . mix_j is the cosine of two genre mixes
    recent            = sum over titles j played before of exp(-days since / satiation_days) * mix_j, without i itself
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import inner_njit
from simulator.memory import ABANDONED, BEGUN, FINISHED

TASTE_STREAMS = 10


class Mind(NamedTuple):
    """What one profile has in mind on one day: scratch that compiled loops fill."""

    tastes: NDArray[np.float64]  # (2, k) of the first and the second person
    likes: NDArray[np.float64]  # (g,)
    lean: NDArray[np.float64]  # (g,) log-odds per unit of genre mix in this session
    judged: NDArray[np.int64]  # (t,) number of the last session in which a title was looked at
    counted: NDArray[np.int64]  # (1,) sessions so far, over all profiles
    streams: NDArray[np.uint64]  # (10,) start of the stream of each purpose
    starts: NDArray[np.int64]  # (most,) of today's sessions, seconds after midnight UTC


def mind(titles: int, factors: int, genres: int, most: int) -> Mind:
    """An empty mind for a catalogue of such a shape and `most` sessions a day."""
    return Mind(
        np.zeros((2, factors)),
        np.zeros(genres),
        np.zeros(genres),
        np.zeros(titles, np.int64),
        np.zeros(1, np.int64),
        np.zeros(TASTE_STREAMS, np.uint64),
        np.zeros(most, np.int64),
    )


@inner_njit()
def turn(mind, people, profile, day, drift_days):  # type: ignore[no-untyped-def]
    """Fill `mind` with the tastes of both persons on that day and the profile's likes."""
    angle = 2.0 * np.pi * day / drift_days
    along, across = np.cos(angle), np.sin(angle)
    for k in range(mind.tastes.shape[1]):
        mind.tastes[0, k] = (
            along * people.tastes[profile, 0, k] + across * people.tastes[profile, 2, k]
        )
        mind.tastes[1, k] = (
            along * people.tastes[profile, 1, k] + across * people.tastes[profile, 2, k]
        )
    for g in range(len(mind.likes)):
        mind.likes[g] = people.likes[profile, g]


@inner_njit()
def affinity(mind, shelf, person, title):  # type: ignore[no-untyped-def]
    """Taste of the person (0 or 1) for the title in standard deviations."""
    total = 0.0
    for k in range(mind.tastes.shape[1]):
        total += mind.tastes[person, k] * shelf.factors[title, k]
    for g in range(len(mind.likes)):
        total += mind.likes[g] * shelf.mix[title, g]
    return total


@inner_njit()
def fade(laws, day, last_day):  # type: ignore[no-untyped-def]
    """How much of a play on `last_day` is still felt: exp(-days / satiation_days)."""
    return np.exp((last_day - day) / laws.satiation_days)


@inner_njit()
def lean(mind, laws, shelf, memory, day, daypart):  # type: ignore[no-untyped-def]
    """Fill `mind.lean`: log-odds per genre from the daypart (-1 for none) and from what was played lately."""
    for g in range(len(mind.lean)):
        mind.lean[g] = laws.daypart * laws.daypart_genres[daypart, g] if daypart >= 0 else 0.0
    for place in range(memory.size[0]):
        if day - memory.entries[place].last_day > 8 * laws.satiation_days:
            continue
        felt = laws.satiation * fade(laws, day, memory.entries[place].last_day)
        for g in range(len(mind.lean)):
            mind.lean[g] -= felt * shelf.mix[memory.entries[place].title, g]


@inner_njit()
def remembered(laws, shelf, memory, day, title):  # type: ignore[no-untyped-def]
    """The part of the log-odds that is due to having played this very title before; 0 where it was not."""
    place = memory.slot[title]
    if place < 0:
        return 0.0
    itself = 0.0  # a title does not tire of itself: that is what `watched` is for
    if day - memory.entries[place].last_day <= 8 * laws.satiation_days:
        itself = laws.satiation * fade(laws, day, memory.entries[place].last_day)
    status = memory.entries[place].status
    if status == FINISHED:
        return itself + laws.watched
    if status == ABANDONED:
        return itself + laws.abandoned
    return itself + laws.resume if status == BEGUN else itself


@inner_njit()
def evoked(laws, shelf, people, profile, picture):  # type: ignore[no-untyped-def]
    """The part of the log-odds that is due to the picture shown, -1 for none."""
    if picture < 0:
        return 0.0
    shown = shelf.pictures[picture]
    return laws.picture * people.each[profile].theme_likes[shown.theme] * shown.represents


@inner_njit()
def appeal(laws, shelf, people, memory, mind, s, title, picture):  # type: ignore[no-untyped-def]
    """The log-odds that the session `s` plays the title once it is looked at; `mind.lean` is of this session."""
    total = shelf.pull[s.today, title] + laws.taste * affinity(mind, shelf, s.person, title)
    for g in range(len(mind.lean)):
        total += mind.lean[g] * shelf.mix[title, g]
    if shelf.mix[title, s.mood] > 0:
        total += laws.mood
    if laws.phone[s.device] and shelf.titles[title].long:
        total += laws.long_on_phone
    return (
        total
        + remembered(laws, shelf, memory, s.day, title)
        + evoked(laws, shelf, people, s.profile, picture)
    )


@inner_njit()
def expected_appeal(laws, shelf, people, memory, mind, profile, today, out):  # type: ignore[no-untyped-def]
    """Fill `out` (t,): the mean of `appeal` over the profile's usual dayparts, devices and persons, with no picture.

    Mood is left out: nobody knows it before the session. What is no taste is linear in its context, and so is the mean.
    """
    day = shelf.first_day + today
    turn(mind, people, profile, day, laws.drift_days)
    lean(mind, laws, shelf, memory, day, -1)
    shared, phone = people.each[profile].shared, 0.0
    for k in range(mind.tastes.shape[1]):
        mind.tastes[0, k] = (1 - shared) * mind.tastes[0, k] + shared * mind.tastes[1, k]
    for device in range(len(laws.phone)):
        phone += people.each[profile].devices[device] if laws.phone[device] else 0.0
    for g in range(len(mind.lean)):
        for daypart in range(laws.daypart_genres.shape[0]):
            mind.lean[g] += (
                laws.daypart
                * people.each[profile].dayparts[daypart]
                * laws.daypart_genres[daypart, g]
            )
    for title in range(len(out)):
        total = shelf.pull[today, title] + laws.taste * affinity(mind, shelf, 0, title)
        for g in range(len(mind.lean)):
            total += mind.lean[g] * shelf.mix[title, g]
        total += phone * laws.long_on_phone if shelf.titles[title].long else 0.0
        out[title] = total + remembered(laws, shelf, memory, day, title)


@inner_njit()
def sigmoid(x):  # type: ignore[no-untyped-def]
    """1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + np.exp(-x))


@inner_njit()
def stars(laws, shelf, people, mind, profile, person, title, noise):  # type: ignore[no-untyped-def]
    """How much it is enjoyed: overall + quality + spread * affinity - strictness + noise, in stars, unbounded."""
    promised = (
        laws.overall
        + shelf.titles[title].quality
        + laws.spread * affinity(mind, shelf, person, title)
    )
    return promised - people.each[profile].strictness + laws.noise * noise
