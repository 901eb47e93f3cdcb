"""The small log tables that describe titles, and what a catalogue is made of in each."""

VERSIONED = {  # table: (what a version is of, what is needed of it)
    "titles": (
        ["title_id"],
        [
            "title_id",
            "name",
            "kind",
            "genres",
            "maturity",
            "year",
            "cast",
            "directors",
            "keywords",
            "languages",
            "awards",
            "launched_at",
        ],
    ),
    "availability": (
        ["title_id", "country", "from_at"],
        ["title_id", "country", "from_at", "until_at"],
    ),
    "artwork": (
        ["title_id", "artwork_id"],
        ["title_id", "artwork_id", "theme", "representativeness", "maturity"],
    ),
}
