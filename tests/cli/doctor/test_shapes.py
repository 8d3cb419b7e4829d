"""What the doctor sees of credentials without asking anybody, and never shows."""

import pytest
from helpers.command_line import invoke, run
from helpers.doctor import OWN
from hypothesis import given, strategies

from spapi_messaging.cli.doctor.shapes import odd_look, sure_faults
from spapi_messaging.sandbox import Sandbox

ID, SECRET, TOKEN = OWN.values()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("client_id", f"{ID}\n", "comes with a line end"),
        ("client_id", f"{ID}\r\n", "comes with a line end"),
        ("client_secret", f" {SECRET}\t", "comes with blanks"),
        ("client_secret", f"\xa0{SECRET}", "comes with blanks"),
        ("client_secret", f"\ufeff{SECRET}", "signs that do not show"),
        ("client_secret", f"'{SECRET}'", "comes with quotes"),
        ("refresh_token", f"“{TOKEN}”", "comes with quotes"),
        ("refresh_token", f"„{TOKEN}“\n", "comes with quotes and a line end"),
        ("refresh_token", f"`{TOKEN}`", "comes with quotes"),
        ("refresh_token", f"Bearer {TOKEN}", "comes with the word Bearer"),
        ("refresh_token", f"SP_API_REFRESH_TOKEN={TOKEN}", "comes with a name before it"),
        ("client_id", f'export LWA_APP_ID = "{ID}"', "comes with quotes and a name before it"),
        ("client_secret", f"{SECRET[:20]}\n{SECRET[20:]}", "a blank or a line end within"),
        ("client_secret", f"{SECRET[:20]}\u0430{SECRET[20:]}", "signs that no credentials have"),
        ("client_id", "amzn1...", "is a placeholder"),
        ("client_id", "amzn1.application-oa2-client…", "is a placeholder"),
        ("client_secret", "<your secret>", "is a placeholder"),
        ("client_secret", "your-client-secret", "is a placeholder"),
        ("client_secret", "changeme", "is a placeholder"),
        ("client_secret", "$LWA_CLIENT_SECRET", "is a placeholder"),
        ("client_secret", "${{ secrets.LWA }}", "is a placeholder"),
        ("client_secret", "{{ vault }}", "is a placeholder"),
        ("refresh_token", "••••••••", "is a placeholder"),
        ("refresh_token", "Atzr|xxxxxxxx", "is a placeholder"),
        ("refresh_token", "Atzr", "ends before its |"),
        ("refresh_token", TOKEN.replace("Atzr", "Atza"), "holds an access token"),
        ("client_id", SECRET, "holds a client secret and not a client id"),
        ("client_id", TOKEN, "holds a refresh token and not a client id"),
        ("client_id", "amzn1.sp.solution.0123-4567", "holds an application's id"),
        ("client_secret", ID, "holds a client id and not a client secret"),
        ("client_secret", TOKEN, "holds a refresh token and not a client secret"),
        ("client_secret", "AKIAIOSFODNN7", "holds an AWS key"),
        ("refresh_token", ID, "holds a client id and not a refresh token"),
        ("refresh_token", "", "is empty"),
        ("refresh_token", '""', "is empty"),
        ("refresh_token", None, "is missing"),
        ("refresh_token", 5, "is no text"),
    ],
)
def test_what_is_surely_wrong(field: str, value: object, told: str) -> None:
    faults = sure_faults(field, value, "NAME")
    assert told in "; ".join(fault.sentence for fault in faults)
    shown = "".join(fault.sentence + fault.advice for fault in faults)
    assert not isinstance(value, str) or len(value) < 12 or value.strip() not in shown


def test_what_merely_looks_unusual_is_no_fault() -> None:
    """Amazon may begin its credentials otherwise one day, and a sandbox's are its own."""
    unusual = {"client_id": "client-7", "client_secret": "s3cr3t", "refresh_token": "refresh-7"}
    for field, value in unusual.items():
        assert sure_faults(field, value, "NAME") == []
        look = odd_look(field, value, "NAME")
        assert look is not None
        assert value not in look.sentence + look.advice


def test_credentials_of_amazon_look_as_they_must() -> None:
    usual = [*zip(("client_id", "client_secret", "refresh_token"), OWN.values(), strict=True)]
    long = f"Atzr|{'IwEB' * 50}EXAMPLExxxxx{'Ab-_' * 50}"  # any letters may be in there
    for field, value in [
        *usual,
        ("client_secret", "0123456789abcdef" * 4),
        ("refresh_token", long),
    ]:
        assert sure_faults(field, value, "NAME") == []
        assert odd_look(field, value, "NAME") is None


@given(
    strategies.sampled_from(["client_id", "client_secret", "refresh_token"]),
    strategies.text(min_size=1, max_size=60).map(lambda text: f"Qz7{text}9Xk"),
)
def test_no_letter_of_a_value_is_shown(field: str, value: str) -> None:
    shown = "".join(f.sentence + f.advice for f in sure_faults(field, value, "NAME"))
    assert "Qz7" not in shown
    assert "9Xk" not in shown


def test_the_same_in_two_variables_is_told(sandbox: Sandbox) -> None:
    same = {"LWA_APP_ID": "same-value-7", "LWA_CLIENT_SECRET": "same-value-7"}
    done = invoke("doctor", sandbox=sandbox, **same)
    assert done.returncode == 1
    assert "BAD credentials: LWA_APP_ID and LWA_CLIENT_SECRET hold the same" in done.stdout
    assert "same-value-7" not in done.stdout + done.stderr


def test_no_secret_is_printed_whatever_is_wrong_with_it(sandbox: Sandbox) -> None:
    """Each in the wrong variable, in quotes, and refused by the server that quotes it."""
    sandbox.refuse_refresh("invalid_client", f"{SECRET} {TOKEN}")
    for wrong in (
        {},
        {"LWA_APP_ID": f"'{SECRET}'"},
        {"LWA_CLIENT_SECRET": f"{TOKEN}\n"},
        {"SP_API_REFRESH_TOKEN": f"Bearer {SECRET}"},
    ):
        done = invoke("doctor", sandbox=sandbox, **OWN | wrong)
        assert done.returncode == 1
        for secret in ("secretsecret", "refreshrefresh", "0123456789abcdef"):
            assert secret not in done.stdout + done.stderr


def test_faults_of_credentials_keep_no_other_check_from_being_made(sandbox: Sandbox) -> None:
    done = invoke("doctor", sandbox=sandbox, LWA_APP_ID="<id>")
    assert "ok  endpoint: " in done.stdout
    assert "ok  login: " in done.stdout
    assert "--  token: not checked: it needs credentials to be well" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 problem: credentials"


def test_the_whole_program_without_any_environment_is_told_what_to_set() -> None:
    done = run("doctor")
    assert (done.returncode, done.stderr) == (1, "")
    lacks = "the environment lacks LWA_APP_ID, LWA_CLIENT_SECRET, SP_API_REFRESH_TOKEN"
    assert f"BAD credentials: {lacks}" in done.stdout
    assert "Seller Central" in done.stdout
