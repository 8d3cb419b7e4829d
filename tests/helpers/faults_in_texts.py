# ruff: noqa: RUF001 -- texts in the scripts of 23 marketplaces
"""What may not be in a text to a buyer, to be planted into clean ones, and what is found."""

from spapi_messaging import check_text

HTML = ["<b>", "</p>", "<br/>", "<BR />", "&nbsp;", "&#8364;", "&eacute;", '<a href="order">']
EMAILS = [
    "kundenservice@beispiel-shop.de",
    "info@example.co.jp",
    "o.brien+1@mail.example.com",
    "shop (at) example.com",
    "shop[at]example[dot]de",
]
LINKS = [
    "https://www.example.com/orders/7?step=2",
    "www.example.com/manual.pdf",
    "HTTP://example.de/a",
    "example.com/path",
    "shop.example.co.uk/t/9",
    "https://www.dhl.de",
    "xn--mnchen-3ya.example.fr/a",
]
UNRELATED = [
    "https://www.facebook.com/ourshop",
    "wa.me/491711234567",
    "https://bit.ly/3xYz",
    "t.me/shop",
    "www.example.com",
    "example.com",
    "https://example.de/",
    "https://x.com/shop",
    "https://www.example.com/reviews/new",
    "example.fr/avis",
    "example.com/p?utm_source=amazon",
    "https://www.amazon.com/review/create-review?asin=B00",
    "https://example.es/descuento/10",
]
INVISIBLE = [
    "\u200b",
    "\u202e",
    "\u00ad",
    "\x07",
    "\ufeff",
    "\U000e0041",
    "\ue000",
    "\u0378",
    "\u2066",
    "\x85",
    "\u200d",
    "\x00\x01",
]

