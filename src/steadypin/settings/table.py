"""The table of every setting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from steadypin.settings import parsers

PREFIX = "STEADYPIN_"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. `parse` raises ValueError with what is allowed; `default` is parsed like a given value,
    an empty one means that `load` fills it in or that it stays unset."""

    field: str
    default: str
    parse: Callable[[str], Any]
    doc: str
    name: str = ""
    secret: bool = False
    default_doc: str = ""


TABLE = tuple(
    Setting(field, default, parse, doc, PREFIX + name, **more)
    for name, field, default, parse, doc, more in (
        ("DATA_DIR", "data_dir", "", parsers.folder, "The folder for the database, the secret key and the media store.",
         {"default_doc": "the platform's user data folder"}),
        ("DATABASE_URL", "database_url", "", parsers.database, "Where the data is: SQLite in one file, or PostgreSQL.",
         {"default_doc": "`sqlite:///$STEADYPIN_DATA_DIR/steadypin.db`"}),
        ("SECRET_KEY", "secret_key", "", parsers.text, "The key that seals tokens in the database. Keep a copy: without it they cannot be read. While it is rotated several, the newest first, commas between.",
         {"secret": True, "default_doc": "created on the first start as `secret.key` in the data folder, mode 0600"}),
        ("BASE_URL", "base_url", "", parsers.web_address, "The address under which browsers reach Steadypin; Pinterest sends people back to `/oauth/callback` below it.",
         {"default_doc": "`http://` and the address of `STEADYPIN_BIND`"}),
        ("BIND", "bind", "127.0.0.1:8080", parsers.bind, "The address and port to listen on.", {}),
        ("PINTEREST_APP_ID", "app_id", "", parsers.app_id, "The id of your Pinterest app.", {"default_doc": "none"}),
        ("PINTEREST_APP_SECRET", "app_secret", "", parsers.text, "The secret of your Pinterest app.", {"secret": True, "default_doc": "none"}),
        ("PINTEREST_API_URL", "api_url", "https://api.pinterest.com/v5", parsers.web_address, "Pinterest's API.", {}),
        ("PINTEREST_CONSENT_URL", "consent_url", "https://www.pinterest.com/oauth/", parsers.consent_address, "Pinterest's consent page.", {}),
        ("PINTEREST_SANDBOX_URL", "sandbox_url", "https://api-sandbox.pinterest.com/v5", parsers.web_address, "Pinterest's sandbox.", {}),
        ("FETCH_ALLOW", "fetch_allow", "", parsers.places, "Hosts, addresses or networks that media may be fetched from although they are private; commas between.",
         {"default_doc": "none"}),
        ("LANE_LEASE_S", "lane_lease_s", "30", parsers.seconds(1, 3600), "How long a worker that died keeps a Connection to itself.", {}),
        ("WORKER_LANES", "worker_lanes", "400", parsers.whole(1, 10_000), "How many Connections one worker serves at the same time.", {}),
        ("PUBLISH_TIMEOUT_S", "publish_timeout_s", "20", parsers.seconds(0.1, 600), "The longest wait for Pinterest's reply to a create. With 3 s added it must be shorter than `STEADYPIN_LANE_LEASE_S`.", {}),
        ("BYTES_IN_FLIGHT", "bytes_in_flight", "256 MB", parsers.size, "The most bytes of media on their way to Pinterest at the same time.", {}),
        ("LOOKS_S", "looks_s", "0,120,300", parsers.rising_seconds, "When the outcome of a create is in doubt: the looks at the board, in seconds after the first look.", {}),
        ("LOOK_MARGIN_S", "look_margin_s", "5", parsers.seconds(0, 600), "The first look comes this long after the longest wait for the reply has passed.", {}),
        ("TWIN_LOOKS_S", "twin_looks_s", "3600,86400", parsers.rising_seconds, "When a Pin was sent again because it was not found: later looks for a twin, in seconds after it went live.", {}),
        ("LINK_MARKER", "link_marker", "off", parsers.on_or_off, "Adds `utm_content=sp-…` to links, so that a Pin is recognised for certain when a reply was lost.", {}),
        ("DAILY_CAP", "daily_cap", "25", parsers.whole(1, 10_000), "The most Pins a day for one Connection, by the calendar of its time zone; Pinterest advises 50 at most.", {}),
        ("LEAST_SPACING_S", "least_spacing_s", "0", parsers.seconds(0, 86_400), "The least time between two Pins of one Connection.", {}),
        ("QUIET_HOURS", "quiet_hours", "", parsers.quiet_hours, "No Pin goes out between these times of day, like `22:00-07:00`.", {"default_doc": "none"}),
        ("TIME_ZONE", "time_zone", "UTC", parsers.time_zone, "The time zone of a Connection's day and quiet hours, like `Europe/Berlin`.", {}),
        ("LATE_GRACE_S", "late_grace_s", "86400", parsers.seconds(0, 31_536_000), "A Pin that is later than this is held for your word instead of being published late.", {}),
        ("ACCESS_TIER", "access_tier", "auto", parsers.one_of("auto", "trial", "standard"), "What Pinterest has granted your app; `auto` finds out.", {}),
        ("LOG_FORMAT", "log_format", "auto", parsers.one_of("auto", "console", "json"), "How the log is written; `auto` is `console` on a terminal, else `json`.", {}),
        ("LOG_LEVEL", "log_level", "info", parsers.one_of("debug", "info", "warning", "error"), "The least serious entry that is logged.", {}),
    )
)  # fmt: skip
"""Every variable, in the order of docs/settings.md."""
