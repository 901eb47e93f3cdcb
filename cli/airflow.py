"""`frontrow airflow`: Airflow with its real scheduler, until it is stopped."""

import time

import click

from conf.airflow import USER
from conf.settings import load_settings
from jobs.io.airflow import server as airflow_server

CHECK_S = 2  # seconds between two checks that its processes are alive


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="The web page's port on this machine; a free one by default.",
)
def airflow(port: int | None) -> None:
    """Start Airflow and keep it running until Ctrl-C.

    Its DAGs stay paused or unpaused, as they were when it stopped.

    Example: frontrow airflow --port 8080
    """

    def say(text: str) -> None:
        """Print a line about the start or the stop."""
        click.echo(f"airflow: {text}")

    with airflow_server.running(load_settings(), port, say) as server:
        home = server.home
        click.echo(f"Airflow runs at {server.url} (user {USER}, password in {home}/passwords.json)")
        click.echo(
            f"Its own command line, in another shell: . {home}/environment.sh; airflow dags list"
        )
        click.echo(
            "Unpause a DAG there to run it by schedule; `frontrow backfill` builds past days."
            " Ctrl-C stops Airflow."
        )
        while True:
            server.require_alive()
            time.sleep(CHECK_S)
