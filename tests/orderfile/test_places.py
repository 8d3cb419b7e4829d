"""Where an order was placed is read from whatever column says it, and never guessed at."""

import pytest
from helpers.order_reports import ORDERS

from spapi_messaging import Marketplace
from spapi_messaging.orderfile import Condition, OrderFile, read_orders

ONE, TWO = ORDERS[:2]


def read(*lines: str, marketplace: Marketplace | None = Marketplace.DE) -> OrderFile:
    return read_orders("\n".join(lines).encode(), marketplace=marketplace)


def places(*lines: str) -> list[str | None]:
    with read(*lines) as file:
        assert not file.fault_count
        return [order.marketplace and order.marketplace.name for order in file.orders()]


@pytest.mark.parametrize(
    "column",
    [
        *(
            "Marktplatz",
            "Amazon-Marktplatz",
            "Verkaufskanal",
            "Marketplace Name",
            "marketplace code",
        ),
        *("Amazon Marketplace", "Place de marché", "PLACE DE MARCHE", "Canal de vente"),
        *("Canale di vendita", "Canal de venta", "Verkoopkanaal", "Kanał sprzedaży"),
        *("販売チャネル", "マーケットプレイス", "Amazon site", "Sales Channel Name"),
    ],
)
def test_a_column_in_a_person_s_words_wins_over_the_default(column: str) -> None:
    assert places(f"Bestellnummer;{column}", f"{ONE};Amazon.fr", f"{TWO};it") == ["FR", "IT"]


@pytest.mark.parametrize("column", ["Website", "Channel", "Store", "Quelle", "Land"])
def test_a_domain_of_amazon_s_is_a_place_in_columns_that_may_hold_anything(column: str) -> None:
    lines = (f"order_id,{column}", f"{ONE},www.amazon.fr", f"{TWO},FR")
    assert places(*lines) == ["FR", "DE"]


def test_a_person_s_column_that_only_says_amazon_leaves_it_to_the_default() -> None:
    assert places("order_id,Marktplatz", f"{ONE},Amazon", f"{TWO},Amazon.fr") == ["DE", "FR"]


def test_an_unknown_place_and_another_channel_in_a_person_s_words_are_told() -> None:
    with read("order_id,Verkaufskanal", f"{ONE},Otto", f"{TWO},Non-Amazon DE") as file:
        assert not file.rows
        assert file.fault_lines[0].startswith("line 2: Verkaufskanal 'Otto' is no marketplace")
        assert file.left_out == {"not sold on Amazon (Verkaufskanal Non-Amazon DE)": 1}


def test_columns_that_contradict_each_other_are_a_fault() -> None:
    lines = ("order-id,marketplace,sales-channel", f"{ONE},DE,Amazon.fr", f"{TWO},uk,Amazon.co.uk")
    with read(*lines) as file:
        assert [row.marketplace for row in file.rows] == [Marketplace.UK]
        said = "marketplace DE and sales-channel Amazon.fr are two marketplaces; an order has one"
        assert file.fault_lines == (f"line 2: {said}",)


def test_an_empty_cell_leaves_it_to_the_next_column() -> None:
    assert places("order-id,marketplace,sales-channel", f"{ONE},,Amazon.fr") == ["FR"]


def test_conditions_know_places_in_a_person_s_words() -> None:
    assert Condition.parse("Marktplatz=UK", ["Marktplatz"]).holds({"marktplatz": "Amazon.co.uk"})


def test_the_default_is_of_orders_that_name_none_in_any_row() -> None:
    """An empty cell says nothing, and differs from nothing."""
    lines = ("order_id,marketplace", f"{ONE},", f"{ONE},FR", f"{TWO},")
    assert places(*lines) == ["FR", "DE"]
    with read(*lines) as file:
        assert [row.marketplace for row in file.rows] == [
            Marketplace[n] for n in ("DE", "FR", "DE")
        ]


@pytest.mark.parametrize("null", ["NULL", "(null)", r"\N", "nan", "NaN", "None", "<NA>"])
def test_what_stands_for_no_value_is_none(null: str) -> None:
    lines = ("order_id,marketplace,x", f"{ONE},{null},1", f"{ONE},FR,1", f"{TWO},{null},1")
    with read(*lines, f"{null},DE,1") as file:
        assert [order.marketplace for order in file.orders()] == [Marketplace.FR, Marketplace.DE]
        assert [order.fields.get("marketplace") for order in file.orders()] == ["FR", None]
        assert file.fault_lines == ("line 5: order_id is missing",)
