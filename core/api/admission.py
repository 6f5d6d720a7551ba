"""Who may ask the REST API, and how often."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from core.settings import Settings

_BEARER = HTTPBearer(
    auto_error=False, description="The key that the server was started with, if it was with one."
)
_MOST = 10_000
"""Addresses that are remembered; of more, those that asked longest ago are forgotten."""


class Buckets:
    """A token bucket for each name: `per_minute` requests, which may come all at once, and then as
    many as have become free since; 0 for any number.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._size, self._clock = per_minute, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> float:
        """Seconds until the next request is answered; 0 if this one is."""
        if not self._size:
            return 0.0
        now = self._clock()
        left, then = self._left.pop(name, (float(self._size), now))
        left = min(self._size, left + (now - then) * self._size / 60)
        granted = left >= 1
        self._left[name] = (left - granted, now)
        if len(self._left) > _MOST:
            self._left.popitem(last=False)
        return 0.0 if granted else (1 - left) * 60 / self._size


def admission(settings: Settings) -> Callable[..., Awaitable[None]]:
    """A dependency of every route that works: 429 for too many requests, 401 without the key."""
    buckets = Buckets(settings.requests_per_minute)
    key = settings.api_key.encode()

    async def admit(
        request: Request,
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> None:
        known = bool(key) and given is not None and compare_digest(given.credentials.encode(), key)
        wait = buckets.take("key" if known else _address(request))
        if wait:
            raise HTTPException(
                429,
                f"More than {settings.requests_per_minute} requests in a minute; ask again in "
                f"{ceil(wait)} s.",
                {"Retry-After": str(ceil(wait))},
            )
        if key and not known:
            raise HTTPException(
                401,
                "This server asks for its key; send it as `Authorization: Bearer KEY`.",
                {"WWW-Authenticate": "Bearer"},
            )

    return admit


def _address(request: Request) -> str:
    """Of who asks; of IPv6 the network, as one household has as many addresses as it likes."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return address.exploded[:19] if isinstance(address, IPv6Address) else host
