"""A zip that others made is weighed by its own directory before anything in it is opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_REPERTOIRE = b"PK\x01\x02"


class ArchiveTropLourdeError(Exception):
    """It has too many parts, or would take too much room once opened."""


def open_archive(
    octets: bytes,
    entrees: int,
    octets_decompresses: int,
    ouvrir: Callable[[io.BytesIO], Any] = zipfile.ZipFile,
) -> Any:
    """Return a zip, open, of which no more than so many bytes come out.

    A directory that lies is no danger: the library gives no byte more than it says, then refuses the checksum.

    Args:
        octets: the file.
        entrees: parts, at most.
        octets_decompresses: bytes of all its parts once opened, at most.
        ouvrir: opens it.

    Raises:
        ArchiveTropLourdeError: it is heavier than that.
        Exception: whatever ``ouvrir`` raises for what is no zip.
    """
    # Counted before the directory is read: each part costs a kilobyte of memory.
    if octets.count(_REPERTOIRE) > entrees:
        raise ArchiveTropLourdeError
    archive = ouvrir(io.BytesIO(octets))
    if sum(entree.file_size for entree in archive.infolist()) > octets_decompresses:
        archive.close()
        raise ArchiveTropLourdeError
    return archive


@contextmanager
def catch_panics() -> Iterator[None]:
    """Turn a panic of a library in Rust, which is no ``Exception``, into one.

    Raises:
        RuntimeError: it panicked on what it was given.
    """
    try:
        yield
    except BaseException as erreur:
        if type(erreur).__name__ != "PanicException":
            raise
        raise RuntimeError("a library panicked") from None
