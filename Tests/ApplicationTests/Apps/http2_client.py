"""A client of HTTP/2 that does what others do not: python http2_client.py PORT COMMAND [ARGUMENT]. Prints what came of it."""

import socket
import ssl
import sys

import hpack
from hyperframe.frame import (
    ContinuationFrame, DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame, PriorityFrame, RstStreamFrame,
    SettingsFrame, WindowUpdateFrame)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
GET = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/")]


class Client:
    """Frames as they are: nothing is checked, and nothing answered but SETTINGS and PING."""

    def __init__(self, port, protocols=("h2",), settings=None, answers=True, before=b"", **limits):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        for name, value in limits.items():
            if name == "ciphers":
                context.set_ciphers(value)
            else:
                setattr(context, name, value)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        plain = socket.create_connection(("127.0.0.1", port), timeout=30)
        plain.sendall(before)
        self.socket = context.wrap_socket(plain)
        self.socket.settimeout(30)
        self.encoder = hpack.Encoder()
        self.decoder = hpack.Decoder()
        self.input = b""
        self.next = 1
        self.answers = answers
        self.frames = []
        self.is_closed = False
        self.settings = {}
        self.statuses = {}
        if self.socket.selected_alpn_protocol() == "h2":
            self.raw(PREFACE)
            self.send(SettingsFrame(0, settings=settings or {}))

    def raw(self, data):
        self.socket.sendall(data)

    def send(self, *frames):
        self.raw(b"".join(frame.serialize() for frame in frames))

    def headers(self, fields, ends=True, stream=None):
        """The frame of a request, on the next stream."""
        if stream is None:
            stream, self.next = self.next, self.next + 2
        frame = HeadersFrame(stream, self.encoder.encode(fields, huffman=False))
        frame.flags.add("END_HEADERS")
        if ends:
            frame.flags.add("END_STREAM")
        return frame

    def request(self, fields=None, ends=True, path=None):
        fields = fields or [(name, path if path and name == ":path" else value) for name, value in GET]
        frame = self.headers(fields, ends)
        self.send(frame)
        return frame.stream_id

    def data(self, stream, body=b"", ends=False):
        frame = DataFrame(stream, body)
        if ends:
            frame.flags.add("END_STREAM")
        self.send(frame)

    def read(self):
        """The next frame; None at the end."""
        while True:
            if len(self.input) >= 9:
                frame, size = Frame.parse_frame_header(memoryview(self.input[:9]))
                if len(self.input) >= 9 + size:
                    frame.parse_body(memoryview(self.input[9:9 + size]))
                    self.input = self.input[9 + size:]
                    return self.took(frame)
            try:
                data = self.socket.recv(65536)
            except (ssl.SSLError, ConnectionError):
                data = b""
            if not data:
                self.is_closed = True
                return None
            self.input += data

    def took(self, frame):
        if isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            self.settings.update(frame.settings)
            if self.answers:
                self.send(SettingsFrame(0, flags=["ACK"]))
        elif isinstance(frame, PingFrame) and "ACK" not in frame.flags and self.answers:
            self.send(PingFrame(0, frame.opaque_data, flags=["ACK"]))
        elif isinstance(frame, HeadersFrame):
            frame.fields = self.decoder.decode(frame.data)
            self.statuses[frame.stream_id] = dict(frame.fields).get(":status", self.statuses.get(frame.stream_id))
        self.frames.append(frame)
        return frame

    def until(self, is_wanted):
        while True:
            frame = self.read()
            if frame is None or is_wanted(frame):
                return frame

    def outcome(self, stream):
        """How a stream ends: "200 6", with the bytes of its body, or "reset CODE", "200 6 reset 0", "away CODE"."""
        status, size, interim = self.statuses.get(stream), 0, ""
        while True:
            frame = self.read()
            if frame is None:
                return "closed"
            if isinstance(frame, GoAwayFrame) and frame.error_code:
                return "away %d" % frame.error_code
            if frame.stream_id != stream:
                continue
            if isinstance(frame, RstStreamFrame):
                return interim + ("reset %d" % frame.error_code if status is None
                                  else "%s %d reset %d" % (status, size, frame.error_code))
            if isinstance(frame, HeadersFrame):
                status = dict(frame.fields)[":status"]
                if status < "200":
                    interim += status + " "
                    continue
            if isinstance(frame, DataFrame):
                size += len(frame.data)
                if frame.data:
                    self.send(WindowUpdateFrame(0, len(frame.data)))
                    if "END_STREAM" not in frame.flags:
                        self.send(WindowUpdateFrame(stream, len(frame.data)))
            if "END_STREAM" in frame.flags:
                return interim + "%s %d" % (status, size)

    def away(self):
        """The code with which the server ends the connection."""
        frame = self.until(lambda frame: isinstance(frame, GoAwayFrame))
        return "closed" if frame is None else "away %d" % frame.error_code


