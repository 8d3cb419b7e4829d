"""Words, hosts and endings that the rules for a text's content look for.

They cover the languages and countries of the 23 marketplaces. Words are in lower case.
"""

import re
from functools import cache

Span = tuple[int, int]

# Latin letters only: Japanese, Arabic … write on without a blank after an address.
LATIN = "A-Za-z0-9\u00c0-\u024f"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of this package when it is needed: all of them take some 30 ms."""
    return re.compile(pattern)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Bare domains are links under these endings only: "usw.Bitte", "invoice.pdf" and "Node.js" are
# not. Endings that are file types as well (.sh, .zip, .md, .py) are left out for that.
TLDS = _words(
    "com net org info biz eu io co uk de fr es it nl be pl se ie ca us mx br au jp in sg za eg tr "
    "sa ae cn hk tw ch at lu dk no fi pt cz sk hu gr ro bg ua nz my kr me tv cc ly gl gg gd ee to "
    "shop store online site app dev link page xyz club top live tech cloud support help"
)

UNRELATED_HOSTS = _words(
    # social networks and messengers
    "facebook.com fb.com fb.me m.me messenger.com instagram.com twitter.com x.com t.co tiktok.com "
    "threads.net pinterest.com snapchat.com linkedin.com reddit.com discord.gg discord.com vk.com "
    "wa.me whatsapp.com t.me telegram.me telegram.org line.me lin.ee viber.com signal.me "
    "wechat.com weixin.qq.com weibo.com xiaohongshu.com linktr.ee "
    # shorteners, which hide where they lead
    "bit.ly tinyurl.com goo.gl ow.ly cutt.ly rebrand.ly t.ly is.gd buff.ly rb.gy shorturl.at "
    "amzn.to amzn.eu amzn.asia a.co "
    # reviews
    "trustpilot.com yelp.com g.page trustedshops.com trustedshops.de tripadvisor.com sitejabber.com"
    # other market places
    " ebay.com ebay.de ebay.co.uk ebay.fr ebay.it ebay.es etsy.com aliexpress.com temu.com "
    "shein.com walmart.com mercadolibre.com.mx mercadolivre.com.br flipkart.com rakuten.co.jp "
    "bol.com allegro.pl noon.com trendyol.com"
)

CARRIERS = _words(
    "dhl ups fedex dpd gls hermesworld myhermes evri usps royalmail canadapost purolator laposte "
    "colissimo chronopost mondialrelay correos seur mrw poste brt sda postnl bpost postnord "
    "budbee inpost poczta-polska aramex smsaexpress naqelexpress bluedart delhivery dtdc indiapost "
    "singpost ninjavan auspost startrack kuronekoyamato yamato sagawa-exp japanpost estafeta "
    "anpost yurticikargo araskargo ptt tnt"
)

MARKETING = _words(
    "review reviews rating ratings feedback testimonial testimonials bewertung bewertungen "
    "rezension avis opinion opiniones resena resenas reseña reseñas recensione recensioni recensie "
    "recensies beoordeling beoordelingen opinie recenzja recenzje avaliacao avaliacoes avaliação "
    "yorum yorumlar recension omdome omdöme "
    "coupon coupons voucher vouchers promo promotion promotions promocode discount discounts "
    "gutschein gutscheine rabatt rabatte remise bonplan cupon cupón descuento desconto sconto "
    "buono korting kortingscode kupon rabat indirim sale sales deal deals offer offers angebote "
    "angebot newsletter subscribe subscription giveaway gewinnspiel affiliate aff referral "
    "loyalty bestseller bestsellers blackfriday utm_source utm_medium utm_campaign utm_content "
    "utm_term tag fbclid gclid"
)

_TRACKING = _words(
    "track tracking trace shipment shipments parcel delivery deliver appointment appointments "
    "booking book schedule calendar slot slots reschedule technician service support manual "
    "sendung sendungsverfolgung sendungen paket lieferung termin termine suivi livraison rdv "
    "seguimiento envio entrega cita citas rastreo rastreamento agendamento spedizione tracciamento "
    "appuntamento bezorging afspraak zending sparning spåra leverans tid sledzenie dostawa wizyta "
    "termin kargo takip teslimat randevu"
)
_KEYS = _words(
    "download downloads dl activate activation activar aktivieren aktivierung activer redeem "
    "einloesen key keys license licence licenses lizenz install installer setup register account "
    "login access support"
)
PURPOSE = {
    "createConfirmDeliveryDetails": _TRACKING,
    "createConfirmServiceDetails": _TRACKING,
    "createUnexpectedProblem": _TRACKING,
    "createDigitalAccessKey": _KEYS,
    # The buyer is asked to review a design, not the seller.
    "confirmCustomizationDetails": _words(
        "review proof proofs preview design designs customize personalize personalise"
    ),
}
"""What a link may be about for the operation's sake, wherever else it leads."""

