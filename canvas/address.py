"""Which addresses we connect to (conventions §4.5): an admin's base URL must not reach into our own network.

What was checked is what is connected to: names are resolved here, once per connection, and the socket goes to that
address, while the Host header and the certificate check keep the name.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore
import httpx
from httpcore._backends.auto import AutoBackend

Address = IPv4Address | IPv6Address
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
_NAME = re.compile(r"[a-z0-9._-]+", re.IGNORECASE)
_NUMERIC = re.compile(r"(0x[0-9a-f]*|\d+)", re.IGNORECASE)
Option = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class AddressNotAllowed(ValueError):
    """The message says in plain words why, without naming an address."""


class Networks:
    """The operator's list of private networks in which a Canvas may stand."""

    def __init__(self, cidrs: Iterable[str] = ()) -> None:
        self._allowed = tuple(ip_network(cidr, strict=False) for cidr in cidrs)

    def __bool__(self) -> bool:
        return bool(self._allowed)

    def contain(self, address: Address) -> bool:
        """Whether the operator has named a network that holds it."""
        plain = _unwrapped(address)
        return any(plain.version == network.version and plain in network for network in self._allowed)

    def allow(self, address: Address, *, public: bool = True) -> bool:
        """Whether it may be connected to: named by the operator, or public where `public` ones are fine."""
        return self.contain(address) or (public and _is_public(_unwrapped(address)))


def _is_public(address: Address) -> bool:
    unicast = isinstance(address, IPv4Address) or address in _UNICAST
    return unicast and address.is_global and not address.is_multicast


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped, 6to4 or NAT64 one, else the address itself.

    Quirk: Teredo and the site's own NAT64 prefixes are not global and so never allowed by themselves.
    """
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def check_base_url(url: str, allow_networks: Sequence[str] = (), *, behind_proxy: bool = False) -> str:
    """The URL in one spelling: scheme, IDNA host and port, no trailing slash.

    Quirk:  a host name is resolved, and its addresses checked, only when it is connected to.
    Errors: AddressNotAllowed (a ValueError) with the reason in plain words.
    """
    networks = Networks(allow_networks)
    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL as error:
        raise AddressNotAllowed("This is not a web address.") from error
    _check_form(parsed, networks)
    host = parsed.raw_host.decode("ascii").rstrip(".")
    if not behind_proxy:
        _check_host(host, networks, public=parsed.scheme == "https")
    port = f":{parsed.port}" if parsed.port else ""
    return f"{parsed.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _check_form(url: httpx.URL, networks: Networks) -> None:
    reasons = {
        "The address must begin with https://.": url.scheme != "https" and not (url.scheme == "http" and networks),
        "The address has no host name.": not url.host.strip("."),
        "The address has a port that does not exist.": not 0 < (url.port or 443) < 65536,
        "The address must not hold a user name or password.": bool(url.userinfo) or "@" in url.host,
        "The address must end after the host name.": url.path not in {"", "/"} or bool(url.query or url.fragment),
    }
    for reason, applies in reasons.items():
        if applies:
            raise AddressNotAllowed(reason)


def _check_host(host: str, networks: Networks, *, public: bool) -> None:
    try:
        address = ip_address(host)
    except ValueError:
        if not _NAME.fullmatch(host):
            raise AddressNotAllowed("The host name has characters that no host name has.") from None
        if _NUMERIC.fullmatch(host.rpartition(".")[2]):
            raise AddressNotAllowed("The address is a number that is no IP address.") from None
        return
    if not networks.allow(address, public=public):
        raise AddressNotAllowed("The address is in a network that is not allowed.")


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Opens sockets to checked addresses only. `public`: whether addresses outside the operator's list are fine."""

    def __init__(self, networks: Networks, *, public: bool) -> None:
        self._networks = networks
        self._public = public
        self._inner = AutoBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Option] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve once, drop what is not allowed, connect to the first of the rest that answers.

        Errors: AddressNotAllowed when nothing is left; httpcore.ConnectError when none answers.
        """
        allowed = [a for a in await _resolve(host, port) if self._networks.allow(a, public=self._public)]
        if not allowed:
            raise AddressNotAllowed("The address is in a network that is not allowed.")
        for address in allowed[:-1]:
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(str(allowed[-1]), port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


async def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("name not known") from error
    texts = dict.fromkeys(str(info[4][0]).partition("%")[0] for info in found)
    return [ip_address(text) for text in texts]


def checked_transport(
    networks: Networks, *, public: bool, verify: object, limits: httpx.Limits
) -> httpx.AsyncHTTPTransport:
    """An httpx transport whose sockets are opened by `CheckedBackend`; neither environment nor redirects have a say."""
    transport = httpx.AsyncHTTPTransport(verify=verify, trust_env=False, limits=limits)  # type: ignore[arg-type]
    # httpx has no parameter for httpcore's network backend; a test proves that this one is in use.
    transport._pool._network_backend = CheckedBackend(networks, public=public)  # type: ignore[attr-defined, unused-ignore]
    return transport
