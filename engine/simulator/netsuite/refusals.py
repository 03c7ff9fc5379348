"""What NetSuite says no with: one kind of exception, and the sentences of Oracle's pages. Pure.

A RefusalError only jumps, from where a request turns out wrong to where its answer is written.
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
    """The request is answered with an error: an HTTP status and what is wrong, at least one thing."""

    def __init__(self, status: int, details: Iterable[RefusalDetail]) -> None:
        self.status = status
        self.details = tuple(details)
        super().__init__(self.details[0].text)


def user_error(text: str, path: str | None = None) -> RefusalError:
    """400 USER_ERROR: the business rules say no, and the text says why."""
    return RefusalError(400, [RefusalDetail("USER_ERROR", text, path)])


def missing_values(names: Iterable[str]) -> RefusalError:
    """400: something that the record or its form demands is missing."""
    return user_error(f"Please enter value(s) for: {', '.join(names)}")


def invalid_reference(field: str, value: str, path: str) -> RefusalError:
    """400: a reference to something that is not there, or not for this."""
    words = f"You have entered an Invalid Field Value {value} for the following field: {field}"
    return user_error(words, path)


def record_exists() -> RefusalError:
    """400: the external id is taken, by whichever type of its group."""
    return user_error("Error while accessing a resource. This record already exists.", "externalId")


def entity_exists() -> RefusalError:
    """400: the name of an entity is taken."""
    return user_error("Error while accessing a resource. This entity already exists.", "entityId")


def invalid_content(details: Iterable[tuple[str, str | None]] = ()) -> RefusalError:
    """400 INVALID_CONTENT: a body that cannot be read, or values of the wrong kind (text, path)."""
    found = list(details) or [("Invalid content in the request body.", None)]
    return RefusalError(400, [RefusalDetail("INVALID_CONTENT", text, path) for text, path in found])


def invalid_parameter(text: str) -> RefusalError:
    """400 INVALID_PARAMETER: a query parameter or header that means nothing."""
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
    """401: whatever is wrong with a login, the words are the same."""
    words = "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI."
    return RefusalError(401, [RefusalDetail("INVALID_LOGIN", words)])
