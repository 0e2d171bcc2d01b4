"""The tables. Moments are microseconds since 1970 in UTC, so that both databases compare and index them alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment, exact."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The reverse of to_micros."""
    return _EPOCH + timedelta(microseconds=micros)


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware datetime kept as a 64-bit count of microseconds."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _moment(name: str, *, required: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Moment, nullable=not required)


def _key(name: str = "id") -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _connection_key() -> sa.Column[str]:
    return sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), nullable=False)


instance = sa.Table(
    "instance",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key_check", sa.LargeBinary, nullable=False),
    _moment("paused_at"),
    sa.Column("paused_because", sa.Text),
    _moment("restored_at"),
    _moment("restored_since"),
    sa.Column("access_tier", sa.Text),
    _moment("access_since"),
    _moment("app_blocked_until"),
    sa.Column("app_blocked_because", sa.Text),
    _moment("created_at", required=True),
)
"""One row: the sealed constant that tells a wrong secret key, the pause of everything, the last restore (when it was,
and since when the restored rows know nothing), and the App: its access as Pinterest showed it and since when it
does, and until when its budget of a Trial day is used up."""

app_evidence = sa.Table(
    "app_evidence",
    metadata,
    _key("sign"),
    sa.Column("at", Moment, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("native", Json),
)
"""What showed the App's access: of each sign the latest reply, with its words where it was a refusal."""

app_calls = sa.Table(
    "app_calls",
    metadata,
    sa.Column("hour", Moment, primary_key=True, autoincrement=False),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("writes", sa.Integer, nullable=False),
)
"""Calls of the App under Trial access by the hour, all of them and the writes among them. The row of the hour 0 counts
nothing: whoever reckons locks it first."""

incidents = sa.Table(
    "incidents",
    metadata,
    _key(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("native", Json),
    _moment("opened_at", required=True),
    _moment("probe_at", required=True),
    sa.Column("probes", sa.Integer, nullable=False),
    _moment("closed_at"),
    sa.Column("connection_id", sa.Text),
    sa.Column("fix", sa.Text),
    sa.Column("by_itself", sa.Text),
)
_open_for_all = sa.and_(incidents.c.closed_at.is_(None), incidents.c.connection_id.is_(None))
_open_for_one = sa.and_(incidents.c.closed_at.is_(None), incidents.c.connection_id.isnot(None))
sa.Index(
    "ix_incidents_open",
    incidents.c.environment,
    incidents.c.kind,
    unique=True,
    sqlite_where=_open_for_all,
    postgresql_where=_open_for_all,
)
sa.Index(
    "ix_incidents_open_connection",
    incidents.c.connection_id,
    incidents.c.cause,
    unique=True,
    sqlite_where=_open_for_one,
    postgresql_where=_open_for_one,
)
"""One standing trouble that concerns many Connections: at most one of a kind is open in an environment. While one is
open creates wait, and from `probe_at` on one of them may try. With a `connection_id` it concerns that one alone, and
keeps no other waiting: at most one of a cause is open for it. Such a one holds its own words."""

connections = sa.Table(
    "connections",
    metadata,
    _key(),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("account_type", sa.Text, nullable=False),
    sa.Column("broken_because", sa.Text),
    _moment("paused_at"),
    _moment("disconnected_at"),
    sa.Column("limits", Json),
    _moment("created_at", required=True),
    sa.Column("broken_cause", sa.Text),
    sa.Column("broken_remedy", sa.Text),
    sa.Column("broken_rule", sa.Text),
    sa.Column("broken_fix", sa.Text),
    sa.Column("owner_name", sa.Text),
    sa.Column("owner_contact", sa.Text),
    _moment("checked_at"),
    _moment("check_at"),
    sa.Column("check_tries", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("check_refused", sa.Integer),
    sa.Column("check_trouble", Json),
    _moment("boards_synced_at"),
    sa.UniqueConstraint("environment", "account_id"),
)
"""`limits`: what the user allows for this account where it differs from the installation's settings. `checked_at`: when
the account was last read; `check_at`: when the Lane reads it next (`check_tries` counts reads in a row that told nothing,
`check_trouble` is the last of them). `check_refused`: the version of the Grant that a read was refused for.
`boards_synced_at`: when its boards were last read to their end."""

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("access_token", sa.LargeBinary, nullable=False),
    sa.Column("refresh_token", sa.LargeBinary),
    sa.Column("scopes", sa.Text, nullable=False),
    _moment("access_expires_at", required=True),
    _moment("refresh_expires_at"),
    _moment("refreshed_at", required=True),
    _moment("refresh_at"),
    _moment("refused_at"),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    _moment("asked_at"),
    _moment("cut_at"),
    _moment("ended_at"),
    sa.Column("refresh_trouble", Json),
    sa.Column("told_days", sa.Integer),
    sa.Column("former_access_token", sa.LargeBinary),
    sa.Column("former_refresh_token", sa.LargeBinary),
    _moment("former_access_expires_at"),
)
"""Tokens, sealed. `refresh_at` is when the Lane should next renew them (`tries` counts failed tries in a row);
`refused_at` is set when Pinterest refused this very access token, and keeps every other request from using it.
`asked_at` is the record of a refresh that left and has no outcome yet, `cut_at` of one that never got it, `ended_at` of
Pinterest's refusal to renew; `refresh_trouble` is the last failure. The former pair stays until the present one has
worked. `told_days`: the last of the alerts ahead of the end that was told."""

authorizations = sa.Table(
    "authorizations",
    metadata,
    _key("state_hash"),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("redirect_uri", sa.Text, nullable=False),
    _moment("created_at", required=True),
    _moment("expires_at", required=True),
    _moment("used_at"),
    sa.Column("connection_id", sa.Text),
    sa.Column("failure", Json),
    sa.Column("scopes", sa.Text),
    sa.Column("browser", sa.Text),
    sa.Column("expects", sa.Text),
    sa.Column("link_id", sa.Text),
)
"""Consents under way: the hash of the state that must come back, once. `scopes` are those asked for; `browser` is the
digest of what only the browser that began it has; `expects` names the Connection that it is to bring back, and `link_id`
the reconnect link that began it."""

reconnect_links = sa.Table(
    "reconnect_links",
    metadata,
    _key(),
    _connection_key(),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("asked_by", sa.Text),
    _moment("created_at", required=True),
    _moment("expires_at", required=True),
    _moment("used_at"),
    _moment("revoked_at"),
)
sa.Index("ix_reconnect_links_connection_id", reconnect_links.c.connection_id)
"""Links that let the owner of an account bring its Connection back without signing in here; only digests are kept."""

lanes = sa.Table(
    "lanes",
    metadata,
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), primary_key=True),
    _moment("next_due_at"),
    sa.Column("worker", sa.Text),
    _moment("lease_until", required=True),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("pace", Json),
)
sa.Index("ix_lanes_next_due_at", lanes.c.next_due_at)
"""`pace`: what the holders remember about Pinterest's quotas and the account's day (domain/pacing)."""

