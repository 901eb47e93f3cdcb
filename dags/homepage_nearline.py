"""Take in what was learned in the last minutes: state and rows of the profiles concerned, and of nobody else.

A run builds the tick that ends with its data interval. It reads what is new in the logs and leaves the published pages
as they are. Ticks that were left out leave no gap: the next one begins where the last one that was done has ended. A
run in red whose overlays are there is one whose rows were older than their objective (conf/nearline.yaml).
"""

from airflow.sdk import DAG

from dags.step import pipeline

dag: DAG = pipeline("homepage_nearline", __doc__, tags=("homepage", "nearline", "impact/tier_2"))
