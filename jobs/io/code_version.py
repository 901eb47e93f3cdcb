"""Which code is running."""

import subprocess
from functools import cache

from conf.settings import ROOT


@cache
def code_version() -> str:
    """The commit of the checkout, with + where files were changed since; `unknown` without git."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        changes = _git("status", "--porcelain", "--untracked-files=no")
        return f"{commit}+" if changes else commit
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    command = ["git", "-C", str(ROOT), *words]
    result = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
    return result.stdout.strip()
