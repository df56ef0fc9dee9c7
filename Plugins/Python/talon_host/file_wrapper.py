"""wsgi.file_wrapper (PEP 3333): a file as an iterable of blocks."""

import io
import os
import stat


class FileWrapper:
    def __init__(self, filelike, blksize=8192):
        self.filelike = filelike
        self.blksize = blksize
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __getitem__(self, index):
        block = self.filelike.read(self.blksize)
        if block:
            return block
        raise IndexError(index)

    def __iter__(self):
        return self

    def __next__(self):
        block = self.filelike.read(self.blksize)
        if block:
            return block
        raise StopIteration


def unread(wrapper):
    """What is left of its file, as (descriptor, offset, size); None if reading gives anything else than those bytes. The
    extension calls it, and sends them without reading."""
    try:
        file = plain_file(wrapper.filelike)
        if file is None:
            return None
        file.flush()
        offset, facts = file.tell(), os.fstat(file.fileno())
    except (AttributeError, OSError, ValueError):  # reading will tell
        return None
    size = facts.st_size - offset
    # Files of /proc have no size, and something in them.
    return (file.fileno(), offset, size) if stat.S_ISREG(facts.st_mode) and size > 0 else None


def plain_file(filelike):
    """The file whose bytes its read() returns. A fileno() alone does not tell that: gzip.GzipFile has one."""
    if type(filelike).__module__ == "tempfile":
        filelike = getattr(filelike, "file", filelike)
    # What hands the call on to a file, such as Django's File, has the file's own read().
    file = getattr(filelike.read, "__self__", None)
    if type(file) in (io.BufferedReader, io.BufferedRandom):
        return file if type(file.raw) is io.FileIO else None
    return file if type(file) is io.FileIO else None
