"""Where the token may go: a table of ways to lead it astray, and the law over all URLs."""

import posixpath
import re
from collections import Counter
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import yarl
from hypothesis import given, settings, strategies as st

from spapi_messaging.api.endpoint import Endpoint
from spapi_messaging.errors import UntrustedLinkError

ORDER = "903-1671087-0812628"
OTHER = "903-1671087-0812629"
HOST = "sellingpartnerapi-eu.amazon.com"
BASE = f"https://{HOST}"
ROOT = f"/messaging/v1/orders/{ORDER}"
HOME = Endpoint("https", HOST, 443)
UPLOADS = "/uploads/2020-11-01/uploadDestinations"


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}{ROOT}",
        f"{BASE}{ROOT}?marketplaceIds=A1PA6795UKMFR9",
        f"{BASE}{ROOT}/messages/warranty",
        f"{BASE}{ROOT}/messages/new%20thing?a=%2F..%2F&b=/../@x",
        f"{BASE}{ROOT}/messages/a...b",
        f"{BASE}:443{ROOT}",
        f"HTTPS://{HOST.upper()}{ROOT}",
        urljoin(f"{BASE}{ROOT}", f"{ROOT}/messages/warranty"),
        urljoin(f"{BASE}{ROOT}/", "messages/warranty"),
    ],
)
def test_paths_of_the_order_are_trusted(url: str) -> None:
    HOME.check(url, ORDER)
    HOME.check(url)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        (f"https://evil.example{ROOT}", "it leads away from"),
        (f"https://{HOST}.evil.example{ROOT}", "it leads away from"),
        (f"https://x.{HOST}{ROOT}", "it leads away from"),
        (f"https://{HOST}.{ROOT}", "it leads away from"),
        (f"https://{HOST}%2eevil.example{ROOT}", "it leads away from"),
        (f"https://sandbox.{HOST}{ROOT}", "it leads away from"),
        (f"http://{HOST}{ROOT}", "it leads away from"),
        (f"ftp://{HOST}{ROOT}", "it leads away from"),
        (f"javascript:{ROOT}", "it leads away from"),
        (f"//{HOST}{ROOT}", "it leads away from"),
        (ROOT, "it leads away from"),
        ("", "it leads away from"),
        (urljoin(f"{BASE}{ROOT}", f"//evil.example{ROOT}"), "it leads away from"),
        (urljoin(f"{BASE}{ROOT}", f"///evil.example{ROOT}"), "it leads"),
        (f"https:{HOST}{ROOT}", "it leads away from"),
        (f"https:///{HOST}{ROOT}", "it leads away from"),
        (f"{BASE}:444{ROOT}", "another port"),
        (f"{BASE}:80{ROOT}", "another port"),
        (f"{BASE}:0{ROOT}", "it "),
        (f"{BASE}:99999{ROOT}", "it is no URL"),
        (f"{BASE}:port{ROOT}", "it is no URL"),
        (f"{BASE}:443:443{ROOT}", "it is no URL"),
        (f"https://[::1{ROOT}", "it is no URL"),
        (f"https://me@{HOST}{ROOT}", "user info"),
        (f"https://me:pw@{HOST}{ROOT}", "user info"),
        (f"https://@{HOST}{ROOT}", "user info"),
        (f"https://{HOST}@evil.example{ROOT}", "user info"),
        (f"https://{HOST}:443@evil.example{ROOT}", "user info"),
        (f"https://evil.example#@{HOST}{ROOT}", "it leads away from"),
        (f"https://evil.example?@{HOST}{ROOT}", "it leads away from"),
        (f"https://evil.example\\@{HOST}{ROOT}", "backslashes"),
        (f"{BASE}\\{ROOT}", "backslashes"),
        (f"{BASE}{ROOT}\\..\\{OTHER}", "backslashes"),
        (f"{BASE}{ROOT}\r\nx-evil: 1", "control characters"),
        (f"{BASE}{ROOT}\t", "control characters"),
        (f"{BASE}{ROOT}\x00", "control characters"),
        (f"{BASE}{ROOT}\x7f", "control characters"),
        (f" {BASE}{ROOT}", "blanks"),
        (f"{BASE}{ROOT}/a b", "blanks"),
        (f"{BASE}{ROOT}\n", "control characters"),
        (f"https://{HOST}\N{FULLWIDTH SOLIDUS}evil.example{ROOT}", "control characters"),
        (f"https://evil.example\N{IDEOGRAPHIC FULL STOP}{HOST}{ROOT}", "control characters"),
        (f"{BASE}{ROOT}/ü", "control characters"),
        (f"{BASE}/messaging/v1/orders/{OTHER}", "another order"),
        (f"{BASE}/messaging/v1/orders/{OTHER}/messages/warranty", "another order"),
        (f"{BASE}{ROOT}9", "another order"),
        (f"{BASE}{ROOT};x", "another order"),
        (f"{BASE}{ROOT.upper()}", "another order"),
        (f"{BASE}/", "another order"),
        (BASE, "another order"),
        (f"{BASE}/messaging/v1/orders", "another order"),
        (f"{BASE}/x{ROOT}", "another order"),
        (f"{BASE}/{ROOT}", "another order"),
        (f"{BASE}{UPLOADS}/{ROOT}", "another order"),
        (f"{BASE}?{ROOT}", "another order"),
        (f"{BASE}#{ROOT}", "another order"),
        *(
            (f"{BASE}{ROOT}/{climb}/{OTHER}", "climbs")
            for climb in (
                "..",
                ".",
                "messages/../..",
                "%2e%2e",
                ".%2E",
                "%2E.",
                "%2e",
                "..%2f..",
                "%252e%252e",
                "%25252e%25252e",
                "..%5c",
                "%5c..",
                "a%2fb",
                "a%252fb",
                "%2e%2e%0a",
                # servers that strip path parameters, blanks or NUL before they normalise
                "..;",
                "..;a=b",
                "%2e%2e%3b",
                "..%00",
                "..%20",
                "..%09",
                "%c0%ae%c0%ae",
            )
        ),
    ],
)
def test_what_is_not_trusted(url: str, fault: str) -> None:
    with pytest.raises(UntrustedLinkError) as caught:
        HOME.check(url, ORDER)
    assert fault in caught.value.fault
    assert caught.value.order_id == ORDER


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        (f"{BASE}{UPLOADS}/messaging/v1/orders/{ORDER}/messages/warranty?contentMD5=x==", True),
        (f"{BASE}/messaging/v1/orders/{OTHER}", True),
        (f"{BASE}{UPLOADS}", False),
        (f"{BASE}/uploads/2020-11-01/x", False),
        (f"{BASE}/messaging", False),
        (f"{BASE}/orders/v0/orders/{ORDER}", False),
        (f"{BASE}/messaging/../orders/v0", False),
        (f"{BASE}/messaging/%2e%2e/orders/v0", False),
        (f"{BASE}/messaging/..;/orders/v0", False),
        (f"{BASE}/auth/o2/token", False),
        (f"https://evil.example{UPLOADS}/x", False),
    ],
)
def test_without_an_order_only_the_two_apis_are_trusted(url: str, trusted: bool) -> None:
    if trusted:
        HOME.check(url)
    else:
        with pytest.raises(UntrustedLinkError):
            HOME.check(url)


