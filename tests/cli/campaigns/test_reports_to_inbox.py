"""From the files that people have to the buyers' inboxes: one command, and once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.command_line import FAST, invoke
from helpers.order_reports import COUNTRIES, KINDS, ORDERS, Sale, report
from helpers.served import served

from spapi_messaging import Marketplace
from spapi_messaging.sandbox import Sandbox

WITHOUT_MARKETPLACE = {"unshipped orders report", "new orders report"}
SALES = (
    Sale(product="Lamp", item_id="1"),
    Sale(ORDERS[1], product='Pipe 5"', quantity=3),
    Sale(product="Chair", item_id="2"),
    Sale(ORDERS[2], product="Café"),
)
TEXT = "Hello, your order $order_id arrives soon."


@pytest.fixture
def market(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox whose orders are known in the country of the test."""
    with served(rate=500, burst=100) as sandbox:
        for order_id in ORDERS:
            sandbox.add_order(order_id, marketplace=Marketplace[request.param])
        yield sandbox


def sent(sandbox: Sandbox) -> dict[str, object]:
    messages = sandbox.messages()
    assert len({message.order_id for message in messages}) == len(messages)
    return {message.order_id: (message.body or {}).get("text") for message in messages}


def send(file: Path, country: str, *more: str, sandbox: Sandbox, kind: str) -> str:
    """Send with what a person has to say, and no more."""
    text = file.parent / "text.txt"
    text.write_text(TEXT if kind.startswith("VAT calc") else f"{TEXT} ($product_name)", "utf-8")
    options = ["--action", "confirmDeliveryDetails", "--text-file", str(text), *FAST, *more]
    if kind in WITHOUT_MARKETPLACE:
        options += ["--marketplace", country]
    ended = invoke("bulk", file, *options, sandbox=sandbox, SPAPI_MESSAGING_MARKETPLACE=None)
    assert ended.returncode == 0, ended.stderr
    return ended.stderr


@pytest.mark.parametrize(
    ("market", "country"), [(code, code) for code in COUNTRIES], indirect=["market"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_report_goes_to_its_buyers_once(
    kind: str, market: Sandbox, country: str, tmp_path: Path
) -> None:
    file = tmp_path / "report.txt"
    encoding = "utf-8" if country == "JP" else None
    sales = [sale for sale in SALES if country != "JP" or sale.product.isascii()]
    file.write_bytes(report(kind, country, sales, encoding=encoding))
    send(file, country, sandbox=market, kind=kind)
    names = {ORDERS[0]: "Lamp, Chair", ORDERS[1]: 'Pipe 5"', ORDERS[2]: "Café"}
    expected = {
        sale.order_id: TEXT.replace("$order_id", sale.order_id)
        + ("" if kind.startswith("VAT calc") else f" ({names[sale.order_id]})")
        for sale in sales
    }
    assert sent(market) == expected
    send(file, country, sandbox=market, kind=kind)
    assert sent(market) == expected


@pytest.mark.parametrize("market", ["JP"], indirect=True)
def test_a_japanese_report_is_read_as_japanese(market: Sandbox, tmp_path: Path) -> None:
    """Its sales channel says so; nobody has to."""
    file = tmp_path / "report.txt"
    file.write_bytes(report("all-orders report", "JP", [Sale(product="机")]))
    said = send(file, "JP", sandbox=market, kind="all-orders report")
    assert "cp932" in said
    assert list(sent(market).values()) == [f"Hello, your order {ORDERS[0]} arrives soon. (机)"]


@pytest.mark.parametrize("market", ["DE"], indirect=True)
def test_what_is_no_sale_of_amazons_gets_nothing(market: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    sales = [
        Sale(),
        Sale(ORDERS[1], channel="Non-Amazon DE"),
        Sale("S01-1671087-0812628", channel="Amazon.de"),
    ]
    file.write_bytes(report("all-orders report", "DE", sales))
    said = send(file, "DE", sandbox=market, kind="all-orders report")
    assert list(sent(market)) == [ORDERS[0]]
    assert "Non-Amazon DE" in said
    assert "begin with S" in said


@pytest.mark.parametrize("market", ["FR"], indirect=True)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("VAT")])
def test_a_refund_gets_no_message(kind: str, market: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    sales = [Sale(), Sale(ORDERS[1], transaction="REFUND"), Sale(ORDERS[2], transaction="RETURN")]
    file.write_bytes(report(kind, "FR", sales))
    assert "REFUND" in send(file, "FR", sandbox=market, kind=kind)
    assert list(sent(market)) == [ORDERS[0]]
