"""`frontrow airflow`: Airflow with its real scheduler, until it is stopped."""

import time

import click

from conf.airflow import USER
from conf.settings import load_settings
from jobs.io.airflow import server as airflow_server

WATCH = 2  # seconds between looks at its processes


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="The web page's port on this machine; a free one if left out.",
)
def airflow(port: int | None) -> None:
    """Start Airflow and keep it running until Ctrl-C; its DAGs stay paused or not, as they were left.

    Example: frontrow airflow --port 8080
    """
    with airflow_server.running(
        load_settings(), port, lambda what: click.echo(f"airflow: {what}")
    ) as server:
        click.echo(
            f"Airflow runs at {server.url} (user {USER}, password in {server.home}/passwords.json)"
        )
        click.echo(
            f"Its own command line, in another shell: . {server.home}/environment.sh; airflow dags list"
        )
        click.echo(
            "Release a DAG there to run it by schedule; `frontrow backfill` builds past days. Ctrl-C stops it."
        )
        while True:
            server.require_alive()
            time.sleep(WATCH)
