"""Where this run lives and what it may use, from the environment. Frozen; read once per process."""

import os
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conf.errors import UserMistake
from conf.job_size import job_size
from conf.places import local_folder
from conf.rights import umask_of
from conf.s3 import is_on_s3, s3_jars, s3_options

T = TypeVar("T", bound="Frozen")
ROOT = Path(__file__).resolve().parents[1]
# safe, and ten times as fast where PyYAML was built with libyaml
YAML: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
STUDIO_PORT = 8400


class Frozen(BaseModel):
    """A typed piece of configuration: cannot change, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Settings(Frozen):
    """The settings of one process. Every field can be moved by the environment variable named
    beside it.
    """

    home: str = str(ROOT / "var")  # FRONTROW_HOME: everything Frontrow writes
    tables: str = (
        ""  # FRONTROW_TABLES: root of the Delta tables, any Hadoop file system; default HOME/tables
    )
    jars: str = str(ROOT / "lib")  # FRONTROW_JARS: the folder that `make setup` fills
    spark_master: str = "local[2]"  # SPARK_MASTER
    spark_submit: str = (
        ""  # SPARK_SUBMIT: a cluster's own spark-submit; default the one of this environment
    )
    driver_memory: str = ""  # FRONTROW_DRIVER_MEMORY; default by conf/job_size.py
    writer: Literal["workers", "spark"] = (
        "workers"  # FRONTROW_WRITER: who writes pages, where their folder is one that workers see
    )
    airflow_db: str = (
        ""  # FRONTROW_AIRFLOW_DB: SQLAlchemy URL; default an embedded PostgreSQL under HOME
    )
    redis: str = ""  # FRONTROW_REDIS: URL of a Redis server that is to have the releases too, for other machines
    stars: float = Field(
        5, gt=0
    )  # FRONTROW_STARS: the most stars that a rating of this log can have; default as landed, else 5
    schedule_start: date = date(
        1990, 1, 1
    )  # FRONTROW_SCHEDULE_START: first day the DAGs can be run for
    alarms: str = (
        "log"  # FRONTROW_ALARMS: channels beside the log: https://..., mailto:ADDRESS, with commas
    )
    smtp: str = "smtp://localhost:25"  # FRONTROW_SMTP: who sends mail; smtps: with STARTTLS
    studio: str = Field(
        f"http://127.0.0.1:{STUDIO_PORT}", pattern="^https?://"
    )  # FRONTROW_STUDIO: where the studio answers, for links from Airflow's tasks
    schedule_end: date | None = (
        None  # FRONTROW_SCHEDULE_END: last day of a finished log; empty for a living one
    )

    @property
    def tables_root(self) -> str:
        """Root of the Delta tables, without a trailing slash."""
        return (self.tables or f"{self.home}/tables").rstrip("/")

    @property
    def home_path(self) -> Path:
        """Local folder for figures, reports, logs and databases."""
        return Path(self.home)


_VARIABLES = {
    "home": "FRONTROW_HOME",
    "tables": "FRONTROW_TABLES",
    "jars": "FRONTROW_JARS",
    "spark_master": "SPARK_MASTER",
    "spark_submit": "SPARK_SUBMIT",
    "driver_memory": "FRONTROW_DRIVER_MEMORY",
    "writer": "FRONTROW_WRITER",
    "airflow_db": "FRONTROW_AIRFLOW_DB",
    "redis": "FRONTROW_REDIS",
    "stars": "FRONTROW_STARS",
    "schedule_start": "FRONTROW_SCHEDULE_START",
    "schedule_end": "FRONTROW_SCHEDULE_END",
    "alarms": "FRONTROW_ALARMS",
    "smtp": "FRONTROW_SMTP",
    "studio": "FRONTROW_STUDIO",
}


def load_settings() -> Settings:
    """The settings as the environment stands now; a value of the wrong type names its variable."""
    given = {field: os.environ[name] for field, name in _VARIABLES.items() if os.environ.get(name)}
    if "home" in given:
        given["home"] = str(Path(given["home"]).absolute())
    try:
        settings = Settings.model_validate(given)
        landed = None if "stars" in given else landed_stars(settings)
        return settings.model_copy(update={"stars": landed}) if landed else settings
    except ValidationError as error:
        first = error.errors()[0]
        name = _VARIABLES[str(first["loc"][0])]
        raise UserMistake(
            f"environment variable {name}={first['input']!r}: {first['msg']}"
        ) from None


def tables_root() -> str:
    """Root of the Delta tables as the environment stands now; asked for each table that is opened."""
    own = tuple(os.environ.get(variable) for variable in _VARIABLES.values())
    return _tables_root(Path.cwd(), own)


@lru_cache(maxsize=16)
def _tables_root(folder: Path, own: tuple[str | None, ...]) -> str:
    return load_settings().tables_root


def stars_file(settings: Settings) -> Path:
    """Where a landing keeps the most stars that the ratings of the log can have."""
    return Path(local_folder(settings.tables_root) or settings.home) / "stars"


def landed_stars(settings: Settings) -> float | None:
    """The most stars that the ratings of the landed log can have; None where none was landed."""
    try:
        return float(stars_file(settings).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def load_yaml(kind: type[T], path: Path, default: Path | None = None) -> T:
    """One validated YAML file; an unknown or ill-typed key is an error that names file and line.

    What the file leaves out has the values of the file `default`, where there is one.
    """
    text = _text(path)
    try:
        values: Any = _parsed(text)
        if default is not None:
            values = _merged(_parsed(_text(default)), values)
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        line = _line_of(
            text, str(next((p for p in reversed(first["loc"]) if isinstance(p, str)), ""))
        )
        raise UserMistake(f"{path.name}:{line}: {where}: {first['msg']}") from None
    except yaml.YAMLError as error:
        raise UserMistake(f"{path.name}: not valid YAML: {' '.join(str(error).split())}") from None


def yaml_values(path: Path) -> dict[str, Any]:
    """The plain values of a YAML file of ours, which are the caller's own to change."""
    values: dict[str, Any] = _parsed(_text(path))
    return values


