"""The language that the buyers of a marketplace read, where nothing else is said of an order."""

from collections.abc import Mapping

from spapi_messaging.marketplaces import Marketplace

LOCALES: Mapping[Marketplace, str] = {
    Marketplace.CA: "en-CA",
    Marketplace.US: "en-US",
    Marketplace.MX: "es-MX",
    Marketplace.BR: "pt-BR",
    Marketplace.IE: "en-IE",
    Marketplace.ES: "es-ES",
    Marketplace.UK: "en-GB",
    Marketplace.FR: "fr-FR",
    Marketplace.BE: "nl-BE",  # most of its people speak Dutch; Amazon.com.be is in French, too
    Marketplace.NL: "nl-NL",
    Marketplace.DE: "de-DE",
    Marketplace.IT: "it-IT",
    Marketplace.SE: "sv-SE",
    Marketplace.ZA: "en-ZA",
    Marketplace.PL: "pl-PL",
    Marketplace.EG: "ar-EG",
    Marketplace.TR: "tr-TR",
    Marketplace.SA: "ar-SA",
    Marketplace.AE: "ar-AE",
    Marketplace.IN: "en-IN",
    Marketplace.SG: "en-SG",
    Marketplace.AU: "en-AU",
    Marketplace.JP: "ja-JP",
}
