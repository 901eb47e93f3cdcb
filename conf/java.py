"""The Java that Spark would start. The standard library alone: set-up asks before anything is installed."""
# Tested by tests/cli/install/test_setup.py and tests/jobs/io/test_faults.py.

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

JAVA = 17  # Spark 4 starts on nothing older


def java_version() -> int:
    """The major version of the Java that Spark would start; 0 where there is none."""
    home = os.environ.get("JAVA_HOME")
    command = str(Path(home, "bin", "java")) if home else "java"
    try:
        result = subprocess.run([command, "-version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    version = re.search(r'version "(?:1\.)?(\d+)', result.stderr)
    return int(version.group(1)) if version else 0


def java_fault(version: int) -> str | None:
    """What is wrong with a Java of this version, in one line that says what to do; None if nothing."""
    if version >= JAVA:
        return None
    home = os.environ.get("JAVA_HOME")
    where = f"JAVA_HOME={home}" if home else "PATH"
    problem = f"no Java was found by {where}"
    if version:
        problem = f"Java {version} from {where} is too old"
    return (
        f"{problem}: Spark needs Java {JAVA}+;"
        " install it (Debian: openjdk-17-jre-headless) or set JAVA_HOME"
    )
