"""Where the pages that are no profile's stand in their stores. A file of its own, for readers that
make no pages.
"""

STATIC = "static"  # the page for anybody
STRANGER = "popular"  # the page for a profile of which nothing is known


def popular_key(country: str, kids: bool) -> str:
    """Where the page of a country stands; "" is the country of profiles without one, and of those
    it does not know.
    """
    return f"popular {'kids' if kids else 'all'} {country}"
