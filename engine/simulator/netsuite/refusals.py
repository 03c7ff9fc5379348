"""The exception with which NetSuite refuses a request, with the sentences of Oracle's pages. Pure.

A RefusalError carries a refusal from the check that fails to the handler that writes the response.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RefusalDetail:
    """One entry of `o:errorDetails`; `path` is as in `item.items[0].item`.

    `text` is English and translated in the response, unless `is_literal`.
    """

    code: str
    text: str
    path: str | None = None
    is_literal: bool = False


class RefusalError(Exception):
    """A refused request: the HTTP status, at least one detail, and more members of the response."""

    def __init__(
        self,
        status: int,
        details: Iterable[RefusalDetail],
        members: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.details = tuple(details)
        self.members = members or {}
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


def name_taken() -> RefusalError:
    """400: without automatic numbers, another customer has the name, which is its id, already."""
    words = "A customer record with this ID already exists."
    return user_error(f"{words} You must enter a unique customer ID for each record you create.")


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


def transaction_type_incorrect() -> RefusalError:
    """400 in place of 404: no transaction with this id (public reports)."""
    return user_error("Transaction type specified is incorrect.")


def too_many_requests(status: int = 429) -> RefusalError:
    """Build the refusal above the concurrency limit; the title is `Bad Request`, there is no Retry-After."""
    words = "Concurrent request limit exceeded. Request blocked."
    detail = RefusalDetail("CONCURRENCY_LIMIT_EXCEEDED", words)
    return RefusalError(status, [detail], {"o:errorCode": "USER_ERROR"})


def request_limit_exceeded() -> RefusalError:
    """400: the form that scripts' services give the same refusal."""
    detail = RefusalDetail("SSS_REQUEST_LIMIT_EXCEEDED", "Request Limit Exceeded.")
    return RefusalError(400, [detail])


def permission_denied(text: str) -> RefusalError:
    """403: the role does not permit it."""
    return RefusalError(403, [RefusalDetail("INSUFFICIENT_PERMISSION", text)])


def invalid_login() -> RefusalError:
    """401: the words are the same for every login error."""
    words = "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI."
    return RefusalError(401, [RefusalDetail("INVALID_LOGIN", words)])
