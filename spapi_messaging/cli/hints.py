"""Commands that a user is told to type next: ready to paste, with every option that was given.

One that is left out would be another run: without its journal it would begin from the start, and
without its text it could not be read at all. The options are read from the class that declares
them, so that one more is repeated, too.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard, get_type_hints

import attrs

from spapi_messaging.cli.journal_names import jobs_of
from spapi_messaging.cli.options import CampaignOptions
from spapi_messaging.cli.words import path_word, quoted

PROGRAM = "spapi-messaging"
_MODULE = "spapi_messaging.cli"


def command(name: str, options: CampaignOptions, *, without: frozenset[str] = frozenset()) -> str:
    """Return the command line of a name with the same options, quoted for the shell."""
    file = str(options.file) if options.piped else path_word(options.file)
    return quoted([*_program(), name, file, *_words(options, without)])


def program_command(*words: str) -> str:
    """Return the program with these words, by a name that the shell will find."""
    return quoted([*_program(), *words])


def resume_words(journal: Path) -> list[str]:
    """Return what `resume` is given for a journal: its file of jobs, where its name tells it.

    A journal of another name must be named beside the file, or the run would begin anew.
    """
    jobs = jobs_of(journal)
    if jobs is not None and jobs.exists():
        return [path_word(jobs)]
    return ["FILE", "--journal", path_word(journal)]


def _words(options: CampaignOptions, without: frozenset[str]) -> Iterator[str]:
    declared = get_type_hints(CampaignOptions, include_extras=True)
    for field in attrs.fields(CampaignOptions):
        value = getattr(options, field.name)
        if field.name in {"file", *without} or value == field.default:
            continue
        flag = _flag(field.name, declared[field.name])
        if value is True:
            yield flag
            continue
        for one in value if isinstance(value, list) else [value]:
            yield from (flag, _written(one))


def _flag(name: str, declared: Any) -> str:
    """Return the long form of an option."""
    (option,) = declared.__metadata__
    # What is given first stands in the place of a default, which Annotated leaves to the field.
    names = [word for word in (option.default, *(option.param_decls or ())) if _is_flag(word)]
    return max(names, key=len, default=f"--{name.replace('_', '-')}")


def _is_flag(word: object) -> TypeGuard[str]:
    return isinstance(word, str) and word.startswith("-")


def _written(value: object) -> str:
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _program() -> list[str]:
    """Return how the program was started, as short as the shell will find it."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py":
        return [_found("python", Path(sys.executable)), "-m", _MODULE]
    if started.stem != PROGRAM:
        return [PROGRAM]
    return [_found(PROGRAM, started)]


def _found(name: str, program: Path) -> str:
    """Return a program's name if the shell finds it by that, else its path."""
    found = shutil.which(name)
    return name if found and Path(found).absolute() == program.absolute() else str(program)
