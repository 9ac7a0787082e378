"""What several runs differ in, said before anybody trusts a mean over them."""

from collections.abc import Sequence

from agent.report.several import Run
from agent.report.words import listed

FREE = ("seed", "learners", "workers", "scenario")  # options in which runs of one comparison may differ


def warnings(runs: Sequence[Run]) -> list[str]:
    """What a reader has to know before trusting a mean over these runs; one sentence each."""
    return [*_scenarios(runs), *_hashes(runs), *_same_world(runs), *_options(runs), *_unfinished(runs)]


def _scenarios(runs: Sequence[Run]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for run in runs:
        groups.setdefault(str(run.scenario.get("name", "unknown")), []).append(run.name)
    if len(groups) > 1:
        told = [f"{name} ({listed(names)})" for name, names in groups.items()]
        return [f"The runs are of different scenarios, and means mix them: {listed(told)}."]
    contents = {repr(sorted(run.scenario.items())) for run in runs}
    return (
        ["The scenario has one name and not one content: it was changed between the runs."] if len(contents) > 1 else []
    )


def _hashes(runs: Sequence[Run]) -> list[str]:
    said = []
    codes = {str(run.config.get("hashes", {}).get("code")) for run in runs}
    if len(codes) > 1:
        said.append("The runs were made by different code (hashes.code), so a difference may be of the code.")
    worlds: dict[str, set[str]] = {}
    for run in runs:
        worlds.setdefault(run.world, set()).add(str(run.config.get("hashes", {}).get("place")))
    moved = [world for world, places in worlds.items() if len(places) > 1]
    if moved:
        said.append(
            f"Of {listed(moved)} there are runs with different frames (hashes.place): their marks are not comparable."
        )
    bare = [run.name for run in runs if not run.config]
    if bare:
        said.append(f"Without config.json nobody knows what was run: {listed(bare)}.")
    return said


def _same_world(runs: Sequence[Run]) -> list[str]:
    """A learner that ran twice in one world gives an interval that says nothing of other worlds."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        place = run.config.get("hashes", {}).get("place")
        if place is not None:
            groups.setdefault(str(place), []).append(run)
    said = []
    for group in groups.values():
        names = [name for run in group for name in run.log.learners]
        if len(group) > 1 and len(names) != len(set(names)):
            said.append(
                f"{listed([run.name for run in group])} are of the same world ({group[0].world}): their spread says "
                "nothing about other gardens."
            )
    return said


def _options(runs: Sequence[Run]) -> list[str]:
    told: dict[str, set[str]] = {}
    for run in runs:
        for key, value in run.config.get("options", {}).items():
            if key not in FREE:
                told.setdefault(key, set()).add(str(value))
    differ = [f"{key} ({listed(sorted(values))})" for key, values in told.items() if len(values) > 1]
    return [f"Options differ: {listed(differ)}."] if differ else []


def _unfinished(runs: Sequence[Run]) -> list[str]:
    cut = [run.name for run in runs if run.log.ended != "finished"]
    return [f"Not finished, and counted as far as they got: {listed(cut)}."] if cut else []
