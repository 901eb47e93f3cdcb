"""Publish new pages for the profiles that are due, and put them where pages are read one by one.

A run is for the tick that ended some minutes before its data interval does (conf/nearline.yaml), so that the tick's
overlays are there. Profiles without anything new keep the page they have and cost nothing.
"""

from airflow.sdk import DAG

from dags.step import pipeline

dag: DAG = pipeline("homepage_online", __doc__, tags=("homepage", "online", "impact/tier_1"))
