"""How Airflow is set up: every option as an environment variable, so that no airflow.cfg has to be
edited.
"""
# Tested by tests/jobs/io/airflow/test_server.py.

import os
from collections.abc import Mapping

import yaml

from conf.settings import ROOT, Settings

POOL = "spark"  # of every task
POOL_SLOTS = 3  # at once on two cores: a small job waits for its own driver a third of the time
USER = "frontrow"
ACTIVE_RUNS = 2  # of a DAG of days, side by side
TASK_RETRIES, RETRY_DELAY_S = 2, 30  # for tasks whose exit status says that another try helps


def airflow_environment(
    settings: Settings, port: int, database: str, secrets: Mapping[str, str]
) -> dict[str, str]:
    """The variables Airflow's processes get on top of ours: conf/airflow.yaml, where they live, and
    their secrets.

    `port` is the API server's, on loopback; `database` an SQLAlchemy URL; `secrets` has `jwt`,
    `api` and `fernet`.
    """
    home = settings.home_path / "airflow"
    given = {name: value for name, value in os.environ.items() if name.startswith("AIRFLOW__")}
    return {
        **_variables(yaml.safe_load((ROOT / "conf" / "airflow.yaml").read_text(encoding="utf-8"))),
        **_variables({"core.fernet_key": secrets["fernet"], "api.secret_key": secrets["api"]}),
        **_variables({"api_auth.jwt_secret": secrets["jwt"]}),
        **given,
        **_variables(
            {
                "core.dags_folder": str(ROOT / "dags"),
                "core.execution_api_server_url": f"http://127.0.0.1:{port}/execution/",
                "core.simple_auth_manager_passwords_file": str(home / "passwords.json"),
                "api.port": str(port),
                "api.base_url": f"http://127.0.0.1:{port}",
                "database.sql_alchemy_conn": database,
            }
        ),
        "AIRFLOW_HOME": str(home),
        "FRONTROW_HOME": settings.home,
        "FRONTROW_SCHEDULE_END": settings.schedule_end.isoformat() if settings.schedule_end else "",
    }


def _variables(options: Mapping[str, str]) -> dict[str, str]:
    return {f"AIRFLOW__{name.upper().replace('.', '__')}": value for name, value in options.items()}
