"""What the doctor sees without asking anybody: marketplaces, servers, extras."""

import pytest
from helpers.command_line import invoke, run
from helpers.doctor import OWN, doctor

from spapi_messaging.cli.doctor.surroundings import look_at_marketplace, look_at_servers
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.sandbox import Sandbox

ENDPOINT, TOKENS = "SPAPI_MESSAGING_ENDPOINT", "SPAPI_MESSAGING_TOKEN_URL"


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("Germny", "DE"),
        ("GER", "DE"),
        ("DEU", "DE"),
        ("amazon.dee", "DE"),
        ("A1PA6795UKMFR8", "DE"),
        ("USA", "US"),
        ("england", "UK"),
        ("Japn", "JP"),
        ("Saudi", "SA"),
        ("Deutschland", "DE"),
        ("Espana", "ES"),
    ],
)
def test_a_marketplace_that_is_meant_is_found(code: str, meant: str) -> None:
    place, found = look_at_marketplace(code)
    assert place is None
    assert found.advice == (f"did you mean {meant}?",)
    own = {"LWA_APP_ID": "a", "LWA_CLIENT_SECRET": "b", "SP_API_REFRESH_TOKEN": "c"}
    done = invoke("attributes", "903-1671087-0812628", "--marketplace", code, **own)
    assert (done.returncode, f"'{code}'; did you mean {meant}?" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "code",
    [
        "\x1b[2Jq",
        "Narnia",
        "Austria",
        "Finland",
        "China",
        "Ukraine",
        "EU",
        "AT",
        "United",
        "amazon",
    ],
)
def test_a_marketplace_that_is_unlike_any_lists_all(code: str) -> None:
    _, found = look_at_marketplace(code)
    assert found.mark.value == "BAD"
    assert "CA, US, MX" in found.advice[0]


def test_without_a_marketplace_all_else_is_checked(sandbox: Sandbox) -> None:
    done = invoke("doctor", sandbox=sandbox, SPAPI_MESSAGING_MARKETPLACE="")
    assert done.returncode == 1
    assert "BAD marketplace: none is given" in done.stdout
    assert "ok  token: " in done.stdout
    assert "--  role: not checked: it needs marketplace to be well" in done.stdout


def test_amazons_servers_are_those_of_the_region() -> None:
    servers, (found,) = look_at_servers(Marketplace.JP, {}, static=False)
    assert str(servers.endpoint) == "https://sellingpartnerapi-fe.amazon.com"
    assert (servers.are_amazons, sorted(r.name for r in servers.others)) == (True, ["EU", "NA"])
    assert found.sentence == "Amazon's"
    static, (found,) = look_at_servers(Marketplace.JP, {}, static=True)
    assert str(static.endpoint) == "https://sandbox.sellingpartnerapi-fe.amazon.com"
    assert "static sandbox" in found.sentence


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        (
            {ENDPOINT: "http://127.0.0.1:1", TOKENS: "http://127.0.0.1:1/auth"},
            "hm  not Amazon's but http://127.0.0.1:1, as the environment says",
        ),
        ({ENDPOINT: "http://127.0.0.1:1"}, f"hm  {ENDPOINT} is set (http://127.0.0.1:1) and "),
        ({TOKENS: "https://x.example/t?s=1"}, f"hm  {TOKENS} is set (https://x.example) and "),
        ({ENDPOINT: "http://x.example"}, f"BAD {ENDPOINT} is refused: plain http"),
        ({TOKENS: "https://u:p@x.example"}, f"BAD {TOKENS} is refused: it holds user info"),
        ({ENDPOINT: "https://x.example/path"}, f"BAD {ENDPOINT} is refused: an endpoint has no"),
        (
            {ENDPOINT: "https://sellingpartnerapi-na.amazon.com"},
            f"BAD {ENDPOINT} is of region NA, and DE of EU",
        ),
        ({ENDPOINT: "https://sellingpartnerapi-eu.amazon.com"}, "ok  Amazon's"),
        ({ENDPOINT: "", TOKENS: ""}, "ok  Amazon's"),
    ],
)
def test_what_redirects_requests_is_said(environ: dict[str, str], told: str) -> None:
    _, (found,) = look_at_servers(Marketplace.DE, environ, static=False)
    assert f"{found.mark.value} {found.sentence}".startswith(told)
    assert bool(found.advice) == (found.mark.value != "ok ")
    assert "u:p" not in f"{found}"


async def test_amazons_credentials_that_look_unusual_are_told_and_no_problem() -> None:
    found = await doctor(OWN | {"LWA_APP_ID": "client-7"}, marketplace="nowhere")
    assert "hm LWA_APP_ID looks unusual" in found["credentials"]
    assert "credentials" not in found.bads


def test_extras_that_are_missing_are_told_with_how_to_have_them(sandbox: Sandbox) -> None:
    program = (
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'matplotlib' else find(name, *a)\n"
        "from spapi_messaging.cli import main; main()"
    )
    done = run("doctor", sandbox=sandbox, program=program)
    assert done.returncode == 0
    assert "--  extras: not installed: report (charts in reports)" in done.stdout
    assert "pip install 'spapi-messaging[report]'" in done.stdout
