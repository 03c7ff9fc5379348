"""The exception with which NetSuite refuses a request, with the sentences of Oracle's pages. Pure.

A RefusalError carries a refusal from the check that fails to the handler that writes the response.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RefusalDetail:
    """One entry of `o:errorDetails`; `path` is as in `item.items[0].item`."""

    code: str
    text: str
    path: str | None = None


class RefusalError(Exception):
    """A refused request: the HTTP status and at least one detail."""

    def __init__(self, status: int, details: Iterable[RefusalDetail]) -> None:
        self.status = status
        self.details = tuple(details)
        super().__init__(self.details[0].text)


def user_error(text: str, path: str | None = None) -> RefusalError:
    """400 USER_ERROR: a business rule forbids it; the text gives the reason."""
    return RefusalError(400, [RefusalDetail("USER_ERROR", text, path)])


def missing_values(names: Iterable[str]) -> RefusalError:
    """400: fields that the record or its form requires are missing."""
    return user_error(f"Please enter value(s) for: {', '.join(names)}")


def invalid_reference(field: str, value: str, path: str) -> RefusalError:
    """400: a reference to a record that does not exist or does not fit here."""
    words = f"You have entered an Invalid Field Value {value} for the following field: {field}"
    return user_error(words, path)


def record_exists() -> RefusalError:
    """400: a record of any type in the group has the external id already."""
    return user_error("Error while accessing a resource. This record already exists.", "externalId")


def entity_exists() -> RefusalError:
    """400: another entity has the name already."""
    return user_error("Error while accessing a resource. This entity already exists.", "entityId")


def invalid_content(details: Iterable[tuple[str, str | None]] = ()) -> RefusalError:
    """400 INVALID_CONTENT: an unreadable body, or values of the wrong kind (text, path)."""
    entries = list(details) or [("Invalid content in the request body.", None)]
    return RefusalError(
        400, [RefusalDetail("INVALID_CONTENT", text, path) for text, path in entries]
    )


def invalid_parameter(text: str) -> RefusalError:
    """400 INVALID_PARAMETER: an invalid query parameter or header."""
    return RefusalError(400, [RefusalDetail("INVALID_PARAMETER", text)])


def record_not_found() -> RefusalError:
    """404: no record of this type with this id."""
    return RefusalError(
        404,
        [
            RefusalDetail(
                "NONEXISTENT_ID", "The record instance does not exist. Record does not exist."
            )
        ],
    )


def permission_denied(text: str) -> RefusalError:
    """403: the role does not permit it."""
    return RefusalError(403, [RefusalDetail("INSUFFICIENT_PERMISSION", text)])


def invalid_login() -> RefusalError:
    """401: the words are the same for every login error."""
    words = "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI."
    return RefusalError(401, [RefusalDetail("INVALID_LOGIN", words)])
