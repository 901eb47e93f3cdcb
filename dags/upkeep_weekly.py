"""Keep the tables light: days past their contract's time are deleted, small files joined, and files that no commit of
the last week names are removed.

What was landed stays. Versions older than a week cannot be read any more, nor rolled back to.
"""

from airflow.sdk import DAG

from dags.step import pipeline

dag: DAG = pipeline("upkeep_weekly", __doc__, tags=("upkeep", "weekly", "impact/tier_3"))
