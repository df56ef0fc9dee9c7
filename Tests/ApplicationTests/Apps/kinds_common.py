"""What the applications kinds_wsgi, kinds_tornado and kinds_asgi share: they answer the same paths in the same way."""

import urllib.parse

PATTERN = bytes((number * 7 + (number >> 8)) % 251 for number in range(1 << 16))
BLOCK = b"x" * 65536
HANG_SECONDS = 60


def query_of(text):
    return dict(urllib.parse.parse_qsl(text))


def pattern(size):
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


class Digest:
    """Of a body that no memory holds whole: whether it is that of the pattern."""

    def __init__(self):
        self._count = 0
        self._is_right = True

    def add(self, block):
        start = self._count % len(PATTERN)
        self._is_right = self._is_right and block == (PATTERN + PATTERN + PATTERN)[start:start + len(block)]
        self._count += len(block)

    def text(self):
        return b"%d %s" % (self._count, b"right" if self._is_right else b"wrong")


def stuck_in_loop():
    while True:
        pass


def stuck_in_c():
    """Comes back in hours, and neither lets other threads run nor looks for signals meanwhile."""
    return sum(range(10**13))
