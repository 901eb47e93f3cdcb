from importlib import import_module

import pytest

from conf.errors import UserMistake
from conf.sources import dataset, datasets


@pytest.mark.parametrize("name", datasets())
def test_a_data_set_is_read_by_the_adapter_it_names_or_the_one_of_its_own_name(name: str) -> None:
    adapter = import_module(f"features.sources.{dataset(name).adapter or name.replace('-', '_')}")
    assert adapter.layout("events").separator
    assert callable(adapter.translated)


def test_an_unknown_data_set_lists_the_known_ones() -> None:
    with pytest.raises(UserMistake, match=f"the data sets are: {', '.join(datasets())}"):
        dataset("ml-1m")
