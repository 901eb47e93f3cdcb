"""Where the pages that are no profile's stand in their stores. A file of its own, for readers that
make no pages.
"""

STATIC = "static"  # the page for anybody
RESERVE = "reserve"  # titles in the order of their plays, for a page where nothing else is left
STRANGER = "popular"  # the page for a profile of which nothing is known

# facts of a release's layers
MAY_BE_CHILD = "may_be_child"  # of popular: whether a stranger may be one
LEAST_AGE = "least_age"  # of static and settings: what the strictest profile is held to


def popular_key(country: str, kids: bool) -> str:
    """Where the page of a country stands; "" is the country of profiles without one, and of those
    it does not know.
    """
    return f"popular {'kids' if kids else 'all'} {country}"
