"""The titles of a made service, as landed tables: Zipf popularity, genres, cast, windows, artwork."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.days import start_of
from jobs.io.tables.schemas import arrow_schema

GENRES = (
    *("Action", "Adventure", "Animation", "Anime", "Biography", "Comedy", "Crime", "Documentary"),
    *("Drama", "Family", "Fantasy", "Food", "History", "Horror", "Music", "Mystery", "Nature"),
    *("Reality", "Romance", "Science-Fiction", "Sport", "Thriller", "Travel", "War"),
)
COUNTRIES = ("US", "BR", "IN", "GB", "DE", "FR", "JP", "MX")
MATURITIES = (0, 6, 12, 16, 18)
THEMES = ("close-up", "action", "romance", "group", "landscape")
DEVICES = ("tv", "web", "phone", "tablet")
ZIPF = 0.9  # exponent of popularity by rank
SERIES_SHARE = 0.3
CLOSED_SHARE = 0.15  # of pairs of a title and a country without a window
ARTWORK_COUNTS = (1, 2, 3, 4)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Titles:
    """T titles as arrays, for the draws of plays."""

    genre: I64  # (T,) first genre
    duration_s: I64  # (T,)
    series: NDArray[np.bool_]  # (T,)
    by_genre: I64  # (T,) titles, those of the first genre first
    weight_until: F64  # (T,) running sum of the weights of `by_genre`
    genre_from: F64  # (genres + 1,) the running sum at which each genre begins

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.genre)

    def drawn(self, rng: np.random.Generator, genre: I64) -> I64:
        """A title by popularity for each entry: of its genre, or of any where that is below 0."""
        low = np.where(genre < 0, 0.0, self.genre_from[np.maximum(genre, 0)])
        high = np.where(genre < 0, self.genre_from[-1], self.genre_from[np.maximum(genre, 0) + 1])
        point = low + rng.random(len(genre)) * (high - low)
        place = np.searchsorted(self.weight_until, point, side="right")
        return np.asarray(self.by_genre[np.minimum(place, self.size - 1)])


def title_name(number: int) -> str:
    """The title_id of a title."""
    return f"t{number:07d}"


def titles_of(count: int, seed: int) -> Titles:
    """The titles of a service of this size; the same for the same seed."""
    rng = np.random.default_rng((seed, 1))
    genre = rng.integers(0, len(GENRES), count)
    series = rng.random(count) < SERIES_SHARE
    duration_s = np.where(series, rng.integers(20, 60, count), rng.integers(75, 150, count)) * 60
    weight = np.arange(1, count + 1) ** -ZIPF
    rng.shuffle(weight)
    by_genre = np.argsort(genre, kind="stable")
    until = np.cumsum(weight[by_genre])
    ends = np.searchsorted(genre[by_genre], np.arange(len(GENRES)), side="right")
    genre_from = np.concatenate([[0.0], np.where(ends > 0, until[np.maximum(ends, 1) - 1], 0.0)])
    return Titles(genre, duration_s, series, by_genre, until, genre_from)


def title_tables(titles: Titles, ds: date, seed: int) -> dict[str, pa.Table]:
    """`titles`, `availability` and `artwork`, known since long before the log begins."""
    rng = np.random.default_rng((seed, 2))
    return {
        "titles": _table("titles", _title_records(titles, ds, rng)),
        "availability": _table("availability", _windows(titles, ds, rng)),
        "artwork": _table("artwork", _artwork(titles, rng)),
    }


def _table(name: str, records: list[dict[str, object]]) -> pa.Table:
    whole = [{**record, "known_at": LONG_AGO, **_ORIGIN} for record in records]
    return pa.Table.from_pylist(whole, arrow_schema(name))


_ORIGIN = {"source": "simulated", "landing_id": "scale"}


def _title_records(titles: Titles, ds: date, rng: np.random.Generator) -> list[dict[str, object]]:
    count = titles.size
    people = max(20, count // 3)  # an actor is in some ten titles, and a few are in many
    records: list[dict[str, object]] = []
    for number in range(count):
        more = rng.integers(0, len(GENRES), rng.integers(0, 3))
        genres = dict.fromkeys([int(titles.genre[number]), *more.tolist()])
        cast = people * rng.random(4) ** 2
        recent = rng.random() < 0.1
        launched = int(rng.integers(0, 60)) if recent else int(rng.integers(60, 2000))
        records.append(
            {
                "title_id": title_name(number),
                "name": f"Title {number}",
                "kind": "series" if titles.series[number] else "film",
                "genres": [GENRES[genre] for genre in genres],
                "year": int(ds.year - launched // 365 - rng.geometric(0.15) + 1),
                "duration_seconds": int(titles.duration_s[number]),
                "maturity": int(rng.choice(MATURITIES)),
                "languages": ["en"] if rng.random() < 0.7 else ["de", "en"],
                "cast": [f"Actor {int(person)}" for person in dict.fromkeys(cast.astype(int))],
                "directors": [f"Director {int(people * rng.random() ** 2) // 4}"],
                "keywords": [f"keyword {int(400 * r**2)}" for r in rng.random(4)],
                "launched_at": start_of(ds - timedelta(days=launched)),
                "awards": ["Golden Reel"] if rng.random() < 0.05 else [],
            }
        )
    return records


def _windows(titles: Titles, ds: date, rng: np.random.Generator) -> list[dict[str, object]]:
    """A window for each title and country but for some; a tenth of them ends within a month."""
    is_open = rng.random((titles.size, len(COUNTRIES))) >= CLOSED_SHARE
    ends = rng.random(is_open.shape) < 0.1
    in_days = rng.integers(2, 30, is_open.shape)
    return [
        {
            "title_id": title_name(title),
            "country": COUNTRIES[country],
            "from_at": LONG_AGO,
            "until_at": (
                start_of(ds + timedelta(days=int(in_days[title, country])))
                if ends[title, country]
                else None
            ),
        }
        for title, country in np.argwhere(is_open).tolist()
    ]


def _artwork(titles: Titles, rng: np.random.Generator) -> list[dict[str, object]]:
    counts = rng.choice(ARTWORK_COUNTS, titles.size)
    return [
        {
            "title_id": title_name(title),
            "artwork_id": f"{title_name(title)}-{number}",
            "theme": str(rng.choice(THEMES)),
            "representativeness": float(rng.random()),
        }
        for title, count in enumerate(counts.tolist())
        for number in range(count)
    ]
