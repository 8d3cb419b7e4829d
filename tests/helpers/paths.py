"""Where this checkout is, and the path by which programs of the tests find it."""

import os
from pathlib import Path

HELPERS = Path(__file__).parent
ROOT = HELPERS.parents[1]
README = ROOT / "README.md"
REFERENCE = ROOT.parent / "shared" / "reference"
"""Amazon's models and real answers, where they lie beside the checkout."""
PYTHONPATH = os.pathsep.join((str(ROOT), str(HELPERS.parent)))
