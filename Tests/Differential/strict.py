"""How h11 frames a stream.

Where h11 and Talon are known to differ, and both may, this follows Talon and notes the name of the difference:

empty-lines      h11 refuses an empty line before a request; a server should ignore it (RFC 9112 section 2.2), and
                 Talon ignores up to four.
kept-http-1.0    h11 ends every connection of HTTP/1.0; Talon keeps it when the client asks for that (RFC 9112
                 section 9.3).
absolute-host    h11 gives the Host field as it came; with an absolute target its host counts (RFC 9112 section
                 3.2.2), and Talon puts it into the field.
space-extension  h11 refuses white space before a chunk extension; the grammar has it (RFC 9112 section 7.1.1).
long-length      h11 refuses a Content-Length of more than 20 digits, leading zeros or not; the grammar knows no
                 such limit (RFC 9110 section 8.6).
small-coding     h11 gives the value of Transfer-Encoding in lower case, Talon as it came.
underscore       h11 gives fields with an underscore in their names; Talon leaves them out (header_map).

In everything else it must agree with what Talon accepts. It may accept more: bare line feeds, folded lines, spaces and
control bytes in chunk lines and values, methods of any length, fragments, repeated lengths, a length beside a coding,
CONNECT, forbidden trailers. Talon refuses all of these, so they are no differences in what it accepts.
"""

import re

import h11


class Refused(Exception):
    """The stream is refused here, or ends before the request does."""


# What RFC 9112 section 7.1.1 allows in a chunk's line, and h11 does not.
SPACED = re.compile(rb"(?:^|\r\n)([0-9A-Fa-f]{1,16})[ \t]+(;[^\r\n]*\r\n)")


def next_request(data, notes):
    """The first request as a dict, whether the connection can be kept, and the bytes after it."""
    while data.startswith(b"\r\n"):
        data = data[2:]
        notes.add("empty-lines")
    try:
        return parse(data, notes)
    except h11.RemoteProtocolError as error:
        repaired = data
        if str(error).startswith("illegal chunk header"):
            repaired = SPACED.sub(rb"\r\n\1\2", data)
            name = "space-extension"
        elif str(error) == "bad Content-Length":
            repaired = re.sub(rb"(\r\ncontent-length:[ \t]*)0+(?=[0-9])", rb"\1", data, count=1, flags=re.I)
            name = "long-length"
        if repaired == data:
            raise Refused(str(error)) from None
        notes.add(name)
        try:
            return parse(repaired, notes)
        except h11.RemoteProtocolError as error:
            raise Refused(str(error)) from None


def parse(data, notes):
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(data)
    connection.receive_data(b"")
    head, body = None, b""
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            break
        else:
            raise Refused(f"ends with {event}")
    connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
    connection.send(h11.EndOfMessage())
    kept = connection.our_state is h11.DONE
    options = [
        option.strip().lower()
        for name, value in head.headers if name == b"connection"
        for option in value.split(b",")
    ]
    if head.http_version == b"1.0" and b"keep-alive" in options and b"close" not in options:
        kept = True
        notes.add("kept-http-1.0")
    seen = {
        "method": head.method.decode("latin-1"),
        "target": head.target.decode("latin-1"),
        "fields": fields(head, notes),
        "body": body.decode("latin-1"),
    }
    return seen, kept, connection.trailing_data[0]


def fields(head, notes):
    """As PEP 3333 wants them."""
    result = {}
    for name, value in head.headers:
        if b"_" in name:
            notes.add("underscore")
            continue
        if name == b"host" and (absolute := re.match(rb"https?://([^/?]*)", head.target, re.I)):
            if absolute[1] != value:
                notes.add("absolute-host")
            value = absolute[1]
        key = name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        result[key] = f"{result[key]},{text}" if key in result else text
    return result
