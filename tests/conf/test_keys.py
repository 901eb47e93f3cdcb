import numpy as np

from conf.keys import bucket, sha256_text, text_uniform


def test_a_name_gives_the_same_number_on_every_machine() -> None:
    assert bucket("ann", "rows", 2**32) == 2_057_142_152
    assert text_uniform("ann", "rows") == bucket("ann", "rows", 2**32) / 2**32
    assert sha256_text("ann")[:8] == "49915e0d"


def test_numbers_are_even_and_another_salt_gives_others() -> None:
    names = [f"profile {number}" for number in range(5000)]
    first, second = (np.array([text_uniform(n, salt) for n in names]) for salt in ("one", "two"))
    assert abs(first.mean() - 0.5) < 0.02
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05
