"""Runs a command in a network of its own, in which there is nothing but this machine's loopback.

    unshare --map-root-user --net python offline.py COMMAND...

What it says at the end, as JSON on a line of its own: how many packets were sent at all, and how
many attempts to reach anything beyond the loopback the kernel rejected. It counts those
of native code, and those whose failure was not reported.
"""
import fcntl
import json
import socket
import struct
import subprocess
import sys
from pathlib import Path

SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack('16sh14x', b'lo', IFF_UP))


def counters():
    """What the kernel counts in this network: of IPv4 by name, of IPv6 with an Ip6 before it."""
    names, values = (line.split()[1:] for line in Path('/proc/net/snmp').read_text().splitlines()
                     if line.startswith('Ip:'))
    counts = dict(zip(names, values, strict=True))
    v6 = Path('/proc/net/snmp6')
    if v6.exists():
        counts.update(line.split() for line in v6.read_text().splitlines())
    return counts


def total(name):
    counts = counters()
    return int(counts[name]) + int(counts.get(f'Ip6{name}', 0))


if __name__ == '__main__':
    assert [name for _, name in socket.if_nameindex()] == ['lo']
    raise_loopback()
    # The kernel's own, such as those that announce a new interface
    before = total('OutRequests')
    code = subprocess.run(sys.argv[1:], check=False).returncode
    print()
    print(json.dumps({'rejected': total('OutNoRoutes'), 'sent': total('OutRequests') - before}))
    sys.exit(code)