def _parsed(text: str) -> Any:
    """The values of a YAML text, without any tag that would make objects of it."""
    loader = YAML(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _merged(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The values with changes laid over them, part by part."""
    merged = dict(values)
    for name, change in changes.items():
        value = values.get(name)
        if isinstance(value, dict) and isinstance(change, dict):
            merged[name] = _merged(value, change)
        else:
            merged[name] = change
    return merged


def _text(path: Path) -> str:
    """A file's text; one of ours may be inside the zip that a cluster's workers import us from."""
    ours = ROOT / "conf"
    if not path.is_relative_to(ours):
        return path.read_text(encoding="utf-8")
    return (
        resources.files("conf")
        .joinpath(path.relative_to(ours).as_posix())
        .read_text(encoding="utf-8")
    )


def _line_of(text: str, key: str) -> int:
    return next(
        (
            n
            for n, line in enumerate(text.splitlines(), 1)
            if line.strip(" -{").startswith(f"{key}:")
        ),
        1,
    )


def class_archive(settings: Settings) -> Path:
    """Where `make setup` keeps the classes that Spark loads, ready for the next JVM."""
    return Path(settings.jars) / "spark.jsa"


def spark_conf(settings: Settings) -> dict[str, str]:
    """The Spark options of a run, the same for tests, jobs and DAG tasks: `conf/spark.yaml`, what
    the size of the jobs asks for, and the jars.

    On one machine the jars go on the driver's class path, which starts faster; on a cluster Spark
    ships them.
    """
    sections = yaml.safe_load((ROOT / "conf" / "spark.yaml").read_text())
    size = job_size(settings.spark_master, settings.tables_root, settings.driver_memory)
    options: dict[str, str] = sections["always"] | sections[size.section]
    jars = [str(jar) for jar in sorted(Path(settings.jars).glob("*.jar"))]
    if not jars:
        raise UserMistake(f"no Delta jars in {settings.jars}; run `make setup`")
    on_s3 = is_on_s3(settings.tables_root)
    if on_s3:
        jars += s3_jars(settings.jars)
        options |= s3_options()
    local = settings.spark_master.startswith("local")
    java = [f"-Dlog4j2.configurationFile={ROOT / 'conf' / 'log4j2.properties'}"]
    if local and not on_s3 and class_archive(settings).exists():  # made for fewer jars
        java.append(f"-XX:SharedArchiveFile={class_archive(settings)}")
    options["spark.driver.extraJavaOptions"] += "".join(f' "{option}"' for option in java)
    if not local:  # workers elsewhere do not have this process's environment
        options["spark.executorEnv.FRONTROW_STARS"] = f"{settings.stars:g}"
    return options | {
        "spark.driver.extraClassPath" if local else "spark.jars": (":" if local else ",").join(
            jars
        ),
        "spark.sql.shuffle.partitions": str(size.shuffle_parts),
        # Hadoop gives files the modes that it is told to, whatever the umask of the process
        "spark.hadoop.fs.permissions.umask-mode": f"{umask_of(settings.tables_root):03o}",
        "spark.driver.memory": size.driver_memory,
        "spark.sql.warehouse.dir": f"{settings.home}/spark/warehouse",
        "spark.local.dir": f"{settings.home}/spark/local",
    }
