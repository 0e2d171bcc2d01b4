"""serve, worker, demo, sim serve: what runs until it is told to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from steadypin.cli.setup import current
from steadypin.cli.shell import Shell, command

if TYPE_CHECKING:
    from steadypin.bootstrap import Ready


def register(app: typer.Typer) -> None:
    """Add these commands."""
    sim = typer.Typer(
        help="The Pinterest simulator, for trying things out and for tests.", no_args_is_help=True
    )
    app.add_typer(sim, name="sim")

    @command(app, "serve")
    def serve(
        shell: Shell,
        demo: Annotated[
            bool,
            typer.Option(
                "--demo", help="Against the simulator, with sample data; needs no Pinterest account."
            ),
        ] = False,
    ) -> None:
        """Run the service: API, pages and worker in one process, until Ctrl-C."""
        from steadypin import bootstrap

        def ready(base: Ready) -> None:
            if shell.json:
                shell.document({"base_url": base.base_url, "setup_link": base.setup_link})
            shell.say(f"Steadypin is at {base.base_url} (Ctrl-C ends it)")
            shell.say(f"Sign in once with {base.setup_link}")

        if demo:
            from steadypin.cli.demo import serve_demo

            serve_demo(shell, current().bind, ready)
        else:
            bootstrap.serve(current(), ready)

    @command(app, "worker")
    def worker(shell: Shell) -> None:
        """Run one more worker on the same PostgreSQL, until Ctrl-C."""
        from steadypin import bootstrap

        def ready() -> None:
            if shell.json:
                shell.document({"working": True})
            shell.say("The worker runs (Ctrl-C ends it)")

        bootstrap.worker(current(), ready)

    @command(sim, "serve")
    def sim_serve(
        shell: Shell,
        port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8085,
        host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
        seed: Annotated[int, typer.Option(help="Decides every id and token.")] = 1,
    ) -> int:
        """Run the simulator, until Ctrl-C."""
        from pinsim.main import main

        return main([f"--port={port}", f"--host={host}", f"--seed={seed}"])
