"""The smoke test: the project can be checked out and its tests run. Replace it by tests of your own.

    python3 -m unittest discover -s tests
"""

import pathlib
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Smoke(unittest.TestCase):
    def test_the_requirements_are_readable(self):
        text = (ROOT / "docs" / "PRD.md").read_text(encoding="utf-8")
        self.assertTrue(text.startswith("# "), "docs/PRD.md has no title")


if __name__ == "__main__":
    unittest.main()
