"""Whether cells have the shares of accounts that were declared: the alarm before any other figure.

Where they have not, somebody was lost or added by cell, and no effect means what it says (Fabijan
and others, Diagnosing sample ratio mismatch in online controlled experiments, KDD 2019).
"""

from collections.abc import Mapping

ALARM = 0.001  # p below which the ratio is taken for wrong


def sample_ratio_p(accounts: Mapping[str, int], shares: Mapping[str, float]) -> float:
    """The p-value of Pearson's chi-squared test of all cells' accounts against their shares.

    A cell without an account counts; one with accounts and no share is a mismatch (p 0).

    Raises:
        ValueError: a share that is not above 0, or fewer than two cells.
    """
    from scipy.stats import chisquare  # .5 s

    if len(shares) < 2 or not all(share > 0 for share in shares.values()):
        raise ValueError("at least two cells with shares above 0 are needed")
    if any(count and cell not in shares for cell, count in accounts.items()):
        return 0.0
    counts = [accounts.get(cell, 0) for cell in shares]
    if not sum(counts):
        return 1.0
    expected = [sum(counts) * share / sum(shares.values()) for share in shares.values()]
    return float(chisquare(counts, expected).pvalue)


def is_mismatch(accounts: Mapping[str, int], shares: Mapping[str, float]) -> bool:
    """Whether the alarm goes off."""
    return sample_ratio_p(accounts, shares) < ALARM