def changed(**changes):
    return [(name, changes.get(name[1:], value)) for name, value in GET]


MALFORMED = {
    "name in capitals": GET + [("X-Name", "v")],
    "connection": GET + [("connection", "close")],
    "keep-alive": GET + [("keep-alive", "1")],
    "proxy-connection": GET + [("proxy-connection", "keep-alive")],
    "transfer-encoding": GET + [("transfer-encoding", "chunked")],
    "upgrade": GET + [("upgrade", "websocket")],
    "te": GET + [("te", "gzip")],
    "no method": [field for field in GET if field[0] != ":method"],
    "no scheme": [field for field in GET if field[0] != ":scheme"],
    "no path": [field for field in GET if field[0] != ":path"],
    "no authority": [field for field in GET if field[0] != ":authority"],
    "method twice": GET + [(":method", "GET")],
    "path twice": GET + [(":path", "/")],
    "unknown pseudo-header": GET + [(":other", "v")],
    "pseudo-header of a response": GET + [(":status", "200")],
    "pseudo-header after others": [GET[0], ("a", "b")] + GET[1:],
    "protocol": changed(method="CONNECT") + [(":protocol", "websocket")],
    "empty path": changed(path=""),
    "path without slash": changed(path="x"),
    "absolute path": changed(path="https://other/"),
    "asterisk": changed(path="*"),
    "space in the path": changed(path="/ HTTP/1.1"),
    "line end in the path": changed(path="/ HTTP/1.1\r\nx: y"),
    "space in the method": changed(method="GET /"),
    "line end in a value": GET + [("a", "b\r\nc: d")],
    "line feed in a value": GET + [("a", "b\nc: d")],
    "NUL in a value": GET + [("a", "b\0c")],
    "white space around a value": GET + [("a", " b ")],
    "line end in a name": GET + [("a\r\nb", "c")],
    "space in a name": GET + [("a b", "c")],
    "colon in a name": GET + [("a:b", "c")],
    "empty name": GET + [("", "c")],
    "another host": GET + [("host", "other")],
    "host twice": GET + [("host", "localhost"), ("host", "localhost")],
    "unknown scheme": changed(scheme="ftp"),
    "a length without a body": GET + [("content-length", "5")],
    "length twice": GET + [("content-length", "0"), ("content-length", "0")],
    "length that is none": GET + [("content-length", "+0")],
}


def malformed(client, argument):
    for name, fields in MALFORMED.items():
        print("%s: %s" % (name, client.outcome(client.request(fields))))
    stream = client.request(changed(method="POST") + [("content-length", "3")], ends=False)
    client.data(stream, b"four", ends=True)
    print("more than the length:", client.outcome(stream))
    stream = client.request(changed(method="POST") + [("content-length", "3")], ends=False)
    client.data(stream, b"2!", ends=True)
    print("less than the length:", client.outcome(stream))
    print("a good one:", client.outcome(client.request()))
    print("same host:", client.outcome(client.request(GET + [("host", "LOCALHOST"), ("te", "trailers")])))