duties = sa.Table(
    "duties",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    _moment("due_at", required=True),
    sa.Column("worker", sa.Text),
    _moment("lease_until", required=True),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
)
sa.Index("ix_duties_due_at", duties.c.due_at)

errands = sa.Table(
    "errands",
    metadata,
    _key(),
    _connection_key(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", Json, nullable=False),
    _moment("asked_at", required=True),
    _moment("act_at"),
    _moment("done_at"),
    sa.Column("result", Json),
)
sa.Index(
    "ix_errands_waiting",
    errands.c.connection_id,
    errands.c.act_at,
    sqlite_where=errands.c.act_at.isnot(None),
    postgresql_where=errands.c.act_at.isnot(None),
)
"""What a person asked of a Lane beside publishing: read the boards now, delete a twin."""

boards = sa.Table(
    "boards",
    metadata,
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("privacy", sa.Text, nullable=False),
    sa.Column("owner_username", sa.Text, nullable=False),
    sa.Column("pin_count", sa.Integer, nullable=False),
    _moment("gone_at"),
    _moment("synced_at", required=True),
    sa.Column("gone_because", sa.Text),
    sa.Column("owned_by_another", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("collaborator_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("follower_count", sa.Integer, nullable=False, server_default="0"),
    _moment("created_at"),
    _moment("pins_modified_at"),
    sa.Column("refused", Json),
    sa.Column("holds", sa.Text),
    _moment("sections_at"),
)
sa.Index(
    "ix_boards_holds",
    boards.c.connection_id,
    sqlite_where=boards.c.holds.isnot(None),
    postgresql_where=boards.c.holds.isnot(None),
)
"""`refused`: what Pinterest said to the last create that it refused for the board itself. `holds`: the rule under which
its Pins are held before their time, NULL while they may go out. `sections_at`: when its sections were last read."""

sections = sa.Table(
    "sections",
    metadata,
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("board_id", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    _moment("gone_at"),
)

media = sa.Table(
    "media",
    metadata,
    _key(),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("name", sa.Text),
    _moment("created_at", required=True),
)

pins = sa.Table(
    "pins",
    metadata,
    _key(),
    _connection_key(),
    sa.Column("board_id", sa.Text, nullable=False),
    sa.Column("board_section_id", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("description", sa.Text),
    sa.Column("alt_text", sa.Text),
    sa.Column("link", sa.Text),
    sa.Column("media", Json, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, default=1),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("step", sa.Integer, nullable=False, default=1),
    _moment("due_at"),
    _moment("act_at"),
    sa.Column("trouble", Json),
    _moment("deferred_until"),
    sa.Column("deferred_because", sa.Text),
    sa.Column("open_attempt_id", sa.Text),
    _moment("cancel_requested_at"),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("looks", sa.Integer, nullable=False, default=0),
    sa.Column("refused_grant", sa.Integer),
    sa.Column("pinterest_pin_id", sa.Text, unique=True),
    _moment("published_at"),
    _moment("created_at", required=True),
    _moment("updated_at", required=True),
    _moment("deleted_at"),
    sa.Column("import_key", sa.Text),
)
sa.Index(
    "ix_pins_act",
    pins.c.connection_id,
    pins.c.act_at,
    sqlite_where=pins.c.act_at.isnot(None),
    postgresql_where=pins.c.act_at.isnot(None),
)
sa.Index(
    "ix_pins_open",
    pins.c.connection_id,
    pins.c.board_id,
    sqlite_where=pins.c.open_attempt_id.isnot(None),
    postgresql_where=pins.c.open_attempt_id.isnot(None),
)
sa.Index("ix_pins_stage_created", pins.c.stage, pins.c.created_at, pins.c.id)
sa.Index("ix_pins_created", pins.c.created_at, pins.c.id)
sa.Index("ix_pins_due", pins.c.connection_id, pins.c.due_at)
sa.Index("ix_pins_import", pins.c.connection_id, pins.c.import_key, unique=True)
sa.Index(
    "ix_pins_waiting",
    pins.c.connection_id,
    pins.c.board_id,
    sqlite_where=sa.and_(pins.c.pinterest_pin_id.is_(None), pins.c.deleted_at.is_(None)),
    postgresql_where=sa.and_(pins.c.pinterest_pin_id.is_(None), pins.c.deleted_at.is_(None)),
)
"""The Pins are the queue: `act_at` says when a Lane has to do something about a row, NULL when nothing is to be done."""

preflights = sa.Table(
    "preflights",
    metadata,
    sa.Column("pin_id", sa.Text, sa.ForeignKey("pins.id"), primary_key=True),
    _connection_key(),
    sa.Column("version", sa.Integer, nullable=False),
    _moment("looked_at"),
    _moment("next_at"),
    sa.Column("at_risk", sa.Boolean, nullable=False),
    sa.Column("findings", Json),
    sa.Column("confirmed", sa.Text),
    sa.Column("link_key", sa.Text),
    sa.Column("site", sa.Text),
)
sa.Index(
    "ix_preflights_next",
    preflights.c.connection_id,
    preflights.c.next_at,
    sqlite_where=preflights.c.next_at.isnot(None),
    postgresql_where=preflights.c.next_at.isnot(None),
)
sa.Index(
    "ix_preflights_at_risk",
    preflights.c.connection_id,
    sqlite_where=preflights.c.at_risk,
    postgresql_where=preflights.c.at_risk,
)
sa.Index("ix_preflights_link", preflights.c.link_key)
sa.Index("ix_preflights_site", preflights.c.site)
"""What was last found about a Pin that is not live yet, in that version, and when it is looked at again. `confirmed`: the checks whose
blocker the user has accepted. `link_key` and `site` say whose look at a page it shares."""

link_looks = sa.Table(
    "link_looks",
    metadata,
    _key("link_key"),
    sa.Column("link", sa.Text, nullable=False),
    _moment("looked_at"),
    sa.Column("seen", Json),
)
"""One row for each link of a Pin ahead, however many Pins share it: when its page was last looked at, and what was seen."""

refused_sites = sa.Table(
    "refused_sites",
    metadata,
    _key("site"),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("native", Json),
    _moment("at", required=True),
)
"""Sites whose links Pinterest has refused, learned from refused creates."""

told_risks = sa.Table(
    "told_risks",
    metadata,
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), primary_key=True),
    sa.Column("check_name", sa.Text, primary_key=True),
    _moment("told_at", required=True),
)
"""When the owner of a Connection was last told that Pins are at risk, for each check that found so."""

heartbeat = sa.Table(
    "heartbeat",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _moment("at", required=True),
)
"""One row: when some worker was last seen at work."""

absences = sa.Table(
    "absences",
    metadata,
    sa.Column("since", Moment, primary_key=True, autoincrement=False),
    _moment("until", required=True),
)
"""Times of the last two weeks at which no worker was running."""

attempts = sa.Table(
    "attempts",
    metadata,
    _key(),
    sa.Column("pin_id", sa.Text, sa.ForeignKey("pins.id"), nullable=False),
    _connection_key(),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("worker", sa.Text, nullable=False),
    _moment("at", required=True),
    sa.Column("fingerprint", Json, nullable=False),
)
sa.Index("ix_attempts_pin_id", attempts.c.pin_id)
"""Intents, append-only: written before a request leaves."""

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("n", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("attempt_id", sa.Text, sa.ForeignKey("attempts.id"), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("worker", sa.Text),
    sa.Column("pinterest_pin_id", sa.Text),
    sa.Column("rule", sa.Text),
    sa.Column("cause", sa.Text),
    sa.Column("remedy", sa.Text),
    sa.Column("native", Json),
    sa.Column("evidence", Json),
)
sa.Index("ix_outcomes_attempt_id", outcomes.c.attempt_id)
"""What became known about an Attempt, append-only: the reply, looks at the board, late replies, a person's word."""

resumes = sa.Table(
    "resumes",
    metadata,
    _key(),
    _connection_key(),
    _moment("at", required=True),
    sa.Column("by_itself", sa.Boolean, nullable=False),
    _moment("undone_at"),
)
sa.Index("ix_resumes_connection_id", resumes.c.connection_id, resumes.c.at)
"""Times at which held Pins of a Connection went on together: by themselves after a reconnect, or on a person's word."""

resumed_pins = sa.Table(
    "resumed_pins",
    metadata,
    sa.Column("resume_id", sa.Text, sa.ForeignKey("resumes.id"), primary_key=True),
    sa.Column("pin_id", sa.Text, sa.ForeignKey("pins.id"), primary_key=True),
    _moment("goes_at"),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("was", Json, nullable=False),
)
"""The Pins of a resume: their new time (NULL: only looked for), how many Attempts they had, and how they stood while
held, so that it can be undone."""

twins = sa.Table(
    "twins",
    metadata,
    _key("pinterest_pin_id"),
    sa.Column("pin_id", sa.Text, sa.ForeignKey("pins.id"), nullable=False),
    _moment("found_at", required=True),
    _moment("deleted_at"),
)
sa.Index("ix_twins_pin_id", twins.c.pin_id)
"""A second Pin of one row that turned up late; Pinterest ids stay here for ever, so none is ever adopted twice."""

remaps = sa.Table(
    "remaps",
    metadata,
    _key(),
    _connection_key(),
    sa.Column("from_board_id", sa.Text, nullable=False),
    sa.Column("to_board_id", sa.Text, nullable=False),
    _moment("at", required=True),
    sa.Column("count", sa.Integer, nullable=False),
    _moment("undone_at"),
    sa.Column("restored", sa.Integer),
)
sa.Index("ix_remaps_connection_id", remaps.c.connection_id, remaps.c.at)
"""Moves of all Pins of one board to another; `restored`: how many its undoing brought back."""

remap_pins = sa.Table(
    "remap_pins",
    metadata,
    sa.Column("remap_id", sa.Text, sa.ForeignKey("remaps.id"), primary_key=True),
    sa.Column("pin_id", sa.Text, sa.ForeignKey("pins.id"), primary_key=True),
    sa.Column("section_id", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
)
"""The Pins of a move: the section that each came from, and its version after the move. Another version means that its
user has changed it since."""

api_keys = sa.Table(
    "api_keys",
    metadata,
    _key(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("connection_ids", Json),
    _moment("created_at", required=True),
    _moment("used_at"),
    _moment("revoked_at"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    _key("digest"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("csrf", sa.Text),
    _moment("created_at", required=True),
    _moment("expires_at", required=True),
    _moment("used_at"),
)
"""Browser sessions and the single-use set-up links that open them; only digests are kept."""

replays = sa.Table(
    "replays",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("idempotency_key", sa.Text, primary_key=True),
    sa.Column("request_digest", sa.Text, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("body", Json),
    _moment("created_at", required=True),
)
"""Answers already given under an Idempotency-Key."""
