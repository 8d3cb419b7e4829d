"""What the static sandbox of Amazon's model knows: its orders, and what they offer."""

GOOD, BAD = "123-1234567-1234567", "123-1234567-0000000"
US = "?marketplaceIds=ATVPDKIKX0DER"
OFFERED = (
    "confirmCustomizationDetails",
    "confirmDeliveryDetails",
    "legalDisclosure",
    "negativeFeedbackRemoval",
    "confirmOrderDetails",
    "confirmServiceDetails",
    "amazonMotors",
    "digitalAccessKey",
    "unexpectedProblem",
    "warranty",
)
