"""Proxies and certificate files named by the environment, used only where a caller requests it.

SSLKEYLOGFILE, which would write TLS keys to a file, is always ignored.
"""

from __future__ import annotations

import os
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from urllib.parse import urlsplit

import certifi

from ..findings.errors import AddressError


def proxy_for(url: str) -> str | None:
    """The proxy for an address, `http://HOST:PORT`; None where it is reached directly.

    It is read from HTTPS_PROXY or HTTP_PROXY, depending on the address, else from ALL_PROXY, unless
    NO_PROXY names the host; lower-case names take precedence. Raise AddressError for an invalid
    proxy; the message does not show its value, which may hold a password.
    """
    parts = urlsplit(url)
    if urllib.request.proxy_bypass_environment(parts.netloc):  # type: ignore[attr-defined] # typeshed does not know it
        return None
    proxies = urllib.request.getproxies_environment()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if not _is_proxy(proxy):
        name = parts.scheme.upper()
        words = f"the proxy of the environment ({name}_PROXY or ALL_PROXY) is not http://HOST:PORT"
        raise AddressError(words)
    return proxy


def trusted(*, from_environment: bool) -> ssl.SSLContext:
    """A TLS context that trusts Mozilla's certificates, or those that the environment names.

    SSL_CERT_FILE takes precedence over SSL_CERT_DIR. Raise AddressError when it cannot be read.
    """
    file, folder = (
        os.environ.get(name) or None if from_environment else None
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")
    )
    try:
        return _context(file, None if file else folder)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        name = "SSL_CERT_FILE" if file else "SSL_CERT_DIR"
        raise AddressError(f"{name} of the environment names no certificates") from error


@contextmanager
def without_key_log() -> Iterator[None]:
    """Hide SSLKEYLOGFILE from imports that would use it."""
    file = os.environ.pop("SSLKEYLOGFILE", None)
    try:
        yield
    finally:
        if file is not None:
            os.environ["SSLKEYLOGFILE"] = file


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


@cache
def _context(file: str | None, folder: str | None) -> ssl.SSLContext:
    """A context, cached: reading the certificates takes longer than most exchanges.

    `ssl.create_default_context` is not used: it writes the keys of all connections to SSLKEYLOGFILE.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks hosts and certificates
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_verify_locations(cafile=file if file or folder else certifi.where(), capath=folder)
    return context
