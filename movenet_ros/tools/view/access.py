"""Who may ask: the checks of Host, Origin and token of every request.

A page of any web site can send requests to a server on this computer or in its network. It must
not reach this one:

- By DNS rebinding a site's name comes to mean this server's address, so the site's page counts
  as one of ours. Its requests still carry the site's name in Host: only addresses, and names
  that are surely this machine's, are accepted there.
- Browsers tell where other requests come from, in Origin and Sec-Fetch-Site.
"""
from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from movenet_ros.errors import ParameterError, printable, shown
from movenet_ros.tools.view.request_error import RequestError

HOST = re.compile(r'(?P<name>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?')
HTTP_PORT = 80
LOCAL_NAMES = frozenset({'localhost', '127.0.0.1', '[::1]'})
TOKEN = re.compile(r'[A-Za-z0-9._~-]{8,200}')
OWN_PAGE = ('same-origin', 'none')
"""Values of Sec-Fetch-Site: our own page, and an address that the user has typed."""


@dataclass(frozen=True)
class Access:
    """What a server accepts.

    Attributes:
        names: Names and addresses in Host; an IPv6 address in brackets.
        addresses: Whether any IP address is accepted there. Rebinding needs a name.
        port: Where the server listens.
        token: What everything but the page asks for; None: nothing.
    """

    names: frozenset[str]
    addresses: bool
    port: int
    token: str | None

    def check_source(self, headers: Mapping[str, list[str]]) -> None:
        """Checks that the request is meant for this server, and comes from its own page if any.

        Args:
            headers: Values of `host`, `origin` and `sec-fetch-site`, each in their order.

        Raises:
            RequestError: It does not.
        """
        hosts, origins = headers['host'], headers['origin']
        if len(hosts) != 1:
            raise RequestError(HTTPStatus.BAD_REQUEST,
                               f'a request must have one Host header, not {len(hosts)}')
        host = hosts[0].lower()
        if not self._is_own(host):
            raise RequestError(
                HTTPStatus.FORBIDDEN,
                f'Host {shown(hosts[0])} is not accepted, only {self._accepted()}, at port '
                f'{self.port}. A forwarded port must have the same number at both ends')
        if any(origin.lower() != f'http://{host}' for origin in origins):
            raise RequestError(HTTPStatus.FORBIDDEN,
                               f'Origin {shown(origins[0])} is another site')

    def check_site(self, sites: list[str]) -> None:
        """Checks that a browser does not ask on behalf of another site's page.

        Args:
            sites: Values of Sec-Fetch-Site, which browsers send.

        Raises:
            RequestError: It does.
        """
        if any(site not in OWN_PAGE for site in sites):
            raise RequestError(HTTPStatus.FORBIDDEN,
                               f'Sec-Fetch-Site {shown(sites[0])}: another site asks for this')

    def check_token(self, authorization: list[str], query: list[str]) -> None:
        """Checks the token, in a time that does not tell how much of it is right.

        Args:
            authorization: Values of the header Authorization.
            query: Values of `token` in the request's query.

        Raises:
            RequestError: There is none, or another one.
        """
        if self.token is None:
            return
        given = authorization or [f'Bearer {value}' for value in query]
        wanted = f'Bearer {self.token}'.encode()
        if len(given) != 1 or not hmac.compare_digest(given[0].encode(), wanted):
            raise RequestError(
                HTTPStatus.UNAUTHORIZED,
                'the token is missing or wrong: open the address that `movenet view` has printed',
                {'WWW-Authenticate': 'Bearer'})

    def _accepted(self) -> str:
        names = ', '.join(sorted(self.names))
        return f'{names} and IP addresses' if self.addresses else names

    def _is_own(self, host: str) -> bool:
        match = HOST.fullmatch(host)
        if match is None or int(match['port'] or HTTP_PORT) != self.port:
            return False
        return match['name'] in self.names or (self.addresses and _is_address(match['name']))


def access_to(host: str, address: str, port: int, token: str | None) -> Access:
    """The rules for a server.

    Args:
        host: As the user has named it.
        address: IP address that the server is bound to.
        port: Where it listens.
        token: As the user has set it; None: made where others than this machine reach the server.

    Raises:
        ParameterError: The token is too short, or has characters that an address must not have.
    """
    if token is not None and not TOKEN.fullmatch(token):
        # not the token itself: messages are logged
        raise ParameterError('--token', f'{len(token)} characters',
                             'must be 8 to 200 letters, digits and any of . _ ~ -')
    is_local = ipaddress.ip_address(address).is_loopback
    own = {bracketed(address), bracketed(host)}
    if is_local:
        return Access(LOCAL_NAMES | own, addresses=False, port=port, token=token)
    machine = socket.gethostname().lower()
    return Access(LOCAL_NAMES | own | {machine, f'{machine}.local'}, addresses=True, port=port,
                  token=token or secrets.token_urlsafe(16))


def bracketed(host: str) -> str:
    """A name or address as it stands in a URL, in lower case and without an IPv6 scope."""
    name = host.partition('%')[0].lower()
    return f'[{name}]' if ':' in name else printable(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip('[]'))
    except ValueError:
        return False
    return True
