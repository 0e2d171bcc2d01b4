"""Puts the service together: the only room that knows every concrete class.

assembly   Settings -> store, Context, wire
service    serve, worker, hosted: what runs, and how it stops
care       migrate, backup, restore, doctor
looks      a look at a file or an address, without an installation
demo       the whole way of a Pin against the simulator
"""

from __future__ import annotations

from steadypin.bootstrap.care import Check, access_checks, backup, checks, mark_restored, migrate, restore
from steadypin.bootstrap.demo import DemoInstallation, campaign, demo_installation
from steadypin.bootstrap.looks import look_at_media
from steadypin.bootstrap.service import Ready, hosted, serve, worker
from steadypin.storage.keys import new_key as new_secret_key

__all__ = [
    "Check",
    "DemoInstallation",
    "Ready",
    "access_checks",
    "backup",
    "campaign",
    "checks",
    "demo_installation",
    "hosted",
    "look_at_media",
    "mark_restored",
    "migrate",
    "new_secret_key",
    "restore",
    "serve",
    "worker",
]