@pytest.mark.parametrize(
    ("url", "endpoint", "text"),
    [
        (BASE, HOME, BASE),
        (f"{BASE}/", HOME, BASE),
        (f"{BASE}:443", HOME, BASE),
        (f"HTTPS://{HOST.upper()}", HOME, BASE),
        ("https://h:8443", Endpoint("https", "h", 8443), "https://h:8443"),
        ("https://h:80", Endpoint("https", "h", 80), "https://h:80"),
        ("https://[2001:DB8::1]", Endpoint("https", "2001:db8::1", 443), "https://[2001:db8::1]"),
        ("http://localhost:8080", Endpoint("http", "localhost", 8080), "http://localhost:8080"),
        ("http://localhost", Endpoint("http", "localhost", 80), "http://localhost"),
        ("http://127.0.0.1:9", Endpoint("http", "127.0.0.1", 9), "http://127.0.0.1:9"),
        ("http://127.9.9.9:9/", Endpoint("http", "127.9.9.9", 9), "http://127.9.9.9:9"),
        ("http://[::1]:8080", Endpoint("http", "::1", 8080), "http://[::1]:8080"),
    ],
)
def test_endpoints(url: str, endpoint: Endpoint, text: str) -> None:
    assert Endpoint.parse(url) == endpoint
    assert str(endpoint) == text
    assert Endpoint.parse(str(endpoint)) == endpoint
    endpoint.check(f"{text}{ROOT}", ORDER)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        (f"http://{HOST}", "loopback"),
        ("http://192.168.0.1", "loopback"),
        ("http://0.0.0.0", "loopback"),
        ("http://127.0.0.1.evil.example", "loopback"),
        ("http://localhost.evil.example", "loopback"),
        ("http://[2001:db8::1]", "loopback"),
        ("http://[::]", "loopback"),
        ("http://127.1", "loopback"),
        (f"ftp://{HOST}", "neither https nor http"),
        (HOST, "neither https nor http"),
        ("", "neither https nor http"),
        ("https://", "neither https nor http"),
        ("https:///x", "neither https nor http"),
        (f"https://me:pw@{HOST}", "user info"),
        (f"{BASE}:0", ""),
        (f"{BASE}:99999", "no URL"),
        (f"{BASE}/x", "no path or query"),
        (f"{BASE}?x", "no path or query"),
        (f"{BASE}#x", "no path or query"),
        (f"{BASE}/ ", "blanks"),
        (f"{BASE}\n", "control characters"),
    ],
)
def test_what_is_no_endpoint(url: str, fault: str) -> None:
    with pytest.raises(UntrustedLinkError) as caught:
        Endpoint.parse(url)
    assert fault in caught.value.fault


