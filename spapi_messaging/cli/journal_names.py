"""How a journal is named after the file of its jobs, unless it has a name of its own."""

from pathlib import Path

ENDING = ".journal"


def journal_of(jobs: Path) -> Path:
    """Return the journal that a file or folder of jobs has beside it."""
    return Path(f"{jobs}{ENDING}")


def jobs_of(journal: Path | str) -> Path | None:
    """Return the file of a journal's jobs, where its name tells it."""
    name = str(journal)
    return Path(name.removesuffix(ENDING)) if name.endswith(ENDING) else None
