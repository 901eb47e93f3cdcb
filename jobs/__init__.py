"""The steps: one file is one step that writes one table. Only jobs touch the disk."""

import os

# LightGBM's threads sleep while they wait for each other. Spinning, as they would, took ten times
# as long when another process had a core (docs/decisions/0005-class-archive.md). The variable is
# read once, when the library is loaded, so it is set before anything else.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

FLOW = (
    "ingest_events",
    "declare_experiments",
    "build_daily_counts",
    "build_title_features",
    "build_profile_features",
    "build_similars",
    "build_examples",
    "build_resumes",
    "build_contexts",
    "train_rankers",
    "update_policies",
    "assemble_drafts",
    "run_audits",
    "publish_homepage_rows",
    "compute_overlays",
    "measure_freshness",
    "judge_impressions",
    "publish_updates",
    "analyse_experiments",
)
