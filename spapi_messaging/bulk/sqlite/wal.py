"""What a write-ahead log of SQLite's holds, as far as its checksums prove it.

SQLite reads a log up to the first frame whose checksum is wrong, and takes the rest for a commit
that was never finished. So a log that lost its end, or whose bits rotted, looks like a shorter one
(https://www.sqlite.org/fileformat2.html#walformat).
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_ORDERS = {0x377F0682: "<", 0x377F0683: ">"}
"""The byte order of the checksums, by the file's first word."""
_WORD = 0xFFFFFFFF


def commits(log: BinaryIO) -> Iterator[list[bytes]]:
    """Yield the pages of each commit that is proven, in the order of the log."""
    header = log.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return
    mark, _, page_size, _, *salts, first, second = _HEADER.unpack(header)
    order = _ORDERS.get(mark)
    if order is None or page_size not in {1 << power for power in range(9, 17)}:
        return
    seal = _sum(header[:24], order, (0, 0))
    if seal != (first, second):
        return
    pages: list[bytes] = []
    while len(frame := log.read(_FRAME.size + page_size)) == _FRAME.size + page_size:
        _, size_after, *frame_salts, first, second = _FRAME.unpack_from(frame)
        page = frame[_FRAME.size :]
        seal = _sum(page, order, _sum(frame[:8], order, seal))
        if frame_salts != salts or seal != (first, second):
            return
        pages.append(page)
        if size_after:  # the last frame of a commit has the size of the database
            yield pages
            pages = []


def _sum(data: bytes, order: str, seal: tuple[int, int]) -> tuple[int, int]:
    first, second = seal
    words = iter(struct.unpack(f"{order}{len(data) // 4}I", data))
    for one, other in zip(words, words, strict=True):
        first = (first + one + second) & _WORD
        second = (second + other + first) & _WORD
    return first, second
