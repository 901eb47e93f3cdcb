"""An Airflow of our own: server, client, database, backfills."""
