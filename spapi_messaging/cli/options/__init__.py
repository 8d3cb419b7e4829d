"""The options of the commands."""

from spapi_messaging.cli.options import panels
from spapi_messaging.cli.options.campaign import CampaignOptions, takes
from spapi_messaging.cli.options.completion import actions
from spapi_messaging.cli.options.files import TimeZone
from spapi_messaging.cli.options.shared import (
    MAX_BURST,
    CampaignName,
    ContentOption,
    CredentialsFile,
    Database,
    DefaultLanguage,
    JournalPath,
    MarketplaceCode,
    OrderId,
    Static,
    TextFiles,
    read_rate,
)

__all__ = [
    "MAX_BURST",
    "CampaignName",
    "CampaignOptions",
    "ContentOption",
    "CredentialsFile",
    "Database",
    "DefaultLanguage",
    "JournalPath",
    "MarketplaceCode",
    "OrderId",
    "Static",
    "TextFiles",
    "TimeZone",
    "actions",
    "panels",
    "read_rate",
    "takes",
]
