"""Airflow's own state goes to the tests' home, not to the user's."""

import os

os.environ["AIRFLOW_HOME"] = f"{os.environ['FRONTROW_HOME']}/airflow-tests"
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] = "False"
