"""Texts on the command line: in several languages, and with what they should not contain."""

import json
from pathlib import Path

import pytest
from helpers.command_line import invoke, order

from spapi_messaging.sandbox import Sandbox


def test_texts_of_several_files_are_one_in_the_buyers_language(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.add_order(order(1), locale="fr-FR")
    sandbox.add_order(order(2), locale="sv-SE")
    texts = {"de": "Hallo $name", "en": "Hello $name", "fr-CA": "Bonjour $name"}
    options: list[object] = []
    for tag, text in texts.items():
        file = tmp_path / f"text.{tag}.txt"
        file.write_text(text, "utf-8")
        options += ["--text-file", file]
    jobs = tmp_path / "jobs.csv"
    rows = [f"{order(number)},unexpectedProblem,Zoë {number}\n" for number in range(3)]
    jobs.write_text("order_id,action,name\n" + "".join(rows), "utf-8")
    missing = invoke("bulk", jobs, *options, sandbox=sandbox)
    assert "the buyer's locale is 'sv-SE', the text is in de, en, fr-CA" in missing.stdout
    again = tmp_path / "again.csv"
    again.write_text(jobs.read_text("utf-8"), "utf-8")
    options += ["--default-language", "en", "--json", "--journal", tmp_path / "again.journal"]
    done = invoke("bulk", again, *options, sandbox=sandbox)
    assert done.returncode == 0
    languages = {
        line["order_id"]: line["language"] for line in map(json.loads, done.stdout.splitlines())
    }
    assert languages == {order(0): "de", order(1): "fr-CA", order(2): "en"}
    reported = [message.body["text"] for message in sandbox.messages(order(2))]
    assert reported == ["Hello Zoë 2"]


@pytest.mark.parametrize(
    ("names", "options", "reported"),
    [
        (["text.de.txt", "text.txt"], [], "text.txt: name its language, as in text.de.txt"),
        (["a.de.txt", "b.de.txt"], [], "two files are in de"),
        (["a.de.txt", "b.foo1.txt"], [], "'foo1' is no language tag"),
        (["a.de.txt", "b.en.txt"], ["--default-language", "fr"], "the default 'fr' is none"),
        (["a.de.txt"], ["--default-language", "de"], "--default-language is for a text in several"),
    ],
)
def test_text_files_that_are_no_text(
    names: list[str], options: list[str], reported: str, tmp_path: Path
) -> None:
    files: list[object] = []
    for name in names:
        (tmp_path / name).write_text("Hallo", "utf-8")
        files += ["--text-file", tmp_path / name]
    (tmp_path / "jobs.csv").write_text(f"order_id,action\n{order(1)},unexpectedProblem\n", "utf-8")
    done = invoke("bulk", tmp_path / "jobs.csv", *files, *options)
    assert done.returncode == 2
    assert reported in done.stderr


SLIPS = [
    {"text": "Liebe Zoë,\nSchreiben Sie an <b>shop@example.com</b>, bitte."},
    {"text": "商品について www.instagram.com/shop をご覧ください"},
    {"text": "Ihr Paket\u200b kommt morgen."},
    {"text": "Ihr Paket kommt morgen."},
]


def test_what_a_text_should_not_contain_is_shown_where_it_stands(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The caret stands under the place, also behind wide characters, and finds the unseen."""
    jobs = tmp_path / "jobs.jsonl"
    lines = [
        json.dumps({"order_id": order(number), "action": "unexpectedProblem"} | slip)
        for number, slip in enumerate(SLIPS)
    ]
    jobs.write_text("\n".join(lines), "utf-8")
    refused = invoke("bulk", jobs, "--content", "refuse", sandbox=sandbox)
    assert refused.returncode == 2
    assert "line 4" not in refused.stderr
    assert "nothing was sent: 3 of 4 jobs are invalid" in refused.stderr
    shown = [line.removeprefix("spapi-messaging: ") for line in refused.stderr.splitlines()]
    places = [(shown[n - 1], shown[n]) for n in range(len(shown)) if set(shown[n]) == {" ", "^"}]
    assert (
        "    Schreiben Sie an <b>shop@example.com</b>, bitte.",
        "                        ^^^^^^^^^^^^^^^^",
    ) in places
    assert (
        "    商品について www.instagram.com/shop をご覧ください",
        "                 ^^^^^^^^^^^^^^^^^^^^^^",
    ) in places
    assert ("    Ihr Paket· kommt morgen.", "             ^") in places
    assert not sandbox.messages()
    warned = invoke("bulk", jobs, sandbox=sandbox)
    assert warned.returncode == 0
    assert "line 3: " in warned.stderr
    quiet = invoke("bulk", jobs, "--content", "off", sandbox=sandbox)
    assert quiet.stderr == ""


def test_send_shows_what_a_text_should_not_contain(sandbox: Sandbox) -> None:
    arguments = ["send", order(1), "unexpectedProblem", "--text", "Mail me: shop@example.com"]
    refused = invoke(*arguments, "--content", "refuse", sandbox=sandbox)
    assert refused.returncode == 2
    assert "spapi-messaging:              ^^^^^^^^^^^^^^^^" in refused.stderr
    assert not sandbox.messages()
    assert invoke(*arguments, sandbox=sandbox).returncode == 0
    assert len(sandbox.messages()) == 1
