"""The one place where a mistake of ours is logged and survived: an editor's server must not end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from pygls.exceptions import JsonRpcException

from .rename import RenameRefusedError

P = ParamSpec("P")
T = TypeVar("T")

# The code by which an editor shows the words of a failure to its author.
REQUEST_FAILED = -32803

_log = logging.getLogger("erpmap.editor")


def guard(handler: Callable[P, T], name: str) -> Callable[P, T | None]:
    """Return the handler; where it raises, the mistake is logged to stderr and the answer is nothing.

    A refusal in words is an answer.

    What it works on is half-typed text, and a server that ends takes all findings from the author.
    """

    @wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return handler(*args, **kwargs)
        except RenameRefusedError as refusal:
            raise JsonRpcException(str(refusal), REQUEST_FAILED) from refusal
        except Exception:  # noqa: BLE001 - half-typed text must not end the server
            _log.exception("%s failed", name)
            return None

    return guarded
