"""What a client may send on one connection: a few requests in a row, some of them damaged."""

METHODS = [b"GET", b"POST", b"PUT", b"HEAD", b"DELETE", b"OPTIONS", b"PATCH", b"M-SEARCH"]
TARGETS = [
    b"/", b"/a/b?c=d", b"/%41?%42", b"//two", b"http://other/x?y", b"http://other:81", b"https://[::1]/",
    b"/" + b"long" * 40, b"/a|b{c}^`\\\"<>", b"*",
]
FIELDS = [
    b"Accept: */*", b"X-A:1", b"X-A: \t2 \t", b"X-Empty:", b"X-Bytes: caf\xe9", b"x-tab: a\tb", b"Cookie: a=b; c=d",
    b"Cookie: e=f", b"X_Under: 1", b"Content-Type: text/plain", b"Connection: close", b"Connection: keep-alive",
    b"Connection: upgrade, Keep-Alive", b"Connection: x, CLOSE", b"Connection: ,,", b"Upgrade: websocket",
    b"Expect: 100-continue", b"TE: trailers", b"X-Long: " + b"v" * 300, b"!#$%&'*+-.^`|~: token",
]
# What smugglers send.
TRICKS = [
    b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Content-Length: +5\r\n", b"Content-Length: 5, 5\r\n",
    b"Content-Length : 5\r\n", b"Content-Length: 005\r\n", b"Content-Length: 5\n", b"Content_Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: Chunked\r\n", b"Transfer-Encoding:\tchunked \r\n",
    b"Transfer-Encoding: xchunked\r\n", b"Transfer-Encoding: chunked, chunked\r\n", b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding: identity\r\n", b"Transfer-Encoding:\x0bchunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n",
    b"X: y\r\n Transfer-Encoding: chunked\r\n", b"X: y\rTransfer-Encoding: chunked\r\n", b"\r\nGET /inner HTTP/1.1\r\n",
    b"Host: other\r\n", b" ", b"\t", b"\x00", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"0\r\n\r\n", b";a=b", b" ;a=b", b";", b"-1",
    b"HTTP/1.0", b"HTTP/1.1", b"HTTP/1.2", b"Connection: close\r\n", b"Connection: keep-alive\r\n",
]
BYTES = b"\x00\t\n\r \"#%*,/0:;?@[]_\x7f\x80\xff"


def request(random, number):
    """One request that is well-formed."""
    target = random.choice(TARGETS)
    method = b"OPTIONS" if target == b"*" else random.choice(METHODS)
    version = random.choice([b"1.1"] * 8 + [b"1.0", b"1.2"])
    lines = random.sample(FIELDS, random.randrange(4))
    lines.append(random.choice([b"Host: h", b"host: h:80", b"HOST:h", b"Host: [::1]:8000"]))
    body = b""
    kind = random.randrange(4)
    if kind == 1:
        body = bytes(random.choice(b"ab\r\n0") for _ in range(random.randrange(40)))
        lines.append(b"Content-Length: %d" % len(body))
    elif kind == 2 and version != b"1.0":
        body = chunked(random)
        lines.append(b"Transfer-Encoding: chunked")
    lines.append(b"X-Number: %d" % number)
    random.shuffle(lines)
    empty = b"\r\n" * random.choice([0] * 9 + [1])
    return empty + b"%s %s HTTP/%s\r\n%s\r\n\r\n%s" % (method, target, version, b"\r\n".join(lines), body)


def chunked(random):
    parts = []
    for _ in range(random.randrange(4)):
        data = bytes(random.choice(b"xyz\r\n") for _ in range(random.randrange(1, 30)))
        size = random.choice([b"%x", b"%X", b"0%x", b"00000%x"]) % len(data)
        extension = random.choice([b""] * 6 + [b";a", b";a=b", b';a="b;\\"c"', b"; a = b", b" ;a"])
        parts.append(size + extension + b"\r\n" + data + b"\r\n")
    trailers = random.choice([b""] * 5 + [b"X-T: u\r\n", b"A:\r\nB: c\r\n", b"Content-Length: 5\r\n"])
    return b"".join(parts) + random.choice([b"0", b"000", b"0;x"]) + b"\r\n" + trailers + b"\r\n"


def damaged(random, data):
    """The same with up to three changes."""
    data = bytearray(data)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(data) + 1)
        lines = [i + 2 for i in range(len(data) - 1) if data[i:i + 2] == b"\r\n"]
        kind = random.randrange(7)
        if kind == 0:
            data[at:at + 1] = bytes([random.choice(BYTES)])
        elif kind == 1:
            del data[at:at + random.randrange(1, 4)]
        elif kind == 2:
            data[at:at] = bytes([random.randrange(256)])
        elif kind == 3:
            data[at:at] = random.choice(TRICKS)
        elif kind == 4:
            data[at:at] = data[at:at + random.randrange(1, 30)]
        elif lines:
            at = random.choice(lines)
            data[at:at] = random.choice(TRICKS)
    return bytes(data)


def stream(random):
    """Between one and five requests, in most of the streams one or two of them damaged, and a last one that is good."""
    requests = [request(random, number) for number in range(random.randrange(1, 5))]
    for _ in range(random.choice([0, 1, 1, 1, 2])):
        at = random.randrange(len(requests))
        requests[at] = damaged(random, requests[at])
    return b"".join(requests) + b"GET /last HTTP/1.1\r\nHost: last\r\n\r\n"
