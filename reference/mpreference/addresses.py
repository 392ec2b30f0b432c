"""The forms of address, and what a socket of each family is.

=======  ====================================================  ========================================================
family   address                                               chosen, if none is given
=======  ====================================================  ========================================================
AF_INET  ``(hostname, port)``                                  a free port of this host
AF_UNIX  the name of a file                                    a file in a new folder that is closed to other users
AF_PIPE  a string that begins with two backslashes             nothing: there are such pipes on Windows only
=======  ====================================================  ========================================================
"""

from __future__ import annotations

import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    Address = tuple[str, int] | str

DEFAULT_FAMILY = "AF_UNIX" if hasattr(socket, "AF_UNIX") else "AF_INET"
"""The family where neither a family nor an address is given: the fastest that there is."""


def family_of(address: Address) -> str:
    """Return the family that an address is taken for; ``ValueError`` if it has the form of none."""
    if isinstance(address, tuple):
        return "AF_INET"
    if isinstance(address, str):
        return "AF_PIPE" if address.startswith("\\\\") else "AF_UNIX"
    raise ValueError(f"an address is a tuple (hostname, port) or the name of a file, not {address!r}")


def new_socket(family: str) -> socket.socket:
    """Return a stream socket, blocking; ``ValueError`` for a family that is unknown or not to be had here."""
    if family not in ("AF_INET", "AF_UNIX") or not hasattr(socket, family):
        raise ValueError(f"there are no addresses of the family {family!r} here")
    made: socket.socket = socket.socket(getattr(socket, family), socket.SOCK_STREAM)
    if made.gettimeout() is not None:  # the program has set a default
        made.setblocking(True)
    return made
