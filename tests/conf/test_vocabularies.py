"""Countries and ratings: every code once, and ratings compared without what separates their letters."""

import pytest
from pydantic import ValidationError

from conf.vocabularies import Countries, vocabularies


def test_countries_are_those_of_iso_3166_and_none_is_an_alias():
    countries = vocabularies().countries
    assert len(countries.codes) == len(set(countries.codes)) == 249
    assert {"US", "GB", "GR", "NO", "NA"} <= set(countries.codes)
    assert not {"UK", "EL", "ZZ", "EU"} & set(countries.codes)
    assert countries.aliases == {"UK": "GB", "EL": "GR"}


@pytest.mark.parametrize(
    ("codes", "aliases", "unknown"),
    [(("us",), {}, "ZZ"), (("US",), {"UK": "GB"}, "ZZ"), (("US",), {}, "US")],
)
def test_what_is_no_country_code_is_a_mistake_of_the_file(codes, aliases, unknown):
    with pytest.raises(ValidationError, match="no country codes"):
        Countries(codes=codes, aliases=aliases, unknown=unknown)


def test_ratings_are_ages_and_no_two_of_them_are_one_text():
    ages = vocabularies().ages
    assert len(ages) == len(vocabularies().ratings)
    wanted = {
        "TVY7": 7,
        "TV14": 14,
        "PG13": 13,
        "R": 17,
        "NC17": 18,
        "FSK12": 12,
        "FSKAB16": 16,
        "BBFC15": 15,
    }
    assert wanted.items() <= ages.items()
    assert all(0 <= age <= 21 for age in ages.values())