TAGS = _words(
    "a abbr address article aside audio b base big blockquote body br button center cite code col "
    "dd del div dl dt em embed font footer form frame h[1-6] head header hr html i iframe img "
    "input ins label li link main map marquee meta nav object ol option p pre q s script section "
    "select small span strike strong style sub sup svg table tbody td textarea tfoot th thead "
    "title tr tt u ul video"
)

PHONE_CUES = (
    r"(?<![^\W\d_])(?:tel|tél|tfn|tlf|tlph|ph|mob|fax|sms|gsm)(?![^\W\d_])",
    (
        r"(?<![^\W\d_])(?:call|ring|text us|rufen|anruf\w*|ruf|bellen|bel|foon|selfoon|appelez|"
        r"llame|llámenos|ligue|chiamare|chiamate|chiami|zadzwo\w+|ring|ara\w{0,8}|glao\w*|volejte)"
        r"(?![^\W\d_])"
    ),
    (
        r"t[eé]l[eéè]?[fp]h?[oóô]\w*|phone|whats ?app|wechat|viber|telegram|hotline|handy|mobil\w*|"
        r"celular|cellulare|komórk\w*|g?uthán|fón|gsm|telefoon|numara\w*"
    ),
    r"電話|携帯|ファックス|电话|手机|微信|聯絡|致电|拨打",
    r"هاتف|جوال|موبايل|تليفون|اتصل|اتصال|واتس|تلفون",
    (
        r"फ़ोन|फोन|मोबाइल|मोबाईल|कॉल|व्हाट्स|தொலைபேசி|கைபேசி|அழை|போன்|ఫోన్|మొబైల్|కాల్|ফোন|মোবাইল|কল|"
        r"ಫೋನ್|ಮೊಬೈಲ್|ಕರೆ|ഫോൺ|മൊബൈൽ|വിളി"
    ),
)

ID_CUES = (
    (
        r"orders?|commande|pedido|ordine|bestell\w*|beställning\w*|zamówien\w*|sipariş\w*|ordre|"
        r"objednáv\w*|bestelling|ordú|auftrag\w*"
    ),
    (
        r"track\w*|sendung\w*|suivi|seguimiento|rastre\w*|spedizione|zending\w*|kolli\w*|przesyłk\w*|"
        r"kargo|takip|parcel|colis|paket\w*|rintracciamento|shipment|awb|zásilk\w*|forsendelse\w*|"
        r"guía|guia"
    ),
    (
        r"serial|serien\w*|série|serie\w*|seri no|seriov\w*|serijn\w*|seryjny|s/n|sn|"
        r"isbn|ean|upc|gtin|sku|asin|iban|imei|vat|btw|tva|iva|nip|regon|cnpj|cpf|siret|"
        r"ust\W?id\w*|abn|gst\w*|zip|postal|postcode|plz|cep|pin(?: code)?|ref|refer\w*|"
        r"référence|invoice|rechnung\w*|facture|factura|fattura|faktur\w*|ticket|kunden\w*|model\w*|"
        r"article|artikel\w*|case|key|code|licen\w*|lizenz\w*|account|konto"
    ),
)

ID_CUES_OF_SCRIPTS = (
    r"注文|伝票|追跡|問い合わせ|郵便|製造|型番|订单|单号|快递|编号|序列",
    r"طلب|شحن|تتبع|الرقم التسلسلي|فاتورة|ऑर्डर|ट्रैकिंग|सीरियल|ஆர்டர்|ఆర్డర్|অর্ডার|ಆರ್ಡರ್|ഓർഡർ|ട്രാക്കിംഗ്",
)

ACRONYMS = _words(
    "DHL UPS DPD GLS TNT USPS FEDEX IBAN BIC SWIFT SEPA USB HDMI LED PDF VAT EAN SKU ISBN ASIN "
    "IMEI PIN QR SMS GPS LTE RAM SSD HDD RGB UHD OLED QLED NFC WIFI WLAN CPU GPU UV BPA XL XXL XS "
    "EU UK USA UAE AM PM ID OK TV PC DVD CD AC DC IP PVC MDF EXPRESS"
)