def test_the_endpoint_of_a_url_may_have_a_path() -> None:
    assert Endpoint.of("https://api.amazon.com/auth/o2/token") == Endpoint(
        "https", "api.amazon.com", 443
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://me:hunter2@h.example/",
        "https://me:hunter2@h.example@evil/",
        "//me:hunter2@h.example/",
        "https://me:hun/ter2@h.example/",
        "https:\\\\me:hunter2@h.example/",
        "https://me:hunter2 @h.example/",
        "https://me:hunter2?x@h.example/",
        "me:hunter2@h.example",
    ],
)
def test_no_error_shows_user_info(url: str) -> None:
    for check in (HOME.check, Endpoint.of, Endpoint.parse):
        with pytest.raises(UntrustedLinkError) as caught:
            check(url)
        assert "hun" not in str(caught.value)


def test_a_url_in_an_error_is_bounded() -> None:
    for fail in (
        lambda: HOME.check("https://evil.example/" + "x" * 9999, ORDER),
        lambda: Endpoint.parse(f"{BASE}/" + "x" * 9999),
        lambda: Endpoint.parse("http://" + "x" * 9999),
    ):
        with pytest.raises(UntrustedLinkError) as caught:
            fail()
        assert len(caught.value.url) <= 200


PIECES = st.sampled_from(
    [
        *("https:", "http:", "//", "/", "@", ":", ":443", ":0", ":80", "?", "#", "\\", "[", "]"),
        *("..", ".", "%2e", "%2f", "%5c", "%25", "%00", ";", ";a=b", "//evil.example", "me:pw@"),
        *(HOST, HOST.upper(), BASE, ROOT, ROOT, ORDER, OTHER, "/messages/", "warranty", "/../"),
    ]
)
SOUP = st.lists(PIECES | st.text(max_size=2), max_size=8).map("".join)
URLS = st.one_of(
    SOUP,
    st.builds(f"{BASE}{{}}{ROOT}{{}}".format, st.sampled_from(["", ":443", ":", ":0", "."]), SOUP),
    st.builds(
        lambda soup: urljoin(f"{BASE}{ROOT}", soup), SOUP.filter(lambda s: not set("[]") & set(s))
    ),
)


def normalised(path: str) -> str:
    """Do what a careless server may do: decode, drop path parameters, then climb."""
    bare = [re.sub(r"[;\x00-\x20].*", "", unquote(part)) for part in path.split("/")]
    return posixpath.normpath("/".join(bare))


@given(url=URLS)
@settings(deadline=None, max_examples=600, database=None)
def test_whatever_passes_stays_at_home(url: str) -> None:
    try:
        HOME.check(url, ORDER)
    except UntrustedLinkError:
        return
    as_sent, split = yarl.URL(url, encoded=True), urlsplit(url)
    assert (as_sent.scheme.lower(), (as_sent.host or "").lower(), as_sent.port) == (
        "https",
        HOST,
        443,
    )
    assert (split.scheme, split.hostname, split.port) in {
        ("https", HOST, None),
        ("https", HOST, 443),
    }
    assert as_sent.user is None
    assert as_sent.password is None
    assert url.isprintable()
    for path in (as_sent.raw_path, unquote(as_sent.raw_path), yarl.URL(url).path):
        assert f"{normalised(path)}/".startswith(f"{ROOT}/"), path


@given(tail=st.text("abcXYZ019-_~!$&'()*+,=:@%20?#/", max_size=20))
@settings(deadline=None, max_examples=150, database=None)
def test_plain_paths_under_the_order_pass(tail: str) -> None:
    """The guard is no wall: what has no dots, escapes or parameters is let through."""
    HOME.check(f"{BASE}{ROOT}/messages/{tail.replace('%', '')}", ORDER)


STARTS = st.sampled_from(["/messaging/v1/orders/", "/", ":443/", "."])
PLAIN_PIECES = st.sampled_from(["/messages", "/warranty"])
ODD_PIECES = PLAIN_PIECES | st.sampled_from([ORDER, "/", "..", "%2e", "%", "/../", "?a=b", "-"])
QUERIES = st.sampled_from(["", "?", "?a=b&c=d", "?a=b.c"])
TAILS = st.one_of(
    st.builds(f"{ROOT}{{}}{{}}".format, st.lists(PLAIN_PIECES, max_size=3).map("".join), QUERIES),
    st.builds("{}{}".format, STARTS | st.just(ROOT), st.lists(ODD_PIECES, max_size=4).map("".join)),
)


def test_the_quick_trust_equals_the_slow_one() -> None:
    """Plain URLs are let through after one regular expression: it never knows better."""
    ways: Counter[bool] = Counter()

    @given(
        tail=TAILS,
        order_id=st.sampled_from([ORDER, None]) | st.sampled_from([OTHER, "", "messages"]),
    )
    @settings(deadline=None, max_examples=600, database=None)
    def compare(tail: str, order_id: str | None) -> None:
        url = f"{BASE}{tail}"
        is_quick = HOME._quick_trust(url, order_id)
        ways[is_quick] += 1
        fault = HOME._fault(url, order_id)
        assert fault is None or not is_quick
        try:
            HOME.check(url, order_id)
        except UntrustedLinkError as error:
            refused: str | None = error.fault
        else:
            refused = None
        assert refused == fault

    compare()
    assert min(ways[True], ways[False]) > 30
