"""Tests: one file per module, and one walk through all of them."""

import sys
from types import ModuleType

# Stands in for Datasette's plugin, which takes 0.6 s to import, and 8 ms for each archive served; the tests of
# /-/mcp take the real one.
sys.modules.setdefault("datasette_mcp", ModuleType("datasette_mcp"))
