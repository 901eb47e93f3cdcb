"""No title twice where a member looks first: how a row gives way to the rows above it (N-605)."""

import numba


@numba.njit(cache=True)
def without_repeats(titles, shown, mark, lead, strict, settings, chosen):  # type: ignore[no-untyped-def]
    """Choose a row's titles from `titles` (best first); write their places in it to `chosen` and return how many.

    `shown[t] == mark` says that t stands in the lead (the first `lead` cells) of a row above. Titles that do not
    come first, up to `lead` of them; after those the rest in their order, repeats included. Within the first
    `strict` cells no repeat is ever put: a row that cannot fill them with other titles ends there.

    `settings` are the least and most cells of the row and `may_repeat`. Returns 0 where the row would bring fewer
    than `least` titles (or less than its lead) that are not above. With `may_repeat` nothing is compared.
    """
    least, most, may_repeat = settings[0], settings[1], settings[2] == 1
    fresh = 0
    for j in range(len(titles)):
        if fresh < lead and (may_repeat or shown[titles[j]] != mark):
            chosen[fresh] = j
            fresh += 1
    if fresh < min(least, lead):
        return 0
    count = fresh
    if fresh >= min(strict, lead):
        count = _and_the_rest(len(titles), fresh, most, chosen)
    count = min(count, most)
    return count if count >= least else 0


@numba.njit(cache=True)
def mark_lead(titles, chosen, shown, mark, lead, may_repeat):  # type: ignore[no-untyped-def]
    """Mark the lead of a row that was put on the page: the first `lead` of its `chosen` places in `titles`."""
    if may_repeat:
        return
    for place in chosen[:lead]:
        shown[titles[place]] = mark


@numba.njit(cache=True)
def too_alike(titles, chosen, before, stamp, size_before, alike):  # type: ignore[no-untyped-def]
    """Whether two rows, this one and the one just above it, have too many titles in common.

    That is, more than `alike` of all titles of the two (Jaccard). The titles of the row above are those with
    before[t] == stamp, `size_before` of them; 0 where there is none that may be compared.
    """
    both = 0
    for place in chosen:
        both += before[titles[place]] == stamp
    return both > alike * (size_before + len(chosen) - both) if size_before else False


@numba.njit(cache=True)
def _and_the_rest(size, fresh, most, chosen):  # type: ignore[no-untyped-def]
    """Append the places 0..size-1 that are not among the first `fresh` of `chosen` (which ascend), up to `most`."""
    count, passed = fresh, 0
    for j in range(size):
        if passed < fresh and chosen[passed] == j:
            passed += 1
        elif count < most:
            chosen[count] = j
            count += 1
    return count
