"""Orders from the files that people have: Amazon's reports, tables, workbooks, folders of files."""

from spapi_messaging.orderfile.copies import Copy, copy_of, meant_instead, no_room, state_of
from spapi_messaging.orderfile.dates import read_date, shown_date, zone_named
from spapi_messaging.orderfile.faults import Fault, Faults
from spapi_messaging.orderfile.files.attachments import OrderAttachments
from spapi_messaging.orderfile.files.folder_orders import FolderOrders
from spapi_messaging.orderfile.jobs import order_jobs
from spapi_messaging.orderfile.joining import FileOrder
from spapi_messaging.orderfile.names import name_key, nearest, plain_name
from spapi_messaging.orderfile.order_file import OrderFile
from spapi_messaging.orderfile.order_id import (
    cell_fault,
    clean_order_id,
    error_fault,
    is_order_id,
    order_id_fault,
)
from spapi_messaging.orderfile.order_row import LeftOut, OrderRow, RowFault, count_left_out
from spapi_messaging.orderfile.reading import FILTERED, KINDS, Reading, conditions_of, read_orders
from spapi_messaging.orderfile.report_kinds import MARKETPLACE_COLUMNS
from spapi_messaging.orderfile.reports import RowReader
from spapi_messaging.orderfile.shown import MAX_SHOWN, json_kind, nearest_words, shown, shown_column
from spapi_messaging.orderfile.source import JsonSource, Source, source_of, table_source
from spapi_messaging.orderfile.tables.json_records import JsonText, looks_like_json
from spapi_messaging.orderfile.tables.rows import HiddenRows
from spapi_messaging.orderfile.templates import Template, field_of, fields_in, stray_fault, template
from spapi_messaging.orderfile.where import Condition

__all__ = [
    "FILTERED",
    "KINDS",
    "MARKETPLACE_COLUMNS",
    "MAX_SHOWN",
    "Condition",
    "Copy",
    "Fault",
    "Faults",
    "FileOrder",
    "FolderOrders",
    "HiddenRows",
    "JsonSource",
    "JsonText",
    "LeftOut",
    "OrderAttachments",
    "OrderFile",
    "OrderRow",
    "Reading",
    "RowFault",
    "RowReader",
    "Source",
    "Template",
    "cell_fault",
    "clean_order_id",
    "conditions_of",
    "copy_of",
    "count_left_out",
    "error_fault",
    "field_of",
    "fields_in",
    "is_order_id",
    "json_kind",
    "looks_like_json",
    "meant_instead",
    "name_key",
    "nearest",
    "nearest_words",
    "no_room",
    "order_id_fault",
    "order_jobs",
    "plain_name",
    "read_date",
    "read_orders",
    "shown",
    "shown_column",
    "shown_date",
    "source_of",
    "state_of",
    "stray_fault",
    "table_source",
    "template",
    "zone_named",
]
