"""The words of dates: months in the languages of the marketplaces, and zones of time by name."""

from collections.abc import Mapping
from datetime import UTC, timedelta, timezone
from types import MappingProxyType

_MONTHS = (
    "jan january januar jänner janv janvier ene enero gen gennaio januari janeiro",
    "feb february februar feber fév févr février feb febrero febbraio februari fev fevereiro",
    "mar march mär märz mrz maerz mars marzo mrt maart março",
    "apr april avr avril abr abril aprile",
    "may mai mayo mag maggio mei maj maio",
    "jun june juni juin junio giu giugno junho",
    "jul july juli juil juillet julio lug luglio julho",
    "aug august août aout ago agosto augustus augusti",
    "sep sept september septembre septiembre set settembre setembro",
    "oct october okt oktober octobre octubre ott ottobre out outubro",
    "nov november novembre noviembre novembro",
    "dec december dez dezember déc décembre dic diciembre dicembre dezembro",
)
MONTHS: Mapping[str, int] = MappingProxyType(
    {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
)

_HOURS = {
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "WET": 0,
    "WEST": 1,
    "BST": 1,
    "CET": 1,
    "MET": 1,
    "MEZ": 1,
    "CEST": 2,
    "MEST": 2,
    "MESZ": 2,
    "EET": 2,
    "EEST": 3,
    "JST": 9,
    "AEST": 10,
    "AEDT": 11,
    "PST": -8,
    "PDT": -7,
    "MST": -7,
    "MDT": -6,
    "EST": -5,
    "EDT": -4,
}
# CST, IST and AST are several zones each, and are not among them.
ZONES: Mapping[str, timezone] = MappingProxyType(
    {
        name: timezone(timedelta(hours=hours), name) if hours else UTC
        for name, hours in _HOURS.items()
    }
)
