"""wsgi.file_wrapper (PEP 3333): a file as an iterable of blocks."""


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
