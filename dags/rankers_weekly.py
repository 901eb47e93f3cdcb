"""Make examples and train the rankers on everything known at the end of a week.

The run date is the Sunday that ends the week. A ranker that does not beat its own retriever and popularity on later
data is kept but not promoted, and the last good one goes on serving.
"""

from airflow.sdk import DAG

from dags.step import pipeline

dag: DAG = pipeline("rankers_weekly", __doc__, tags=("rankers", "weekly", "impact/tier_2"))
