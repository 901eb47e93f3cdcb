"""Who is in which cell: a pure function of ids, salts and shares, the same on every machine and day.

An id is hashed by sha256 together with a salt, and the first 53 bits are read as a number in [0, 1).
Three numbers, of three salts, decide: whether the account is held out of everything, where it stands in
a layer (and so in which experiment's slice, and how far into its ramp), and which cell it gets. So a
ramp that rises adds members and moves nobody, and layers are independent of each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.experiments import NEW_DAYS, Experiment, Experiments

F64 = NDArray[np.float64]
BOOLS = NDArray[np.bool_]
NOBODY = ""  # the cell of who takes no part


@dataclass(frozen=True)
class Units:
    """The profiles of a day, as allocation sees them; a profile without an account is its own."""

    profile_id: pa.Array
    account_id: pa.Array
    kids: pa.Array
    tenure_days: pa.Array  # since the first play; null without plays

    @classmethod
    def of(cls, profiles: pa.Table) -> "Units":
        """The units of a table with the columns profile_id, account_id, kids and tenure_days."""
        profile_id = _whole(profiles["profile_id"])
        account_id = pc.coalesce(_whole(profiles["account_id"]), profile_id)
        kids, tenure = _whole(profiles["kids"]), _whole(profiles["tenure_days"])
        return cls(profile_id, account_id, kids.fill_null(False), tenure)


def uniforms(ids: pa.Array, salt: str) -> F64:
    """A number in [0, 1) for each id, evenly spread over ids and independent between salts.

    >>> uniforms(pa.array(["a", "b", "a"]), "s").round(4).tolist()
    [0.996, 0.2554, 0.996]
    """
    encoded = pc.dictionary_encode(ids.cast(pa.string()))
    start = sha256(f"{len(salt)}:{salt}:".encode())
    numbers = np.empty(len(encoded.dictionary))
    for index, name in enumerate(encoded.dictionary.to_pylist()):
        digest = start.copy()
        digest.update(name.encode())
        numbers[index] = (int.from_bytes(digest.digest()[:8], "big") >> 11) * 2.0**-53
    return numbers[encoded.indices.to_numpy(zero_copy_only=False)]


def allocation(
    declared: Experiments, running: Mapping[str, Experiment], units: Units, day: date
) -> dict[str, NDArray[np.object_]]:
    """For each running experiment the cell of each profile on a day, NOBODY of who takes no part."""
    held_out = uniforms(units.account_id, "holdout") < declared.holdout
    cells = {}
    for name, experiment in running.items():
        if experiment.runs_on(day):
            exclusive = declared.layers[experiment.layer].exclusive
            drawn = cells_of(name, experiment, exclusive, units, day)
            cells[name] = np.where(held_out, NOBODY, drawn)
    return cells


def cells_of(
    name: str, experiment: Experiment, exclusive: bool, units: Units, day: date
) -> NDArray[np.object_]:
    """The cell of each profile in one experiment on a day, holdouts left aside."""
    ids = units.account_id if experiment.unit == "account" else units.profile_id
    # slices of an exclusive layer are cut of accounts: no two profiles of one are in two experiments
    layer = f"layer/{experiment.layer}" if exclusive else f"layer/{experiment.layer}/{name}"
    low, high = experiment.slice
    depth = (uniforms(units.account_id if exclusive else ids, layer) - low) / (high - low)
    takes_part = (depth >= 0) & (depth < experiment.ramp_on(day)) & _may(experiment, units, day)
    bounds = np.cumsum([cell.share for cell in experiment.cells.values()])
    drawn = np.searchsorted(bounds, uniforms(ids, f"cell/{name}"), side="right")
    names = np.array([*experiment.cells, NOBODY], object)
    return np.where(takes_part, names[np.minimum(drawn, len(bounds))], NOBODY)


def _may(experiment: Experiment, units: Units, day: date) -> BOOLS:
    """Whether a profile may take part, by its kind and its age as the experiment began.

    So nobody leaves it by growing older.
    """
    kids = units.kids.to_numpy(zero_copy_only=False).astype(bool)
    tenure = units.tenure_days.cast(pa.float64()).fill_null(-1.0).to_numpy()
    is_new = tenure < NEW_DAYS + (day - experiment.start).days
    may = np.ones(len(kids), bool)
    for rule, is_such in ((experiment.kids, kids), (experiment.new, is_new)):
        if rule != "include":
            may &= is_such if rule == "only" else ~is_such
    return may


def _whole(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
