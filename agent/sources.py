"""Which sources decide what comes out: results are kept under their hash, and made anew where they have changed."""

import hashlib
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
ALL = ("agent", "garden_env", "learners", "scenarios")
WORLD = (
    "garden_env",
    "scenarios",
    "agent/stream.py",
    "agent/patrol.py",
    "agent/teacher.py",
    "agent/garden_place.py",
    "agent/monitor/probes.py",
)
"""What decides which frames are seen and asked about, whoever learns from them."""
ONLY_SHOW = ("garden_env/viewer/", "garden_env/canvas.py")
"""What is in `WORLD` by its folder and only draws windows."""


@lru_cache
def code_hash(sources: tuple[str, ...] = ALL) -> str:
    """Twelve hexadecimal digits over files and packages, by their paths in the project."""
    digest = hashlib.sha256()
    for source in sources:
        path = ROOT / source
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if sources != ALL and file.relative_to(ROOT).as_posix().startswith(ONLY_SHOW):
                continue
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
