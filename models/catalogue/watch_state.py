"""How each title of the histories stands with its profile, as arrays: what there is to go on with (N-040, N-609)."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

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
        """Entries that stand in the middle of a film or episode."""
        mask: NDArray[np.bool_] = self.resume_s > 0
        return mask

    @property
    def to_continue(self) -> NDArray[np.bool_]:
        """Entries with something left: the middle of a film or episode, or the next episode after a finished one."""
        return self.begun | ((self.next_episode != "") & (self.finished > 0))

    @property
    def share(self) -> F32:
        """How much of the film or episode lies behind, 0..1; 0 where the next episode is due."""
        return np.asarray(self.resume_s / self.length_s, np.float32)


@dataclass(frozen=True)
class Listed(Ragged):
    """The titles that each of m profiles put on its list, newest first."""

    title: NDArray[np.int32]
    at_s: NDArray[np.float64]  # epoch seconds UTC


def unknown(entries: int) -> Viewing:
    """The state of histories without watch times."""
    none, blank = np.full(entries, np.nan, np.float32), np.full(entries, "", object)
    return Viewing(none, none, none, none.astype(np.float64), none, blank, blank, blank)


def viewing_from(history: pa.StructArray, kept: NDArray[np.bool_]) -> Viewing:
    """The states in the flattened `history` of profile_features, of the entries that a mask keeps."""

    def numbers(name: str) -> NDArray[np.float64]:
        values: NDArray[np.float64] = (
            history.field(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
        )
        return values[kept]

    def texts(name: str) -> NDArray[np.object_]:
        return np.array(pc.fill_null(history.field(name), "").to_pylist(), object)[kept]

    first = (
        history.field("first_at")
        .cast(pa.timestamp("us", "UTC"))
        .cast(pa.int64())
        .cast(pa.float64())
    )
    resume_s, length_s, finished, thumb = (
        numbers(name).astype(np.float32)
        for name in ("resume_seconds", "duration_seconds", "finished_count", "thumb")
    )
    return Viewing(
        resume_s,
        length_s,
        finished,
        first.to_numpy(zero_copy_only=False)[kept] / 1e6,
        thumb,
        texts("episode"),
        texts("next_episode"),
        texts("device"),
    )
