"""One file is one step is one table that it writes. The only ones that touch the disk."""

FLOW = (
    "ingest_events",
    "build_daily_counts",
    "build_title_features",
    "build_profile_features",
    "build_similars",
    "build_examples",
    "build_resumes",
    "train_rankers",
    "update_policies",
    "assemble_drafts",
    "run_audits",
    "publish_homepage_rows",
)