def flood(client, argument):
    """Sends what costs more to answer than to send, until it is told to be calm."""
    client.socket.settimeout(10)
    try:
        for _ in range(5000):
            if argument == "reset":
                frame = client.headers(GET)
                client.send(frame, RstStreamFrame(frame.stream_id, 8))
            elif argument == "provoked":
                frame = client.headers(GET)
                client.send(frame, WindowUpdateFrame(frame.stream_id, 0x7fffffff))
            elif argument == "ping":
                client.send(PingFrame(0, b"12345678"))
            elif argument == "settings":
                client.send(SettingsFrame(0, settings={}))
            elif argument == "empty":
                if client.next == 1:
                    client.request(changed(method="POST", path="/hold?gate=empty"), ends=False)
                client.data(1)
            elif argument == "priority":
                client.send(PriorityFrame(1001, depends_on=0, stream_weight=1))
            elif argument == "continuation":
                if client.next == 1:
                    frame = client.headers(GET)
                    frame.flags.discard("END_HEADERS")
                    client.send(frame)
                client.send(ContinuationFrame(1, client.encoder.encode([("x", "y")])))
            elif argument == "silent":
                client.send(*[PingFrame(0, b"12345678")] * 50)
            elif argument == "garbage":
                client.raw(b"GET / HTTP/1.1\r\n\r\n")
    except (ssl.SSLError, ConnectionError, TimeoutError):
        pass
    print(client.away())


def large(client, argument):
    """Heads beyond the limit: on the wire, and once they are decompressed."""
    frame = client.headers(GET + [("x-%d" % number, "v" * 4000) for number in range(17)])
    block, frames = frame.data, []
    frame.data = block[:16000]
    frame.flags.discard("END_HEADERS")
    frames.append(frame)
    for start in range(16000, len(block), 16000):
        frames.append(ContinuationFrame(frame.stream_id, block[start:start + 16000]))
    frames[-1].flags.add("END_HEADERS")
    client.send(*frames)
    print(client.outcome(frame.stream_id))
    client.outcome(client.request(GET + [("x", "v" * 3500)]))
    print(client.outcome(client.request(GET + [("x", "v" * 3500)] * 4000)))
    print(client.outcome(client.request()))


def streams(client, argument):
    """More at a time than the server allows, before it is known how many that are, and after."""
    client.until(lambda frame: isinstance(frame, SettingsFrame))
    print("settings", *(client.settings[number] for number in (3, 4, 5, 6)))
    held = [client.request(path="/hold?gate=streams") for _ in range(client.settings[3] + 1)]
    print(client.outcome(held[-1]))


def answers(client, argument):
    def post(path, *fields):
        return client.request(changed(method="POST", path=path) + list(fields), ends=False)

    stream = post("/digest", ("expect", "100-continue"))
    frame = client.until(lambda frame: isinstance(frame, HeadersFrame))
    print("interim", dict(frame.fields)[":status"])
    client.data(stream, PATTERN[:3], ends=True)
    print("after it", client.outcome(stream))
    stream = post("/digest")
    client.data(stream, PATTERN[:3])
    client.send(client.headers([("x-trailer", "1")], stream=stream))
    print("trailers", client.outcome(stream))
    stream = post("/")
    print("before the body", client.outcome(stream))
    print("its end", client.outcome(stream))
    print("HEAD", client.outcome(client.request(changed(method="HEAD", path="/bytes?size=5000"))))
    print("no authority but Host", client.outcome(client.request(GET[:2] + [GET[3], ("host", "localhost")])))
    print("CONNECT", client.outcome(client.request([(":method", "CONNECT"), (":authority", "h:1")])))
    print("midway", client.outcome(client.request(path="/fail-midway")))


PATTERN = bytes((number * 7 + (number >> 8)) % 251 for number in range(1 << 16))


def idle(client, argument):
    print(client.outcome(client.request()))
    print(client.away(), client.until(lambda frame: False))


