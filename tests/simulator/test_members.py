import numpy as np
import pytest

from simulator.members import GROWN_UP, account_ids, members, profile_ids
from simulator.truth import TrueMembers
from tests.simulator.small import small_settings, small_world

SETTINGS = small_settings()


@pytest.fixture(scope="module")
def everyone() -> TrueMembers:
    return members(small_world(), SETTINGS, 0, 5000)


def test_any_range_of_accounts_gives_the_same_profiles() -> None:
    whole = members(small_world(), SETTINGS, 0, 100)
    parts = [members(small_world(), SETTINGS, first, 50) for first in (0, 50)]
    for name, column in whole._asdict().items():
        assert np.array_equal(column, np.concatenate([getattr(part, name) for part in parts])), name


def test_no_accounts_have_no_profiles() -> None:
    nobody = members(small_world(), SETTINGS, 7, 0)
    assert {len(column) for column in nobody} == {0}


def test_every_profile_fits_the_promised_shapes(everyone: TrueMembers) -> None:
    n, (k, g) = len(everyone.index), (4, len(small_world().genre_names))
    widths = {"understands": 4, "taste": k, "other_taste": k, "drift": k, "genre_likes": g}
    widths |= {"theme_likes": len(SETTINGS.themes), "dayparts": 4, "devices": 3}
    assert {name: column.shape for name, column in everyone._asdict().items()} == {
        name: (n, widths[name]) if name in widths else (n,) for name in everyone._fields
    }
    assert all(np.isfinite(column).all() for column in everyone)


def test_childrens_profiles_are_limited_and_never_come_first(everyone: TrueMembers) -> None:
    further = everyone.index % 5 > 0
    assert everyone.limit[everyone.kids].max() <= 12
    assert not everyone.kids[~further].any()
    assert everyone.kids[further].mean() == pytest.approx(SETTINGS.households.kids_share, abs=0.02)


def test_some_grown_ups_have_a_setting(everyone: TrueMembers) -> None:
    limits = everyone.limit[~everyone.kids]
    assert set(limits) == {*SETTINGS.households.limits, GROWN_UP}
    assert (limits < GROWN_UP).mean() == pytest.approx(SETTINGS.households.limit_share, abs=0.02)


def test_grown_ups_tastes_have_mean_0_and_variance_1_for_every_title(everyone: TrueMembers) -> None:
    for tastes in (everyone.taste, everyone.drift):
        liking = tastes[~everyone.kids] @ small_world().titles.factors.T
        assert np.abs(liking.mean(axis=0)).max() < 0.1
        assert np.abs(liking.std(axis=0) - 1).max() < 0.1


def test_tastes_lie_about_those_of_real_members() -> None:
    noiseless = SETTINGS.model_copy(
        update={"tastes": SETTINGS.tastes.model_copy(update={"own_noise": 0.0})}
    )
    noiseless_members = members(small_world(), noiseless, 0, 200)
    real = {tuple(row) for row in small_world().tastes_real.tolist()}
    assert {tuple(row) for row in noiseless_members.taste[~noiseless_members.kids].tolist()} <= real


def test_children_like_what_children_are_offered(everyone: TrueMembers) -> None:
    world = small_world()
    for_kids = world.titles.genres[
        :, [world.genre_names.index(name) for name in SETTINGS.catalogue.children]
    ].any(axis=1)
    liking = everyone.taste @ world.titles.factors.T
    child, adult = (
        liking[mask][:, for_kids].mean() - liking[mask][:, ~for_kids].mean()
        for mask in (everyone.kids, ~everyone.kids)
    )
    assert child > adult + 0.3
    likes = everyone.genre_likes[:, world.genre_names.index("Children's")]
    assert likes[everyone.kids].mean() > likes[~everyone.kids].mean() + 0.5


def test_likings_for_genres_follow_tastes_and_likings_for_themes_follow_those(
    everyone: TrueMembers,
) -> None:
    world, adult = small_world(), ~everyone.kids
    column = world.genre_names.index("Romance")
    romance, others = world.titles.genres[:, column], ~world.titles.genres[:, column]
    factors = world.titles.factors
    by_taste = everyone.taste[adult] @ (factors[romance].mean(axis=0) - factors.mean(axis=0))
    likes = everyone.genre_likes[adult, column]
    theme_likes = everyone.theme_likes[adult, SETTINGS.themes.index("romance")]
    assert others.any()
    assert np.corrcoef(by_taste, likes)[0, 1] == pytest.approx(
        np.sqrt(SETTINGS.tastes.genre_share), abs=0.03
    )
    assert np.corrcoef(likes, theme_likes)[0, 1] == pytest.approx(
        np.sqrt(SETTINGS.tastes.theme_share), abs=0.05
    )
    assert likes.std() == pytest.approx(1, abs=0.05)


def test_a_second_person_is_on_shared_profiles_only(everyone: TrueMembers) -> None:
    shared = everyone.shared > 0
    same = (everyone.taste == everyone.other_taste).all(axis=1)
    assert np.array_equal(same, ~shared)
    assert not shared[everyone.kids].any()
    assert shared[~everyone.kids].mean() == pytest.approx(
        SETTINGS.households.shared_share, abs=0.02
    )
    assert everyone.shared[shared].min() >= 0.2 and everyone.shared.max() <= 0.5


def test_habits_lie_about_the_means_of_conf(everyone: TrueMembers) -> None:
    assert everyone.sessions.mean() == pytest.approx(SETTINGS.sessions.per_day, rel=0.05)
    assert everyone.sessions.max() <= SETTINGS.sessions.most
    assert everyone.dayparts.mean(axis=0) == pytest.approx(
        np.array(SETTINGS.sessions.daypart_shares), abs=0.01
    )
    assert everyone.devices.mean(axis=0) == pytest.approx(
        np.array(SETTINGS.habits.devices), abs=0.01
    )
    assert np.allclose(everyone.dayparts.sum(axis=1), 1) and np.allclose(
        everyone.devices.sum(axis=1), 1
    )
    assert np.median(everyone.weekend) == pytest.approx(SETTINGS.habits.weekend, rel=0.02)
    assert everyone.devices.max(axis=1).mean() > 0.6  # most have a favourite


def test_everyone_understands_the_first_language_of_their_country(everyone: TrueMembers) -> None:
    for number, country in enumerate(SETTINGS.countries.values()):
        here = everyone.understands[everyone.country == number]
        first, *further = (SETTINGS.languages.index(language) for language in country.languages)
        foreign = [at for at in range(len(SETTINGS.languages)) if at not in (first, *further)]
        assert here[:, first].all() and not here[:, foreign].any()
        for at in further:
            assert here[:, at].mean() == pytest.approx(
                SETTINGS.households.second_language_share, abs=0.05
            )


def test_profiles_of_an_account_share_its_country_and_its_days(everyone: TrueMembers) -> None:
    account = everyone.index // 5
    same = account[1:] == account[:-1]
    for column in (everyone.country, everyone.join_day, everyone.cancel_day):
        assert np.all((column[1:] == column[:-1])[same])


def test_profiles_and_accounts_have_ids() -> None:
    assert profile_ids(np.array([123 * 5 + 2])) == ["m0000123-2"]
    assert account_ids(np.array([123 * 5 + 2])) == ["m0000123"]
