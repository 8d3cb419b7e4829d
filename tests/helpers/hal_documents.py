"""HAL documents and links to look at, most of them made of literal JSON."""

import json

from spapi_messaging.hal import Document, Link

ORDER = "https://api.example/messaging/v1/orders/1?marketplaceIds=X"

# Shaped as Amazon's discovery answer: a list of named links, and the same embedded.
DISCOVERY = """
{
  "_links": {
    "actions": [
      {"href": "/messaging/v1/orders/1/messages/invoice?marketplaceIds=X", "name": "sendInvoice"},
      {"href": "/messaging/v1/orders/1/messages/warranty?marketplaceIds=X", "name": "warranty"},
      {"href": "/messaging/v1/orders/1/attributes?marketplaceIds=X", "name": "attributes"}
    ],
    "self": {"href": "/messaging/v1/orders/1?marketplaceIds=X"}
  },
  "_embedded": {
    "actions": [
      {
        "_links": {
          "schema": {"href": "/messaging/v1/orders/1/messages/warranty/schema"},
          "self": {"href": "/messaging/v1/orders/1/messages/warranty?marketplaceIds=X",
                   "name": "warranty"}
        },
        "_embedded": {"schema": {"type": "object", "required": []}},
        "name": "warranty",
        "title": "Warranty"
      }
    ]
  },
  "payload": {"unknown": [1, null]}
}
"""
CURIES = """
{
  "_links": {
    "curies": [
      {"name": "acme", "href": "https://docs.example/rels/{rel}", "templated": true},
      {"name": "near", "href": "/rels/{rel}", "templated": true},
      {"name": "acme", "href": "https://second.example/{rel}", "templated": true}
    ],
    "acme:widgets": {"href": "/widgets"},
    "https://docs.example/rels/gears": {"href": "/gears"}
  },
  "_embedded": {
    "acme:parts": [
      {"_links": {"acme:bolts": {"href": "/bolts"}},
       "_embedded": {"own": {
         "_links": {
           "curies": {"name": "acme", "href": "https://own.example/{rel}", "templated": true},
           "acme:nuts": {"href": "/nuts"}
         }
       }}}
    ]
  }
}
"""


def parse(text: str, url: str = ORDER) -> Document:
    """Return the document of a JSON text."""
    return Document.parse(json.loads(text), url=url)


def link_of(raw: object, url: str = ORDER) -> Link:
    """Return the only link of a document, given as it stands there."""
    return Document.parse({"_links": {"x": raw}}, url=url).link("x")


def template(href: str, url: str = "https://h.example/") -> Link:
    """Return a templated link."""
    return link_of({"href": href, "templated": True}, url)


def faults(value: object) -> list[tuple[str, str]]:
    """Return the issues of a document, their paths and what they say."""
    issues = Document.parse(value, url=ORDER).issues
    return [(issue.path, issue.fault) for issue in issues]
