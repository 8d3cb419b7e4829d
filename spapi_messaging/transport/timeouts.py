"""How long a server may be silent: a timeout is of silence, not of work."""

import math

import aiohttp
import attrs

_POOL_TIMEOUT = 300.0
"""Seconds for which a connection is waited for that others have; they may be long at work."""


def client_timeout(timeout: float | aiohttp.ClientTimeout) -> aiohttp.ClientTimeout:
    """Take seconds of silence, or all of aiohttp's timeouts as they are."""
    if isinstance(timeout, aiohttp.ClientTimeout):
        limits = (timeout.total, timeout.connect, timeout.sock_connect, timeout.sock_read)
        if all(limit is None or 0 <= limit < math.inf for limit in limits):
            return timeout
    elif 0 < timeout < math.inf:
        return aiohttp.ClientTimeout(
            total=None,
            connect=max(_POOL_TIMEOUT, timeout),
            sock_connect=timeout,
            sock_read=timeout,
        )
    fault = "is seconds of silence, more than 0, or an aiohttp.ClientTimeout"
    raise ValueError(f"timeout {fault}, such as timeout=60; it cannot be {timeout!r}")


DEFAULT_TIMEOUT = attrs.evolve(client_timeout(60.0), sock_connect=10)
