"""`frontrow bench ranker`: ranking on MovieLens-100k, by the protocol of Microsoft Recommenders.

Of each title's ratings 75 % train and 25 % test, at random; every test rating is relevant; a
profile's candidates are the training titles it did not rate in training; k = 10. SAR reproduces its
published figure, which shows that the protocol is right. The split is random, so this is a check of
ranking, not of what will be played next.
"""

import time
from collections.abc import Callable

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.offline.crossfit import RatedTitles, offer, ranked, train, training_queries
from benchmarks.offline.first_stage import retriever, sar
from benchmarks.ranker.grid_search import print_grid
from benchmarks.ranker.movielens import ratings_and_titles
from benchmarks.report import report
from conf.bench import K, RankerBench, benches
from conf.settings import load_settings
from experiments.metrics.queries import list_hits
from experiments.metrics.ranking import average_precision, interval, ndcg, precision, recall
from experiments.protocols import title_split
from models.candidates.ratings import Ratings

TRAIN_SHARE = 0.75
PUBLISHED = (
    "published on this split: SAR nDCG .393819 (sar_ndcg10 has to be the same), "
    "BiVAE nDCG .475077 and MAP .146126; "
    "measured by us: LensKit SLIM .4847 and .1502"
)


@click.command()
@click.option(
    "--seed",
    default=42,
    show_default=True,
    help="Of the split; the published figures belong to 42.",
)
@click.option(
    "--choose",
    "choosing",
    is_flag=True,
    help="Try the grid on inner splits of the training part; minutes.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def ranker(seed: int, choosing: bool, as_json: bool) -> None:
    """The ranking stage on MovieLens-100k against published figures.

    Example: frontrow bench ranker
    """
    ratings, titles = ratings_and_titles(load_settings())
    train_part, test_part = parts(ratings, seed)
    settings, say = benches().ranker, lambda line: click.echo(f"ranker: {line}", err=True)
    if choosing:
        splits = [parts(train_part, inner) for inner in settings.choose_seeds]
        print_grid(
            splits,
            titles,
            settings,
            lambda s, a, b: float(member_metrics(s, a, b)["ndcg10"].mean()),
            say,
        )
        return
    report("ranker", ranker_figures(train_part, test_part, titles, settings, say), as_json)
    say(PUBLISHED)


def parts(ratings: Ratings, seed: int) -> tuple[Ratings, Ratings]:
    """Train and test of the protocol.

    Within the training part the same rule gives the inner splits.
    """
    mask = title_split(ratings.title, TRAIN_SHARE, seed)
    return ratings.where(mask), ratings.where(~mask)


def ranker_figures(
    train_part: Ratings,
    test_part: Ratings,
    titles: RatedTitles,
    settings: RankerBench,
    say: Callable[[str], None],
) -> dict[str, object]:
    """Everything the benchmark reports; the test part is looked at by the metrics only."""
    started = time.monotonic()
    boosters = train(training_queries(train_part, titles, settings, say), settings)
    say("ranking")
    scores = ranked(offer(train_part, titles, settings), boosters, train_part.shape)
    seconds = time.monotonic() - started
    ours = member_metrics(scores, train_part, test_part)
    first = member_metrics(retriever(train_part, settings.first_stage), train_part, test_part)
    found: dict[str, object] = {
        "sar_ndcg10": float(
            member_metrics(sar(train_part), train_part, test_part)["ndcg10"].mean()
        ),
        **with_interval("retriever_ndcg10", first["ndcg10"]),
        "retriever_map": float(first["map"].mean()),
    }
    for name, values in ours.items():
        found |= with_interval(f"ranker_{name}", values)
    found |= with_interval("gain_ndcg10", ours["ndcg10"] - first["ndcg10"])
    sizes = {
        "train_rows": len(train_part),
        "test_rows": len(test_part),
        "members": len(ours["ndcg10"]),
    }
    return {**found, **sizes, "fit_and_rank_s": round(seconds, 1)}


def member_metrics(
    scores: NDArray[np.floating], train_part: Ratings, test_part: Ratings
) -> dict[str, NDArray[np.float64]]:
    """Metrics of each member that has a test rating, from scores (m, n) of all pairs.

    A title with -inf is never recommended.
    """
    known = np.bincount(train_part.title, minlength=train_part.shape[1]) > 0
    members = np.flatnonzero(test_part.played.any(axis=1))
    test, scores = test_part.played[members], scores[members]
    listed = ~train_part.played[members] & known & np.isfinite(scores)
    hits, relevant = list_hits(scores, test, listed, K), test.sum(axis=1)
    return {
        "ndcg10": ndcg(hits, relevant),
        "map": average_precision(hits, relevant),
        "precision10": precision(hits),
        "recall10": recall(hits, relevant),
    }


def with_interval(name: str, values: NDArray[np.float64]) -> dict[str, object]:
    """The mean over members with its 95 % bootstrap interval."""
    low, high = interval(values, seed=0)
    return {name: float(values.mean()), f"{name}_low": low, f"{name}_high": high}
