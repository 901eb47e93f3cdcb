"""Build, audit and publish every profile's homepage for one UTC day.

The run date is the day the data interval covers. No task reads another run's tasks, so days may be built in any order,
again, and side by side. The published table changes in the last task only, in one commit, after the audit.
"""

from airflow.sdk import DAG

from dags.step import pipeline

dag: DAG = pipeline("homepage_daily", __doc__, tags=("homepage", "daily", "impact/tier_1"))
