"""A first scenario to change: every key that matters, with what it means, in a file that loads as it is."""

import re
from pathlib import Path

STARTER = """\
# yaml-language-server: $schema=./evergreen.schema.json
# (for completion in the editor: python run_sim.py schema > evergreen.schema.json, beside this file)

name: {name}
summary: the lens gets dirty in summer, and somebody cleans it   # one line: what does this test?

# The calendar. Dates are written 2030-04-10. The robot is trained in the first 21 days (commissioning_days),
# so begin your changes after that.
start: 2030-04-10
days: 456
# speed: 1                     # 7: a week passes while the robot does the steps of a day

# Where. `extends: four_seasons` in place of all this takes over another scenario, to change a few things in it.
climate: humid_continental     # temperate_oceanic, mediterranean, subarctic, constant; or measured days:
# climate: {{file: weather.csv, latitude_deg: 48.1}}
soil: loam
garden:
  beds: 6
  species: [snowdrop, daffodil, tulip, lavender, coneflower, aster, rose, hydrangea, forsythia, apple, spruce]

# Who answers the robot after commissioning: oracle, contact, none; or keys:
# teacher: {{budget: 0.05, asks: entropy}}   # 5 % of the frames, those of which the learner is least sure

# What changes. An event moves one axis (python run_sim.py axes lists them):
#   set: go to a value     add: on top of what is there     scale: times what is there
#   shape: step (stays), ramp or sigmoid (takes `days`, then stays), window (for `days`), pulse (up and down again),
#          cycle (period_days), walk (relax_days)
drift:
  - axis: camera.dirt          # dust settles on the lens for two months ...
    set: 0.6
    shape: ramp
    at: 2030-06-01
    days: 60
  - axis: camera.dirt          # ... and is wiped off in one go
    set: 0
    at: 2030-08-15
  - axis: weather.fog          # a week of fog
    add: 0.7
    shape: window
    at: 2030-10-05
    days: 7
    edge_days: 2

# off: [camera]                # try it without the camera's events
# freeze: {{plants: 2030-09-01}} # or with plants that stand still from a date on
"""


def write_starter(file: str | Path) -> Path:
    """Write a scenario to begin with; it is called after the file.

    Raises:
        ValueError: the file is there already, or is not called *.yaml.
    """
    path = Path(file)
    if path.suffix not in (".yaml", ".yml"):
        raise ValueError(f"'{path}' should end in .yaml")
    name = re.sub(r"[^a-z0-9_-]", "_", path.stem.lower())
    try:
        with path.open("x", encoding="utf-8") as out:
            out.write(STARTER.format(name=name.lstrip("_-")[:64] or "mine"))
    except FileExistsError:
        raise ValueError(f"'{path}' is there already and stays as it is; choose another name") from None
    return path
