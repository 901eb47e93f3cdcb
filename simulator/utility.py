"""How much a profile wants a title, and how much it would enjoy it; also told in docs/world.md.

The log-odds of playing title i when it is looked at, by person q of profile u in country c on day d, in a
session of daypart h, mood m and intent e:

    common(i, d) + local(i, c) + taste * affinity(q, i, d) + daypart * liked(h) . v_i + mood * [i has m]
      - satiation * recent . v_i + shared + picture * theme_likes[theme] * represents
      + [phone and long] * long_on_phone + one of new(e), resume(e), watched(e), abandoned

    common(i, d)      = base + attraction * z_i + quality * q_i
                        + launch * 2^(-age / half-life) + season and buzz bells
    affinity(q, i, d) = taste_q(d) . factors_i + genre_likes . v_i
    taste_q(d)        = cos(2 pi d / drift_days) * taste_q + sin(2 pi d / drift_days) * drift
    v_i               = genres of i scaled to length 1: v_i . v_j is the cosine of two genre mixes
    recent            = sum over titles j played before of exp(-days since / satiation_days) * v_j,
                        without i itself
"""

import numpy as np

from simulator.arrays import (
    ABANDONED,
    CONTINUE,
    DISCOVER,
    F64,
    FETCH,
    FINISHED,
    IN_PROGRESS,
    REWATCH,
    AppealParameters,
    Context,
    Scratch,
    Session,
)
from simulator.compiled import inner_njit
from simulator.parameters import is_playable

NO_DAYPART = -1
_PURPOSES = 10
_FELT = 8  # satiation_days after which a play is no longer felt


def empty_scratch(titles: int, factors: int, genres: int, most_sessions: int) -> Scratch:
    """Scratch arrays for a catalogue of such a shape and `most_sessions` a day."""
    return Scratch(
        tastes=np.zeros((2, factors)),
        genre_likes=np.zeros(genres),
        genre_log_odds=np.zeros(genres),
        last_session=np.zeros(titles, np.int64),
        session_count=np.zeros(1, np.int64),
        stream_starts=np.zeros(_PURPOSES, np.uint64),
        session_starts=np.zeros(most_sessions, np.int64),
    )


@inner_njit()
def fill_tastes(context: Context, profile: int, day: int) -> None:
    """Fill the scratch tastes of both persons on the day, and the genre likes of the profile."""
    scratch, members = context.scratch, context.members
    angle = 2.0 * np.pi * day / context.parameters.drift_days
    along, across = np.cos(angle), np.sin(angle)
    for k in range(scratch.tastes.shape[1]):
        drift = across * members.tastes[profile, 2, k]
        scratch.tastes[0, k] = along * members.tastes[profile, 0, k] + drift
        scratch.tastes[1, k] = along * members.tastes[profile, 1, k] + drift
    for g in range(len(scratch.genre_likes)):
        scratch.genre_likes[g] = members.genre_likes[profile, g]


@inner_njit()
def affinity(context: Context, person: int, title: int) -> float:
    """Taste of the person (0 or 1) for the title, in standard deviations over members."""
    scratch, catalogue = context.scratch, context.catalogue
    total = 0.0
    for k in range(scratch.tastes.shape[1]):
        total += scratch.tastes[person, k] * catalogue.factors[title, k]
    for g in range(len(scratch.genre_likes)):
        total += scratch.genre_likes[g] * catalogue.genre_vectors[title, g]
    return total


@inner_njit()
def satiation_decay(appeal: AppealParameters, day: int, last_day: int) -> float:
    """How much of a play on `last_day` is still felt: exp(-days / satiation_days)."""
    return np.exp((last_day - day) / appeal.satiation_days)


@inner_njit()
def fill_genre_log_odds(context: Context, day: int, daypart: int) -> None:
    """Fill the scratch log-odds per genre, from the daypart and from what was played lately."""
    appeal, memory = context.parameters.appeal, context.memory
    genre_log_odds = context.scratch.genre_log_odds
    for g in range(len(genre_log_odds)):
        genre_log_odds[g] = 0.0
        if daypart != NO_DAYPART:
            genre_log_odds[g] = appeal.daypart * context.parameters.daypart_genres[daypart, g]
    for index in range(memory.size[0]):
        entry = memory.entries[index]
        if day - entry.last_day > _FELT * appeal.satiation_days:
            continue
        satiation = appeal.satiation * satiation_decay(appeal, day, entry.last_day)
        for g in range(len(genre_log_odds)):
            genre_log_odds[g] -= satiation * context.catalogue.genre_vectors[entry.title, g]


@inner_njit()
def history_log_odds(context: Context, day: int, intent: int, title: int) -> float:
    """The log-odds that are due to having played this very title before, or never, by intent."""
    appeal, memory = context.parameters.appeal, context.memory
    index = memory.entry_of_title[title]
    if index < 0:
        return appeal.new[intent]
    entry = memory.entries[index]
    # a title does not tire of itself (that is what `watched` is for): its own satiation is undone
    own_satiation = 0.0
    if day - entry.last_day <= _FELT * appeal.satiation_days:
        own_satiation = appeal.satiation * satiation_decay(appeal, day, entry.last_day)
    if entry.status == FINISHED:
        return own_satiation + appeal.watched[intent]
    if entry.status == ABANDONED:
        return own_satiation + appeal.abandoned
    if entry.status == IN_PROGRESS:
        return own_satiation + appeal.resume[intent]
    return own_satiation + appeal.new[intent]


