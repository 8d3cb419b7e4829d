"""Error answers of the storage behind the Uploads API: a code and a sentence in XML.

They are picked out of the bytes, not parsed: no entity is resolved, and nothing nests.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

import re

MAX_HEAD = 4096
"""Bytes in which the code has to come; it stands first."""
_CODE = re.compile(rb"<Code>\s{0,9}([A-Za-z0-9._-]{1,80})\s{0,9}</Code>")
_MESSAGE = re.compile(rb"<Message>([^<>]{1,300})</Message>")


def storage_error(body: bytes) -> tuple[str, str]:
    """Return the code and the message of an error in XML; empty where there is none."""
    head = body[:MAX_HEAD]
    if b"<Error" not in head:
        return "", ""
    code, message = _CODE.search(head), _MESSAGE.search(head)
    return (
        code[1].decode() if code else "",
        message[1].decode(errors="replace").strip() if message else "",
    )
