"""Names that the fields of other tools have, in the languages of the marketplaces.

Without blanks and signs, casefolded: ``First Name``, ``first-name`` and ``FIRST_NAME`` are one.
What stands in brackets in many a text is none of them: "[optional]", "[sic]", "[Set]", "[Color]".
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIELD_NAMES = _words(
    # English, and what mail-merge programs call them
    "name firstname lastname fullname middlename fname lname surname forename givenname familyname "
    "yourname yourfirstname myname nickname customer customername customersname customerfirstname "
    "client clientname buyer buyername buyerfirstname recipient recipientname recipientfirstname "
    "contactname username title salutation company companyname yourcompany store storename "
    "shopname sellername brandname order orderid orderno ordernr ordernumber ordernum orderdate "
    "ordertotal amazonorderid product productname producttitle item itemname itemtitle sku asin "
    "quantity qty price amount total date today shipdate shippingdate deliverydate duedate "
    "tracking trackingno trackingid trackingnumber trackingcode trackinglink trackingurl carrier "
    "carriername invoice invoiceno invoicenumber email emailaddress phone phonenumber address "
    "streetaddress city zip zipcode postcode country link url insertname insertnamehere "
    "insertlink inserttext inserttexthere placeholder unsubscribe yoursignature "
    "fieldname licensekey licencekey activationcode serialnumber "
    # German
    "vorname nachname familienname zuname kunde kundenname kundin kundennummer käufer käufername "
    "empfänger anrede ihrname deinname firma firmenname bestellung bestellnummer bestellnr "
    "bestelldatum auftragsnummer artikel artikelname artikelnummer produkt produktname menge preis "
    "betrag datum lieferdatum liefertermin sendungsnummer trackingnummer rechnungsnummer strasse "
    "ort plz adresse hiereinfügen nameeinfügen texteinfügen platzhalter "
    # French
    "nom prénom prenom nomdefamille nomcomplet nomduclient nomclient votrenom client civilité "
    "société commande numérodecommande numerodecommande nocommande produit nomduproduit "
    "quantité datedelivraison numérodesuivi adresse montant "
    # Spanish, Portuguese, Italian
    "nombre nombres apellido apellidos nombrecompleto nombredelcliente nombrecliente cliente "
    "sunombre tunombre pedido númerodepedido numerodepedido producto nombredelproducto cantidad "
    "fecha importe dirección númerodeseguimiento "
    "nome sobrenome primeironome nomecompleto nomedocliente nomecliente seunome númerodopedido "
    "numerodopedido produto nomedoproduto quantidade endereço códigoderastreio "
    "cognome nomeecognome nomecliente iltuonome ordine numeroordine numerodordine prodotto "
    "nomeprodotto quantità importo indirizzo numeroditracking "
    # Dutch, Afrikaans, Swedish, Danish, Norwegian
    "naam voornaam achternaam klantnaam uwnaam jouwnaam ordernummer bestelnummer productnaam "
    "aantal bedrag adres noemnaam kliëntnaam bestelnommer "
    "namn förnamn efternamn kundnamn kundensnamn dittnamn produktnamn beställningsnummer antal "
    "datum adress navn fornavn efternavn etternavn kundenavn ordrenummer produktnavn dato "
    # Polish, Czech, Turkish, Irish
    "imię imie nazwisko imięinazwisko nazwaklienta klient zamówienie numerzamówienia produkt "
    "nazwaproduktu ilość kwota jméno příjmení číslobjednávky zákazník "
    "ad\u0131 isim soyad soyad\u0131 adsoyad müşteri müşteriad\u0131 sipariş siparişno "
    "siparişnumaras\u0131 ürün ürünad\u0131 tarih ainm sloinne "
    # Japanese, Chinese
    "名前 お名前 氏名 姓名 姓 名 お客様名 購入者名 注文番号 商品名 日付 住所 追跡番号 "
    "名字 客户姓名 客户名 买家姓名 订单号 订单编号 商品名称 日期 地址 收件人 "
    # Arabic, and India's
    "الاسم اسم اسمالعميل الاسمالأول رقمالطلب المنتج التاريخ "
    "नाम ग्राहककानाम ऑर्डरनंबर பெயர் పేరు নাম ಹೆಸರು പേര് नाव"
)
