"""Runs inside the peers' own environment: fits libraries on files of plays, writes lists of ten.

`python peer_process.py DIR` reads `DIR/asked.json`, a list of {system, settings, train, out}; `train`
names an .npz with profile, title, at_s (sorted by time) and members; for each entry `out`.npy gets
(members, 10) title indices, -1 where a list is shorter. `DIR/told.json` then says for each entry
fit_s and predict_s, or the error. Imports nothing of ours.
"""

import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # implicit asks for it
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from scipy import sparse  # noqa: E402

K = 10
SEED = 1
Settings = Mapping[str, Any]
Train = Mapping[str, np.ndarray]
Predict = Callable[[], np.ndarray]


def matrix(train: Train) -> sparse.csr_matrix:
    """Plays as a 0/1 matrix (m, n)."""
    pairs = np.unique(np.stack([train["profile"], train["title"]]), axis=1)
    return sparse.csr_matrix((np.ones(pairs.shape[1], np.float32), (pairs[0], pairs[1])))


def implicit_model(model: Any, train: Train) -> Predict:
    """Fit a model of `implicit`; its own filter leaves out what a member played."""
    plays = matrix(train)
    model.fit(plays, show_progress=False)
    members = train["members"]
    return lambda: model.recommend(members, plays[members], N=K, filter_already_liked_items=True)[0]


def implicit_als(train: Train, settings: Settings) -> Predict:
    """`implicit` alternating least squares."""
    from implicit.als import AlternatingLeastSquares

    return implicit_model(
        AlternatingLeastSquares(random_state=SEED, num_threads=1, **settings), train
    )


def implicit_bpr(train: Train, settings: Settings) -> Predict:
    """`implicit` Bayesian personalised ranking."""
    from implicit.bpr import BayesianPersonalizedRanking

    return implicit_model(
        BayesianPersonalizedRanking(random_state=SEED, num_threads=1, **settings), train
    )


def lenskit_model(model: Any, train: Train) -> Predict:
    """Fit a model of LensKit; its own candidate selector leaves out what a member played."""
    from lenskit.algorithms import Recommender

    ratings = pd.DataFrame({"user": train["profile"], "item": train["title"]}).drop_duplicates()
    recommender = Recommender.adapt(model)
    recommender.fit(ratings)
    return lambda: padded(
        [recommender.recommend(int(member), K)["item"].tolist() for member in train["members"]]
    )


def lenskit_als(train: Train, settings: Settings) -> Predict:
    """LensKit implicit-feedback ALS."""
    from lenskit.algorithms.als import ImplicitMF

    return lenskit_model(ImplicitMF(rng_spec=SEED, **settings), train)


def lenskit_knn(train: Train, settings: Settings) -> Predict:
    """LensKit item-item nearest neighbours on implicit feedback."""
    from lenskit.algorithms.item_knn import ItemItem

    return lenskit_model(ItemItem(feedback="implicit", **settings), train)


def grouped_reranker() -> type:
    """The reranker of the tutorial: rows sorted by member, groups told to LightGBM."""
    from rectools import Columns
    from rectools.models.ranking import Reranker

    class Grouped(Reranker):
        """Rows sorted by member, and how many each member has."""

        def prepare_fit_kwargs(self, candidates_with_target: pd.DataFrame) -> dict[str, Any]:
            """What LGBMRanker.fit is called with."""
            rows = candidates_with_target.sort_values(Columns.User, kind="stable")
            groups = rows.groupby(Columns.User, sort=False)[Columns.Item].count().to_numpy()
            return {**super().prepare_fit_kwargs(rows), "group": groups}

    return Grouped


def rectools_lgbm(train: Train, settings: Settings) -> Predict:
    """RecTools' two-stage model of its tutorial: popularity, item-kNN, LightGBM's ranker."""
    from implicit.nearest_neighbours import CosineRecommender
    from lightgbm import LGBMRanker
    from rectools import Columns
    from rectools.dataset import Dataset
    from rectools.model_selection import TimeRangeSplitter
    from rectools.models import ImplicitItemKNNWrapperModel, PopularModel
    from rectools.models.ranking import (
        CandidateGenerator,
        CandidateRankingModel,
        PerUserNegativeSampler,
    )

    stamps = pd.to_datetime(train["at_s"], unit="s")
    frame = pd.DataFrame(
        {Columns.User: train["profile"], Columns.Item: train["title"], Columns.Datetime: stamps}
    )
    data = Dataset.construct(
        frame.drop_duplicates([Columns.User, Columns.Item]).assign(**{Columns.Weight: 1.0})
    )
    ranker = LGBMRanker(
        n_estimators=settings["trees"],
        learning_rate=0.05,
        num_leaves=15,
        random_state=SEED,
        n_jobs=1,
        verbose=-1,
    )
    many, filled = settings["candidates"], settings["candidates"] + 1
    models = (PopularModel(), ImplicitItemKNNWrapperModel(CosineRecommender(K=100, num_threads=1)))
    model = CandidateRankingModel(
        [
            CandidateGenerator(
                m, many, True, True, scores_fillna_value=0, ranks_fillna_value=filled
            )
            for m in models
        ],
        TimeRangeSplitter(
            f"{settings['days']}D", n_splits=1, filter_cold_users=True, filter_cold_items=True
        ),
        grouped_reranker()(ranker),
        PerUserNegativeSampler(n_negatives=settings["negatives"], random_state=SEED),
    )
    model.fit(data)
    members = train["members"]

    def predict() -> np.ndarray:
        table = model.recommend(members, data, k=K, filter_viewed=True)
        lists = table.groupby(Columns.User)[Columns.Item].agg(list).to_dict()
        return padded([lists.get(member, []) for member in members.tolist()])

    return predict


SYSTEMS: dict[str, Callable[[Train, Settings], Predict]] = {
    "implicit_als": implicit_als,
    "implicit_bpr": implicit_bpr,
    "lenskit_als": lenskit_als,
    "lenskit_knn": lenskit_knn,
    "rectools_lgbm": rectools_lgbm,
}


def padded(lists: list[list[int]]) -> np.ndarray:
    """Lists of titles as (m, 10), -1 where one is shorter."""
    return np.array([[*one, *[-1] * K][:K] for one in lists], np.int64).reshape(len(lists), K)


def answer(folder: Path, question: Mapping[str, Any]) -> dict[str, Any]:
    """Fit one system with one setting, write its lists, say how long it took."""
    train = np.load(folder / question["train"])
    started = time.perf_counter()
    try:
        predict = SYSTEMS[question["system"]](train, question["settings"])
        fit_end = time.perf_counter()
        lists = predict()
    except (
        Exception
    ) as error:  # whatever a library throws is that library's figure, not the end of the run
        return {"out": question["out"], "error": f"{type(error).__name__}: {error}"}
    np.save(folder / f"{question['out']}.npy", np.asarray(lists, np.int64))
    return {
        "out": question["out"],
        "fit_s": fit_end - started,
        "predict_s": time.perf_counter() - fit_end,
    }


def main(folder: Path) -> None:
    """Answer everything that was asked, one after the other."""
    questions = json.loads((folder / "asked.json").read_text())
    answers = []
    for number, one in enumerate(questions, start=1):
        print(f"{number} of {len(questions)}: {one['system']} {one['settings']}", flush=True)
        answers.append(answer(folder, one))
    (folder / "told.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
