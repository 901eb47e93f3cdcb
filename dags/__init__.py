"""The only ones that know the clock. Imports conf and Airflow, nothing else."""
