"""`frontrow airflow`: Airflow with its real scheduler, until it is stopped."""

import time
from datetime import UTC, datetime

import click

from conf.airflow import USER
from conf.settings import load_settings
from jobs.io.airflow import server as airflow_server
from jobs.io.landing.span import end_of_ended_log

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

    settings = load_settings()
    if settings.schedule_end is None:
        ended = end_of_ended_log(datetime.now(UTC).date())
        settings = settings.model_copy(update={"schedule_end": ended})
    with airflow_server.running(settings, port, say) as server:
        home = server.home
        click.echo(f"Airflow runs at {server.url} (user {USER}, password in {home}/passwords.json)")
        click.echo(
            f"Its own command line, in another shell: . {home}/environment.sh; airflow dags list"
        )
        if settings.schedule_end:
            click.echo(
                f"The log ends on {settings.schedule_end}: nothing later is scheduled."
                " FRONTROW_SCHEDULE_END=DAY moves that; newer events count from the next start."
            )
        click.echo(
            "DAGs are paused until you unpause them (airflow dags unpause homepage_daily): a"
            " backfill of a paused one waits. `frontrow backfill` unpauses for as long as it takes."
            " Ctrl-C stops Airflow."
        )
        while True:
            server.require_alive()
            time.sleep(CHECK_S)