# Written as people there write them; the first of each has no cue word before it.
PHONES: dict[str, list[str]] = {
    "en-US": [
        "(555) 234-0123",
        "call us at 5552340123",
        "555-234-0123",
        "1-800-234-0123",
        "+1 555 234 0123",
    ],
    "en-GB": ["020 7946 0958", "Tel. 02079460958", "07700 900123", "+44 (0)20 7946 0958"],
    "en-CA": ["416-555-0123", "phone: 4165550123", "1 (416) 555-0123"],
    "fr-CA": ["514 555-0123", "téléphone 5145550123", "+1 514 555 0123"],
    "es-MX": ["55 1234 5678", "Llame al 5512345678", "(55) 1234-5678", "+52 55 1234 5678"],
    "es-ES": [
        "912 34 56 78",
        "teléfono 912345678",
        "612 345 678",
        "+34 612 345 678",
        "0034 612345678",
    ],
    "pt-BR": ["(11) 91234-5678", "WhatsApp 11912345678", "11 3123-4567", "+55 11 91234-5678"],
    "fr-FR": [
        "01 23 45 67 89",
        "Tél. : 0123456789",
        "06.12.34.56.78",
        "+33 6 12 34 56 78",
        "+33(0)612345678",
    ],
    "fr-BE": [
        "02 123 45 67",
        "appelez le 021234567",
        "0470 12 34 56",
        "0470/12.34.56",
        "+32 470 12 34 56",
    ],
    "nl-BE": ["0470 12 34 56", "bel 0470123456", "03 123 45 67", "+32 3 123 45 67"],
    "nl-NL": [
        "06-12345678",
        "Telefoon: 0612345678",
        "020-1234567",
        "+31 6 12345678",
        "0031 20 123 4567",
    ],
    "de-DE": [
        "030 12345678",
        "Telefon: 03012345678",
        "0171/1234567",
        "089 / 12 34 56",
        "+49 171 1234567",
        "0049 30 1234567",
    ],
    "it-IT": ["347 123 4567", "Chiami il 3471234567", "06 1234 5678", "+39 347 1234567"],
    "sv-SE": ["070-123 45 67", "Ring 0701234567", "08-123 456 78", "+46 70 123 45 67"],
    "pl-PL": [
        "512 345 678",
        "Telefon: 512345678",
        "(22) 123 45 67",
        "22 123 45 67",
        "+48 512 345 678",
    ],
    "ar-EG": ["٠١٠٠ ١٢٣ ٤٥٦٧", "هاتف: ٠١٠٠١٢٣٤٥٦٧", "0100 123 4567", "+20 100 123 4567"],
    "ar-SA": ["050 123 4567", "اتصل على 0501234567", "٠٥٠ ١٢٣ ٤٥٦٧", "+966 50 123 4567"],
    "ar-AE": ["04 123 4567", "واتساب 0501234567", "050-123-4567", "00971 50 123 4567"],
    "tr-TR": [
        "0532 123 45 67",
        "Telefon: 05321234567",
        "(0532) 123 45 67",
        "532 123 45 67",
        "+90 532 123 45 67",
    ],
    "hi-IN": ["98765 43210", "फ़ोन: 9876543210", "मोबाइल ९८७६५४३२१०", "+91 98765 43210"],
    "ta-IN": ["98765 43210", "தொலைபேசி: 9876543210", "+91-9876543210"],
    "te-IN": ["98765 43210", "ఫోన్: 9876543210", "+91 9876543210"],
    "bn-IN": ["98765 43210", "ফোন: ৯৮৭৬৫৪৩২১০", "+91 98765 43210"],
    "mr-IN": ["98765 43210", "फोन: 9876543210", "+91 98765-43210"],
    "kn-IN": ["98765 43210", "ಫೋನ್: 9876543210", "+91 98765 43210"],
    "ml-IN": ["98765 43210", "ഫോൺ: 9876543210", "+91 98765 43210"],
    "en-IN": ["98765-43210", "call 9876543210", "080 2345 6789", "+91 98765 43210"],
    "en-SG": ["6123 4567", "call 61234567", "9123 4567", "+65 6123 4567"],
    "zh-SG": ["9123 4567", "电话：91234567", "+65 9123 4567"],
    "zh-CN": ["+86 138 0013 8000", "手机：13800138000", "微信13800138000", "010-12345678"],
    "ja-JP": [
        "03-1234-5678",
        "電話0312345678",
        "090-1234-5678",
        "0120-123-456",
        "03-1234-5678",
        "+81 90 1234 5678",
    ],
    "en-AU": [
        "0412 345 678",
        "mobile 0412345678",
        "(02) 9876 5432",
        "1300 123 456",
        "+61 412 345 678",
    ],
    "en-ZA": ["011 123 4567", "WhatsApp 0821234567", "082 123 4567", "+27 82 123 4567"],
    "af-ZA": ["082 123 4567", "Bel 0821234567", "+27 82 123 4567"],
    "ga-IE": ["(01) 234 5678", "guthán: 0871234567", "087 123 4567", "+353 87 123 4567"],
    "da-DK": ["+45 12 34 56 78", "telefon 12345678"],
    "cs-CZ": ["+420 601 234 567", "telefon 601234567"],
}
SHOUTED: dict[str, str] = {
    "en": "PLEASE ANSWER TODAY!!!",
    "fr": "RÉPONDEZ TOUT DE SUITE, S’IL VOUS PLAÎT!",
    "es": "¡RESPONDA HOY MISMO!",
    "pt": "RESPONDA AINDA HOJE, ATENÇÃO!",
    "nl": "GRAAG VANDAAG ANTWOORDEN!",
    "de": "BITTE SOFORT ANTWORTEN! GROßE EILE!",
    "it": "RISPONDA SUBITO, È URGENTE!",
    "sv": "SVARA GENAST, ÄR DU SNÄLL!",
    "pl": "PROSZĘ PILNIE ODPOWIEDZIEĆ!",
    "tr": "LÜTFEN İVEDİLİKLE YANITLAYIN!",
    "af": "ANTWOORD ASSEBLIEF VANDAG NOG!",
    "ga": "FREAGAIR INNIU LE DO THOIL!",
    "da": "SVAR VENLIGST MED DET SAMME, ÅH!",
    "cs": "ODPOVĚZTE PROSÍM JEŠTĚ DNES!",
}


"""By language; the others have no capitals."""


def found(text: str, *, operation: str = "unexpectedProblem") -> list[tuple[str, str]]:
    """Return the codes of what a text is warned of, each with the span it stands for."""
    return [(each.code, text[each.start : each.end]) for each in check_text(text, operation)]
