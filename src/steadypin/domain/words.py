"""The fixed words of Steadypin (docs/glossary.md): stages, steps, causes and remedies.

Every other module, the API, the CLI, the pages and the docs use these values and no synonyms.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Stage(StrEnum):
    """The recovery point of a Pin: after a crash, this alone says what happens next."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PREPARING = "preparing"
    SENDING = "sending"
    CONFIRMING = "confirming"
    PUBLISHED = "published"
    HELD = "held"
    CANCELLED = "cancelled"


class Step(IntEnum):
    """The six steps of publishing a Pin, in the order in which they can break."""

    COMPOSE = 1
    TOKEN_AND_SCOPES = 2
    BOARD = 3
    MEDIA_AND_TEXT = 4
    VIDEO_PROCESSING = 5
    PUBLISH = 6


class Cause(StrEnum):
    """Which thing is wrong."""

    TOKEN = "token"
    SCOPE = "scope"
    BOARD = "board"
    MEDIA = "media"
    LINK = "link"
    CONTENT = "content"
    ACCESS_TIER = "access_tier"
    APP_CREDENTIALS = "app_credentials"
    RATE_LIMIT = "rate_limit"
    SPAM_BLOCK = "spam_block"
    ACCOUNT = "account"
    DUPLICATE = "duplicate"
    DUE_TIME = "due_time"
    PLATFORM = "platform"
    NETWORK = "network"
    UNKNOWN = "unknown"


class Remedy(StrEnum):
    """Who heals it, and how."""

    RECONNECT = "reconnect"
    FIX_INPUT = "fix_input"
    RETRY_LATER = "retry_later"
    OPERATOR = "operator"
    CONFIRM = "confirm"
    REPORT = "report"
