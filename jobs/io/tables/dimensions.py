"""The small log tables that describe titles, and the columns of each that a catalogue needs."""

VERSIONED = {  # table: (its keys, the columns that a catalogue needs)
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
