"""Where the parts of the project lie."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
BUILT_FRONTEND = ROOT / "frontend" / "dist" / "browser"
