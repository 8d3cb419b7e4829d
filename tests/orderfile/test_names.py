"""Names in any spelling: one normal form, and the name that was likely meant."""

import pytest
from hypothesis import given, strategies as st

from spapi_messaging.messages import MESSAGE_TYPES
from spapi_messaging.orderfile.names import name_key, nearest, plain_name, shown_name

WORD = st.from_regex(r"[a-z]{2,8}", fullmatch=True)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("First Name", "first_name"),
        ("first-name", "first_name"),
        ("firstName", "first_name"),
        ("FIRST_NAME", "first_name"),
        (" \ufefffirst\u00a0name\u200b ", "first_name"),
        ("First\nName", "first_name"),
        ("ship.city/state", "ship_city_state"),
        ("AmazonOrderId", "amazon_order_id"),
        ("orderID", "order_id"),
        ("VATRate", "vat_rate"),
        ("SKU", "sku"),
        ("B2B", "b2b"),
        ("address1Line", "address1_line"),
        ("ship-address-1", "ship_address_1"),
        ("Numéro de commande", "numéro_de_commande"),
        ("Nume\u0301ro", "numéro"),
        ("GRÖSSE", "grösse"),
        ("Artikel-Größe (cm)", "artikel_größe_cm"),
        ("注文番号", "注文番号"),
        ("\uff4f\uff52\uff44\uff45\uff52\uff0d\uff29\uff24", "order_id"),
        ("ऑर्डर आईडी", "ऑर्डर_आईडी"),
        ("***", ""),
        ("", ""),
    ],
)
def test_every_spelling_has_one_normal_form(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@given(words=st.lists(WORD, min_size=1, max_size=4), data=st.data())
def test_the_spellings_of_a_name_are_one(words: list[str], data: st.DataObject) -> None:
    """However a tool writes the words of a name, they are the same words."""
    expected = "_".join(words)
    first, *rest = words
    camel = first + "".join(map(str.capitalize, rest))
    separator = data.draw(st.sampled_from([" ", "-", "_", ".", " / ", "\u00a0", "--"]))
    spelled = separator.join(words)
    for name in (spelled, spelled.upper(), spelled.title(), camel, f"  {spelled}\ufeff "):
        assert plain_name(name) == expected
        assert name_key(name) == "".join(words)


@given(st.text(max_size=30) | st.text("aAbB_- 1İßŉǅΣς\u0345\u0130ﬁ", max_size=12))
def test_the_normal_form_of_a_normal_form_is_itself(name: str) -> None:
    assert plain_name(plain_name(name)) == plain_name(name)


@given(st.text(max_size=30))
def test_a_shown_name_means_the_same_name(name: str) -> None:
    assert "\n" not in shown_name(name)
    assert name_key(shown_name(name)) == name_key(name)


def test_a_text_in_place_of_a_name_is_not_remembered() -> None:
    text = "Liebe Kundin " * 100_000
    assert len(plain_name(text)) == len(text) - 1
    assert nearest(text, ["order_id"]) is None


ACTIONS = [kind.__name__[0].lower() + kind.__name__[1:] for kind in MESSAGE_TYPES]
COLUMNS = ["amazon-order-id", "order-status", "item-status", "sales-channel", "product-name"]
COLUMNS += ["purchase-date", "quantity", "currency", "ship-city"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("confirmDelivery", "confirmDeliveryDetails"),
        ("confirm_delivery_details", "confirmDeliveryDetails"),
        ("waranty", "warranty"),
        ("unexpected-problems", "unexpectedProblem"),
        ("problem", "unexpectedProblem"),
        ("digitalAcessKey", "digitalAccessKey"),
        ("confirm", None),
        ("xyzzy", None),
        ("", None),
        ("?", None),
    ],
)
def test_the_action_that_was_meant_is_found(name: str, meant: str | None) -> None:
    assert nearest(name, ACTIONS) == meant


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("orderstatus", "order-status"),
        ("Order Statuss", "order-status"),
        ("purchase_dat", "purchase-date"),
        ("product", "product-name"),
        ("city", "ship-city"),
        ("saleschanel", "sales-channel"),
        ("status", None),
        ("phone", None),
        ("注文", None),
    ],
)
def test_the_column_that_was_meant_is_found(name: str, meant: str | None) -> None:
    assert nearest(name, COLUMNS) == meant