@inner_njit()
def artwork_log_odds(context: Context, profile: int, artwork: int) -> float:
    """The log-odds that are due to the artwork on the page, -1 for none."""
    if artwork < 0:
        return 0.0
    record = context.catalogue.artworks[artwork]
    theme_like = context.members.records[profile].theme_likes[record.theme]
    return record.shared + context.parameters.appeal.picture * theme_like * record.represents


@inner_njit()
def log_odds(context: Context, session: Session, title: int, artwork: int) -> float:
    """The log-odds that the session plays the title once it is looked at.

    The scratch tastes have to be of its day and the scratch genre log-odds of this session.
    """
    parameters, catalogue = context.parameters, context.catalogue
    genre_log_odds = context.scratch.genre_log_odds
    country = context.members.records[session.profile].country
    common = catalogue.common_log_odds[session.day_index, title]
    common += catalogue.local_log_odds[country, title]
    total = common + parameters.appeal.taste * affinity(context, session.person, title)
    for g in range(len(genre_log_odds)):
        total += genre_log_odds[g] * catalogue.genre_vectors[title, g]
    if catalogue.genre_vectors[title, session.mood] > 0:
        total += parameters.appeal.mood
    if parameters.phone[session.device] and catalogue.titles[title].long:
        total += parameters.appeal.long_on_phone
    total += history_log_odds(context, session.day, session.intent, title)
    return total + artwork_log_odds(context, session.profile, artwork)


@inner_njit()
def possible_intent(context: Context, profile: int, day_index: int, wish: int) -> int:
    """The intent of a session that would like to `wish`.

    With nothing to go on with or to watch again that can be played it is to discover.
    """
    wanted = IN_PROGRESS if wish == CONTINUE else FINISHED
    if wish != CONTINUE and wish != REWATCH:
        return wish
    memory = context.memory
    for index in range(memory.size[0]):
        entry = memory.entries[index]
        if entry.status == wanted and is_playable(context, profile, day_index, entry.title):
            return wish
    return DISCOVER


@inner_njit()
def fill_expected_play_rates(context: Context, profile: int, day_index: int, out: F64) -> None:
    """Fill `out` (t,) with how likely a title is played if it is looked at, without mood or artwork.

    The mean over the profile's intents; of those to fetch it is 0, as they look for one title. For
    each intent it is that of the mean log-odds over dayparts, devices and persons.
    """
    day = context.catalogue.first_day + day_index
    fill_expected_log_odds(context, profile, day_index, out)
    shares = context.parameters.intents[int(context.members.records[profile].kids)]
    for title in range(len(out)):
        mean = 0.0
        for wish in range(len(shares)):
            if wish != FETCH:
                intent = possible_intent(context, profile, day_index, wish)
                history = history_log_odds(context, day, intent, title)
                mean += shares[wish] * sigmoid(out[title] + history)
        out[title] = mean


@inner_njit()
def fill_expected_log_odds(context: Context, profile: int, day_index: int, out: F64) -> None:
    """Fill `out` (t,) with the mean of `log_odds` over the profile's dayparts, devices and persons.

    Mood and artwork are left out: nobody knows them before the session. So is what was played
    before, which counts by intent. All terms but taste are linear in what they are averaged over,
    and so is taste in the person.
    """
    parameters, catalogue, scratch = context.parameters, context.catalogue, context.scratch
    member = context.members.records[profile]
    day = catalogue.first_day + day_index
    fill_tastes(context, profile, day)
    fill_genre_log_odds(context, day, NO_DAYPART)
    for k in range(scratch.tastes.shape[1]):
        first, second = scratch.tastes[0, k], scratch.tastes[1, k]
        scratch.tastes[0, k] = (1 - member.shared) * first + member.shared * second
    phone_share = 0.0
    for device in range(len(parameters.phone)):
        phone_share += member.devices[device] if parameters.phone[device] else 0.0
    for g in range(len(scratch.genre_log_odds)):
        for daypart in range(parameters.daypart_genres.shape[0]):
            weight = parameters.appeal.daypart * member.dayparts[daypart]
            scratch.genre_log_odds[g] += weight * parameters.daypart_genres[daypart, g]
    for title in range(len(out)):
        common = catalogue.common_log_odds[day_index, title]
        common += catalogue.local_log_odds[member.country, title]
        total = common + parameters.appeal.taste * affinity(context, 0, title)
        for g in range(len(scratch.genre_log_odds)):
            total += scratch.genre_log_odds[g] * catalogue.genre_vectors[title, g]
        if catalogue.titles[title].long:
            total += phone_share * parameters.appeal.long_on_phone
        out[title] = total


@inner_njit()
def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + np.exp(-x))


@inner_njit()
def enjoyment(context: Context, profile: int, person: int, title: int, noise: float) -> float:
    """Stars, unbounded: overall + quality + spread * affinity - strictness + noise."""
    watching = context.parameters.watching
    quality = context.catalogue.titles[title].quality
    promise = watching.overall + quality + watching.spread * affinity(context, person, title)
    return promise - context.members.records[profile].strictness + watching.noise * noise
