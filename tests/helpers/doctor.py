"""The doctor, asked within a test, and what it found."""

import os
from typing import Any

import attrs
import pytest

from spapi_messaging.cli.doctor import Asked, examine
from spapi_messaging.cli.doctor.findings import Finding

OWN = {
    "LWA_APP_ID": "amzn1.application-oa2-client.0123456789abcdef0123456789abcdef",
    "LWA_CLIENT_SECRET": "amzn1.oa2-cs.v1.secretsecretsecretsecret",
    "SP_API_REFRESH_TOKEN": "Atzr|IwEBIrefreshrefreshrefresh",
}
"""Credentials that look like Amazon's."""


@attrs.frozen
class Found:
    """All findings, by the name of their check."""

    findings: list[Finding]

    def __getitem__(self, name: str) -> str:
        """Return what is shown of a check: marks, sentences and advice."""
        found = [f for f in self.findings if f.name == name]
        assert found, f"{name} was not checked"
        return "\n".join(
            f"{f.mark.value.strip()} {' | '.join((f.sentence, *f.advice))}" for f in found
        )

    @property
    def bads(self) -> list[str]:
        return [f.name for f in self.findings if f.mark.value == "BAD"]


async def doctor(environ: dict[str, str], **asked: Any) -> Found:
    """Ask the doctor, with these variables and no others of ours."""
    usual: dict[str, Any] = {"marketplace": "DE", "silence": 5.0, "patience": 0.1}
    told: list[Finding] = []
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.lower().endswith("_proxy"):
                patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        findings = await examine(Asked(**usual | asked), told.append)
    assert told == findings
    for finding in findings:
        if finding.mark.value == "BAD":
            assert finding.advice, f"{finding.name}: what to do"
    return Found(findings)


def at(url: str, token_url: str) -> dict[str, str]:
    """Return an environment with credentials, for these servers."""
    return OWN | {"SPAPI_MESSAGING_ENDPOINT": url, "SPAPI_MESSAGING_TOKEN_URL": token_url}
