"""Which addresses may be called where somebody else names the host: public ones, and this machine's own in a demo."""

import ipaddress
import socket


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_allowed(address: str, *, allow_loopback: bool) -> bool:
    """Whether an IP address is public, or with `allow_loopback` this machine's."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return (mapped.is_global and not mapped.is_multicast) or (allow_loopback and mapped.is_loopback)


def is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def resolve(host: str, port: int, *, allow_loopback: bool) -> str | None:
    """An IP address of `host`, `None` if any of its addresses is not allowed. Raises `OSError` and `UnicodeError`.

    Call that address and not the name, so that no later answer of the name server counts.
    """
    addresses = [str(item[4][0]) for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    return addresses[0] if all(is_allowed(each, allow_loopback=allow_loopback) for each in addresses) else None
