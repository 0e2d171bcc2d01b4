"""What a database driver's error means for the person who runs the service."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

_SENTENCES = (
    (
        "disk is full",
        "The disk is full. Free some space; Steadypin goes on by itself, and nothing was half-written.",
    ),
    ("disk full", "The database server's disk is full. Free some space there; nothing was half-written."),
    (
        "no space left",
        "The disk is full. Free some space; Steadypin goes on by itself, and nothing was half-written.",
    ),
    (
        "readonly database",
        "The database cannot be written. Give this user write permission on the data folder.",
    ),
    ("read-only", "The database is read-only. Point Steadypin at a writable PostgreSQL primary."),
    (
        "not a database",
        "The database file is damaged or is no SQLite database. Restore a backup, or move the file away.",
    ),
    (
        "malformed",
        "The database file is damaged. Stop Steadypin, keep a copy of the file, and restore a backup.",
    ),
    (
        "unable to open",
        "The database file cannot be opened. Check that its folder exists and that this user may write it.",
    ),
    (
        "no such table",
        "The database lacks a table: it was changed outside of Steadypin. Restore a backup.",
    ),
    (
        'relation "',
        "The database lacks a table: it was changed outside of Steadypin. Restore a backup.",
    ),
    ("password authentication failed", "PostgreSQL refused the password. Correct STEADYPIN_DATABASE_URL."),
    (
        "does not exist",
        "PostgreSQL has no such database or user. Create it, or correct STEADYPIN_DATABASE_URL.",
    ),
    ("connection refused", "PostgreSQL does not answer. Start it, or correct STEADYPIN_DATABASE_URL."),
    ("could not translate host name", "The host in STEADYPIN_DATABASE_URL is not known. Correct it."),
    ("failed to resolve host", "The host in STEADYPIN_DATABASE_URL is not known. Correct it."),
    ("closed the connection", "The connection to PostgreSQL was lost. Steadypin tries again by itself."),
    ("terminating connection", "The connection to PostgreSQL was lost. Steadypin tries again by itself."),
    (
        "database is locked",
        "Another program holds the database file. Close it; Steadypin tries again by itself.",
    ),
    (
        "disk i/o error",
        "The disk that holds the database reports an error. Check the disk before anything else.",
    ),
)

_PASSING_STATES = frozenset({"40001", "40P01"})


def explain_trouble(error: DBAPIError) -> str:
    """One sentence with what to do, then the driver's own words."""
    words = " ".join(str(error.orig).split())
    for fragment, sentence in _SENTENCES:
        if fragment in words.lower():
            return f"{sentence} (The database says: {words})"
    return f"The database refused: {words}"


def is_passing(error: DBAPIError) -> bool:
    """True for deadlocks and serialization failures, which a second try resolves."""
    return getattr(error.orig, "sqlstate", None) in _PASSING_STATES