def half(client, argument):
    """Half a head, and no more: no frame may come in between."""
    client.socket.settimeout(50)
    frame = client.headers(GET)
    frame.flags.discard("END_HEADERS")
    client.send(frame)
    print(client.away(), client.until(lambda frame: False))


def slow(client, argument):
    """A window of nothing for one stream: others go on, and it gets its bytes when the window is opened."""
    client.send(SettingsFrame(0, settings={4: 0}))
    stalled = client.request(path="/bytes?size=3000000")
    client.until(lambda frame: isinstance(frame, HeadersFrame) and frame.stream_id == stalled)
    print("another", client.outcome(client.request(path="/status?line=204%20No%20Content")))
    client.send(WindowUpdateFrame(0, 1 << 24), WindowUpdateFrame(stalled, 1 << 24))
    print("the slow one", client.outcome(stalled))


def stalled(client, argument):
    """A body that nobody reads: the window stays closed, and others go on."""
    client.until(lambda frame: isinstance(frame, SettingsFrame))
    stream = client.request(changed(method="POST", path="/hold?gate=stalled"), ends=False)
    window, total, rests = client.settings[4], 0, 0
    while rests < 20 and total < 16 << 20:
        while window > 0:
            size = min(window, 16384)
            client.data(stream, PATTERN[:size])
            window, total = window - size, total + size
        client.send(PingFrame(0, b"12345678"))
        rests += 1
        while not isinstance(frame := client.read(), PingFrame):
            if isinstance(frame, WindowUpdateFrame) and frame.stream_id == stream:
                window, rests = window + frame.window_increment, 0
    print("bounded", total < 4 << 20)
    print("another", client.outcome(client.request()))
    client.send(RstStreamFrame(stream, 8))


def cancel(client, argument):
    """Leaves in the middle of a response that has no end."""
    stream = client.request(path="/endless")
    client.until(lambda frame: isinstance(frame, DataFrame))
    client.send(RstStreamFrame(stream, 8), WindowUpdateFrame(0, 1 << 20))
    print("another", client.outcome(client.request()))


def drain(client, argument):
    """Tells what comes while the server stops."""
    stream = client.request(path="/hold?gate=drain")
    while (frame := client.read()) is not None:
        if isinstance(frame, GoAwayFrame):
            print("away", frame.error_code, frame.last_stream_id, flush=True)
        elif isinstance(frame, (HeadersFrame, DataFrame)) and "END_STREAM" in frame.flags:
            print("complete", flush=True)
    print("closed")


def protocol(port, names, **limits):
    try:
        return Client(port, names, **limits).socket.selected_alpn_protocol()
    except ssl.SSLError as error:
        return "refused" if "no application protocol" in str(error) else str(error)


def protocols(port):
    old = {"maximum_version": ssl.TLSVersion.TLSv1_2}
    print("both", protocol(port, ["http/1.1", "h2"]))
    print("http/1.1", protocol(port, ["http/1.1"]))
    print("none", protocol(port, []))
    print("unknown", protocol(port, ["spdy/3"]))
    print("TLS 1.2", protocol(port, ["h2", "http/1.1"], **old))
    # RFC 9113 §9.2.2.
    print("a cipher that is prohibited", protocol(port, ["h2", "http/1.1"], ciphers="ECDHE-ECDSA-AES128-SHA", **old))
    print("and h2 alone", protocol(port, ["h2"], ciphers="ECDHE-ECDSA-AES128-SHA", **old))


def proxied(port):
    """As haproxy does before the handshake, for a client of its own."""
    client = Client(port, before=b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n")
    for _ in range(2):
        print(client.outcome(client.request()))


if __name__ == "__main__":
    port, command = int(sys.argv[1]), sys.argv[2]
    argument = sys.argv[3] if len(sys.argv) > 3 else None
    if command in ("protocols", "proxied"):
        globals()[command](port)
    else:
        globals()[command](Client(port, answers=argument != "silent"), argument)
