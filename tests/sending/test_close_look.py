"""Files read as the sending reads them, with nothing sent."""

import hashlib
from pathlib import Path

import attrs
import pytest
from helpers.bulk_runs import order_id

from spapi_messaging import Attachment, File, InvalidMessageError, UploadError
from spapi_messaging.messages import CheckedPath
from spapi_messaging.sending import FileSeen, checked_closely, look_closely, with_state

PDF = b"%PDF-1.4 the first"
ORDER = order_id(1)


def seen(name: str, content: bytes = PDF) -> FileSeen:
    return FileSeen(name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())


async def test_all_are_said_in_their_order(tmp_path: Path) -> None:
    path, uploaded = tmp_path / "a.pdf", Attachment("id", "b.pdf")
    path.write_bytes(PDF)
    found = await look_closely([uploaded, path, File(b"text", name="c.txt")], ORDER)
    assert found == [uploaded, seen("a.pdf"), seen("c.txt", b"text")]
    assert await look_closely([uploaded], ORDER) == [uploaded]
    assert await look_closely([], ORDER) == []


async def test_what_the_sending_would_raise_is_raised(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pytest.raises(UploadError, match="cannot be read: No such file"):
        await look_closely([path], ORDER)
    path.write_bytes(PDF)
    checked = with_state(path)
    path.write_bytes(PDF + b"!")
    with pytest.raises(InvalidMessageError, match="was changed since it was checked"):
        await look_closely([checked], ORDER)


async def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    """Its time, which a copy does not keep, makes no difference."""
    path = tmp_path / "a.pdf"
    path.write_bytes(PDF)
    checked, sha256 = checked_closely(path)
    assert (checked, sha256) == (path, hashlib.sha256(PDF).hexdigest())
    path.unlink()
    path.write_bytes(PDF)
    again = CheckedPath(path, attrs.evolve(checked.state, modified_at=0))
    assert await look_closely([again], ORDER) == [seen("a.pdf")]
    path.write_bytes(PDF.replace(b"first", b"other"))
    with pytest.raises(InvalidMessageError, match="was changed since it was checked"):
        await look_closely([checked], ORDER)
