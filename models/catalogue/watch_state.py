"""How each title of a history stands with its profile, as arrays: what can be continued."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.catalogue.columns import floats, seconds, texts
from models.ragged import Ragged

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Viewing:
    """One value for each entry of the flat histories (N,); NaN and "" where unknown."""

    resume_s: F32  # seconds into the film or episode played last at which it goes on
    length_s: F32  # of that film or episode
    finished: F32  # ends of the film, or episodes finished
    first_at_s: NDArray[np.float64]  # epoch seconds UTC of the first play
    thumb: F32  # +1, -1
    episode: NDArray[np.object_]  # played last
    next_episode: NDArray[np.object_]  # to play where nothing is half watched
    device: NDArray[np.object_]  # of the last play

    @property
    def begun(self) -> NDArray[np.bool_]:
        """Entries that stand in the middle of a film or episode (N,)."""
        mask: NDArray[np.bool_] = self.resume_s > 0
        return mask

    @property
    def to_continue(self) -> NDArray[np.bool_]:
        """Entries with something left (N,): half watched, or the next episode after a finished one."""
        has_next_episode = (self.next_episode != "") & (self.finished > 0)
        return self.begun | has_next_episode

    @property
    def share(self) -> F32:
        """Share of the film or episode that was watched (N,), 0..1; 0 for a next episode."""
        return np.asarray(self.resume_s / self.length_s, np.float32)


@dataclass(frozen=True)
class MyLists(Ragged):
    """The titles that each of m profiles put on its list, N in all, newest first."""

    title: NDArray[np.int32]  # (N,)
    at_s: NDArray[np.float64]  # (N,) epoch seconds UTC


def unknown_viewing(entries: int) -> Viewing:
    """The state of histories without watch times."""
    unknown, no_text = np.full(entries, np.nan, np.float32), np.full(entries, "", object)
    return Viewing(
        resume_s=unknown,
        length_s=unknown,
        finished=unknown,
        first_at_s=unknown.astype(np.float64),
        thumb=unknown,
        episode=no_text,
        next_episode=no_text,
        device=no_text,
    )


def viewing_from(history: pa.StructArray, keep: NDArray[np.bool_]) -> Viewing:
    """The states in the flattened `history` of profile_features, of the entries of a mask."""
    return Viewing(
        resume_s=floats(history.field("resume_seconds"))[keep],
        length_s=floats(history.field("duration_seconds"))[keep],
        finished=floats(history.field("finished_count"))[keep],
        first_at_s=seconds(history.field("first_at"))[keep],
        thumb=floats(history.field("thumb"))[keep],
        episode=texts(history.field("episode"))[keep],
        next_episode=texts(history.field("next_episode"))[keep],
        device=texts(history.field("device"))[keep],
    )
