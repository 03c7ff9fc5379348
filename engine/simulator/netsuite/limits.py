"""`governanceLimits`: how many requests at once the account may have, told to administrators only.

The path, the members and who is told: Oracle's help, article_0625010817.
"""

from __future__ import annotations

from starlette.responses import Response

from .answers import json_answer
from .records import Call
from .refusals import not_allowed

PATH = "/services/rest/system/v1/governanceLimits"


def limits(call: Call) -> Response:
    """The account's limit, none of which is set aside for an integration. Raise RefusalError (403)."""
    account = call.site.account
    if not account.tells_limits:
        raise not_allowed("Your current role does not have permission to perform this action.")
    document = {
        "accountConcurrencyLimit": account.concurrency,
        "accountUnallocatedConcurrencyLimit": account.concurrency,
    }
    return json_answer(document, "application/json")
