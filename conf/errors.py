"""The families of error and the exit status each one ends a command with.

Airflow retries a task only on `Retryable`; everything else fails it at once.
"""

from enum import StrEnum


class FrontrowError(Exception):
    """An error whose message is the one line a person needs: what, where, the rule, what to do."""

    exit_status = 1


class UserMistake(FrontrowError):
    """The command, a file or a parameter is wrong; nothing was changed. Exit status 2."""

    exit_status = 2


class Rejected(FrontrowError):
    """A gate refused the data or the model; running it again gives the same answer. Exit status 65."""

    exit_status = 65


class Retryable(FrontrowError):
    """A conflict, a full disk or a lost connection; running it again may succeed. Exit status 75."""

    exit_status = 75


class Reason(StrEnum):
    """Why a landed record went to quarantine."""

    MISSING_FIELD = "missing_field"
    BLANK_ID = "blank_id"
    ID_TOO_LONG = "id_too_long"
    WRONG_TYPE = "wrong_type"
    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"
    BAD_INSTANT = "bad_instant"
    BEFORE_SERVICE = "before_service"
    LEARNED_BEFORE_HAPPENED = "learned_before_happened"
    FIELD_COUNT = "field_count"
    BAD_ENCODING = "bad_encoding"
    CONTROL_CHARACTER = "control_character"
    UNREADABLE = "unreadable"
    TOO_LONG = "too_long"
    FROM_THE_FUTURE = "from_the_future"
    EMPTY_LINE = "empty_line"
    UNCLOSED_QUOTE = "unclosed_quote"
    CONFLICTING_VERSION = "conflicting_version"
