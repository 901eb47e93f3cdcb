"""`frontrow studio`: pages, reasons, titles, runs and tables in a browser on this machine."""

import errno
import secrets
import socket

import click

from conf.errors import UserMistake
from conf.settings import STUDIO_PORT

HOST = "127.0.0.1"


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=STUDIO_PORT,
    show_default=True,
    help="The port on this machine; 0 takes a free one.",
)
@click.option(
    "--token",
    metavar="TEXT",
    help="The token that a browser must bring; by default a new one for each start.",
)
@click.option("--profile", "profile_id", help="Open the link on this profile's page.")
def studio(port: int, token: str | None, profile_id: str | None) -> None:
    """Show pages, their reasons, titles, runs and tables in a browser, until Ctrl-C.

    It reads what was published, changes nothing, and answers this machine alone: whoever has the
    printed link.

    Example: frontrow studio --profile m0000001-0
    """
    if token is not None and len(token) < 8:
        raise UserMistake("--token: at least 8 characters, or leave it out for a new one")
    token = token or secrets.token_urlsafe(18)
    with _listening(port) as listener:
        port = listener.getsockname()[1]
        import uvicorn

        from studio import warm
        from studio.answers import address
        from studio.app import studio_app

        path = address("/homepage" if profile_id else "/", profile=profile_id, token=token)
        click.echo(f"The studio is at http://{HOST}:{port}{path}")
        click.echo("Ctrl-C stops it.")
        warm.begin()
        config = uvicorn.Config(
            studio_app(token, port), log_level="error", server_header=False, lifespan="off"
        )
        uvicorn.Server(config).run(sockets=[listener])


def _listening(port: int) -> socket.socket:
    """A socket of this machine at a port; UserMistake where somebody else has it."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise UserMistake(
                f"port {port} is in use; give another one with --port, or --port 0 for a free one"
            ) from None
        if error.errno == errno.EACCES:
            raise UserMistake(f"port {port} may not be used; give one above 1023") from None
        raise
    return listener
