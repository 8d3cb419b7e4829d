"""What tests ask the sandbox's own API, for its inbox and for programs."""

from typing import Any

from helpers.sandbox_client import ORDER, Api, Reply

OWN = "/__sandbox__/"
MAY = {"X-Sandbox": "1"}
OTHER = "111-1111111-1111111"


async def change(api: Api, name: str, value: Any = None, **headers: str) -> Reply:
    return await api.call("POST", OWN + name, json=value or {}, headers={**MAY, **headers})


async def say(api: Api, *texts: str, order: str = ORDER) -> None:
    for text in texts:
        reply = await api.post("unexpectedProblem", {"text": text}, order=order)
        assert reply.status == 201


async def messages(api: Api, query: str = "") -> Any:
    return (await api.get(f"{OWN}messages{query}")).json


def texts(shown: Any) -> list[str]:
    return [message["text"] for message in shown["messages"]]
