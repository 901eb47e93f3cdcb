"""The prices of a country's promises: as low as keeps each, tried on the pages of a sample of its profiles."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.pages import pages
from conf.promises import Price, Promise, Promises
from models.catalogue.arrays import Profiles
from models.page.build import ChosenRows
from models.page.maker import PageMaker
from models.page.prices import raised
from models.page.rows.orders import FLOAT


class PricedPromise(NamedTuple):
    """A promise, the price that is to keep it, and how many profiles will see the title by the sample."""

    name: str
    promise: Promise
    price: float
    expected: float
    is_kept: bool  # by the sample, with what its chance may hide

    @property
    def as_price(self) -> Price:
        """What the scores of the title are raised by."""
        return Price(self.promise.title_id, self.promise.country, self.price)


@dataclass(frozen=True)
class Sample:
    """Profiles of a country as pages are made for them, and how many the country has."""

    maker: PageMaker
    batches: Sequence[tuple[Profiles, FLOAT]]  # with their own scores (m, n), without prices
    profiles: int

    @property
    def size(self) -> int:
        """Profiles in the sample."""
        return sum(profiles.size for profiles, _ in self.batches)

    def reach(self, prices: Sequence[Price], title_id: str) -> int:
        """On how many pages of the sample a title is in view on every device, with these prices."""
        title = self.maker.moment.catalogue.title_index.get(title_id)
        if title is None:
            return 0
        count = 0
        for profiles, scores in self.batches:
            chosen = self.maker.chosen(profiles, self._raised(profiles, scores, prices))
            count += int(has_in_view(chosen, title, profiles.size).sum())
        return count

    def lifts(self, title_id: str) -> NDArray[np.float64]:
        """What would lift a title over one of the first in some profile's own ranking, ascending.

        As many are the first as a screen has that is in view on every device. The ranking is that
        without prices: two promised titles that had to stand above each other would climb without end.
        """
        title = self.maker.moment.catalogue.title_index.get(title_id)
        rows, columns = pages().sure_screen
        gaps = [np.zeros(1)]
        for _, scores in self.batches if title is not None else ():
            own = scores[np.isfinite(scores[:, title])]
            gap = -np.sort(-own, axis=1)[:, : rows * columns] - own[:, title, None]
            gaps.append(gap[np.isfinite(gap) & (gap > 0)].astype(float))
        return np.unique(np.concatenate(gaps))

    def _raised(self, profiles: Profiles, scores: FLOAT, prices: Sequence[Price]) -> FLOAT:
        return raised(self.maker.moment.catalogue, profiles, scores, prices)


def sample_of(
    maker: PageMaker, rows: pa.Table, profiles: int, promises: Mapping[str, Promise]
) -> Sample:
    """The sample whose profiles are `rows` of profile_features, of a country of so many profiles."""
    candidates = [Price(each.title_id, each.country, 0.0) for each in promises.values()]
    own = maker.priced(candidates)
    return Sample(own, list(own.asked([rows])), profiles)


def priced_promises(
    sample: Sample, promises: Mapping[str, Promise], settings: Promises
) -> list[PricedPromise]:
    """The promises of one country with their prices, in their order.

    Each price in turn is the lowest that keeps its promise, the others being as they are, until all
    are kept. One that no price keeps has the lowest of those that show the title to most.
    """
    found = {name: Price(each.title_id, each.country, 0.0) for name, each in promises.items()}
    priced: list[PricedPromise] = []
    for _ in range(settings.rounds if len(promises) > 1 else 1):
        for name, promise in promises.items():
            others = [price for other, price in found.items() if other != name]
            found[name] = _lowest(
                sample, found[name], others, partial(_is_enough, sample, promise, settings)
            )
        priced = [_priced(sample, name, promises[name], found, settings) for name in found]
        if all(each.is_kept for each in priced):
            break
    return priced


def has_in_view(chosen: ChosenRows, title: int, profiles: int) -> NDArray[np.bool_]:
    """Which of so many pages (m,) have a title on the screen that every device shows first."""
    rows, columns = pages().sure_screen
    page = chosen.page
    row = page.owners
    is_there = (page.position[row] <= rows) & (page.index_within < columns)
    is_there &= chosen.offers.title[page.cell] == title
    mask = np.zeros(profiles, bool)
    mask[chosen.offers.profile[page.offer[row[is_there]]]] = True
    return mask


def _priced(
    sample: Sample,
    name: str,
    promise: Promise,
    prices: Mapping[str, Price],
    settings: Promises,
) -> PricedPromise:
    """One promise of a country as it stands with the prices of all."""
    reach = sample.reach(list(prices.values()), promise.title_id)
    expected = reach * sample.profiles / max(sample.size, 1)
    is_kept = _is_enough(sample, promise, settings, reach)
    return PricedPromise(name, promise, prices[name].price, expected, is_kept)


def _is_enough(sample: Sample, promise: Promise, settings: Promises, reach: int) -> bool:
    """Whether so many pages of the sample say that the promise is kept, whatever chance drew it.

    The share of a sample drawn without replacement has the variance q (1 - q) / s (1 - s / N).
    """
    size, everybody = sample.size, sample.profiles
    if not size:
        return False
    share = reach / size
    deviation = sqrt(share * (1 - share) / size * (1 - size / everybody))
    return everybody * (share - settings.deviations * deviation) >= promise.profiles


def _lowest(
    sample: Sample, price: Price, others: Sequence[Price], is_enough: Callable[[int], bool]
) -> Price:
    """The lowest of the lifts that shows the title to enough, by bisection: more lift, more reach."""
    lifts = sample.lifts(price.title_id)
    low, high = -1, len(lifts) - 1
    most = sample.reach([*others, _of_lift(price, lifts[high])], price.title_id)
    wanted = is_enough if is_enough(most) else most.__le__
    while high - low > 1:
        middle = (low + high) // 2
        tried = [*others, _of_lift(price, lifts[middle])]
        if wanted(sample.reach(tried, price.title_id)):
            high = middle
        else:
            low = middle
    return _of_lift(price, lifts[high])


def _of_lift(price: Price, lift: float) -> Price:
    """A price just above what lifts a score to another: equal scores stand by title."""
    return price._replace(price=float(lift * (1 + 1e-5) + (1e-6 if lift else 0.0)))
