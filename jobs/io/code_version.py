"""Which code is running."""

import subprocess
from functools import cache

from conf.settings import ROOT


@cache
def code_version() -> str:
    """The commit of the checkout, with + where its files were changed since; `unknown` where there is no git."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        return commit + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), *words], check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout.strip()
