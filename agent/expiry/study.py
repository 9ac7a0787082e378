"""A study of shelf life: worlds are lived, curves kept, and what follows from them is written down."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.crew import Crew
from agent.expiry import results
from agent.expiry.best_before import FILE, Forecaster, fit
from agent.expiry.curves import Curve
from agent.expiry.lives import tasks_of
from agent.expiry.options import ExpiryOptions
from agent.expiry.page import write_page
from agent.expiry.scoring import by_counting, by_signals, never_warns
from agent.expiry.worlds import STILL, World, axis_worlds, climate_worlds, pictured
from agent.students import read_plan

RESULT, ROWS, FORECASTER = "expiry.json", "worlds.jsonl", "best_before.json"
Tell = Callable[[Curve, int, int], None]


def study(options: ExpiryOptions, tell: Tell = lambda curve, done, total: None) -> Path:
    """Carry out a study.

    Args:
        options: what is asked.
        tell: is told of each curve as it comes, and how many of how many there are.

    Returns:
        The folder: expiry.json (answers), worlds.jsonl (a row a world and learner), expiry.html (a page),
        best_before.json (with `calibrate`), curves/ and worlds/ (what was lived).

    Raises:
        ValueError: an option makes no sense, or the folder holds the answer to another question.
        KeyboardInterrupt: interrupted before any world was lived.
    """
    options.check()
    forecaster = _forecaster(options)
    names = tuple(read_plan(name).name for name in options.learners)
    worlds = _worlds(options, options.seeds)
    training = _worlds(options, options.calibrate)
    _protect(options)
    curves: list[Curve] = []
    total = len(worlds) * len(names) + len(training)

    def handle(message: Any) -> None:
        if isinstance(message, Curve):
            curves.append(message)
            tell(message, len(curves), total)

    pace = options.tick_days, options.look_frames, options.commission_updates
    with Crew(options.workers) as crew:
        first = [world for world in worlds if world.axis == STILL]  # their commissioning serves the others
        for some, who in ((first, names), (training, ("frozen",)), ([w for w in worlds if w not in first], names)):
            if some and not crew.interrupted:
                crew.run(tasks_of(some, who, options.out, pace), handle)
        interrupted = crew.interrupted
    reported = _in_order(curves, worlds, names)
    if options.axis:
        reported = results.at_still_home(reported)
    if not reported:
        raise KeyboardInterrupt
    answers = {"question": options.question, "interrupted": interrupted}
    answers |= _answers(options, reported, _in_order(curves, training, ("frozen",)), forecaster)
    _write(options.out, answers, results.rows(reported, options.terms))
    write_page(options.out, answers)
    return options.out


def _answers(
    options: ExpiryOptions, reported: Sequence[Curve], training: Sequence[Curve], forecaster: Forecaster | None
) -> dict[str, Any]:
    terms = options.terms
    if options.axis:
        return {"axes": results.axes(reported, terms)}
    told: dict[str, Any] = {
        "groups": results.groups(reported, terms),
        "comparisons": results.comparisons(reported, terms),
    }
    told["first_line"] = results.first_line(told["groups"])
    seeds = options.calibrate[: len(options.calibrate) // 2]
    fitted, calibrated = ([c for c in training if (c.seed in seeds) == early] for early in (True, False))
    if fitted and calibrated:
        forecaster = replace(fit(fitted, calibrated, terms), conditions=_conditions(options))
        forecaster.save(options.out / FORECASTER)
    if forecaster is not None:
        who = {"signals": by_signals(forecaster), "median": by_counting(forecaster), "never": never_warns(forecaster)}
        told["forecasts"] = results.forecasts(reported, who, terms, forecaster)
        told["horizon_days"], told["coverage"] = forecaster.horizon_days, forecaster.coverage
    return told


def _forecaster(options: ExpiryOptions) -> Forecaster | None:
    """The forecaster that is to be scored, if it means the same by "expired"."""
    if options.axis or options.calibrate:
        return None
    if options.forecaster is None and not FILE.is_file():
        return None
    forecaster = Forecaster.load(options.forecaster or FILE)
    meant = forecaster.share, forecaster.stays_days
    if meant == (options.share, options.stays_days):
        return forecaster
    if options.forecaster is None:
        return None
    raise ValueError(
        f"{options.forecaster} foresees competence below {meant[0]:g} of home for {meant[1]} days; give the same "
        "--share and --stays-days, or --calibrate another"
    )


def _worlds(options: ExpiryOptions, seeds: tuple[int, ...]) -> list[World]:
    if options.axis:
        return pictured(axis_worlds(options.scenario, options.axis, seeds, options.days), options.picture_px)
    return pictured(climate_worlds(options.scenario, options.climates, seeds, options.days), options.picture_px)


def _in_order(curves: Sequence[Curve], worlds: Sequence[World], names: Sequence[str]) -> list[Curve]:
    """The curves of these worlds in the order of worlds and learners, whatever order they came in."""
    by_key = {(curve.world, curve.seed, curve.learner): curve for curve in curves}
    keys = [(world.name, world.seed, name) for name in names for world in worlds]
    return [by_key[key] for key in keys if key in by_key]


def _conditions(options: ExpiryOptions) -> str:
    """How worlds are looked at, in words."""
    side = f"{options.picture_px} px" if options.picture_px else "the scenario's pictures"
    frames, updates = options.look_frames, options.commission_updates
    return f"{side}, {updates} updates of commissioning, {frames} frames every {options.tick_days} days"


def _protect(options: ExpiryOptions) -> None:
    """See that no answer to another question is lost.

    Raises:
        ValueError: there is one.
    """
    file = options.out / RESULT
    if options.out.exists() and not options.out.is_dir():
        raise ValueError(f"the output folder {options.out} is a file; name a folder with --out")
    if not file.exists() or options.overwrite:
        return
    asked = json.loads(file.read_text(encoding="utf-8")).get("question", {})
    other = [name for name, value in options.question.items() if asked.get(name) != value]
    if other:
        told = ", ".join(f"{name} was {asked.get(name)}" for name in other)
        raise ValueError(
            f"{file} answers another question ({told}); name another folder with --out, or give --overwrite"
        )


def _write(folder: Path, answers: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RESULT).write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")
    (folder / ROWS).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
