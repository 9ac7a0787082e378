"""The piece of a gardening run that is done in a process of its own: one gardener's life."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from agent.brief import Brief
from agent.enrolment import admission, enrol
from agent.garden_options import BASELINES
from agent.garden_place import GardenPlace
from agent.gardening import GardenerStream
from agent.live import live
from agent.map_mind import MapMind
from agent.nets import save_weights
from agent.perception import recognise
from agent.realtime import Hurried
from agent.task_score import score_seasons
from agent.tasks import Advanced
from learners.base import Learner
from learners.cost import count_flops

Send = Callable[[Any], None]
Stop = Callable[[], bool]
TELL_EVERY_BLOCKS = 8


@dataclass(frozen=True)
class Gardened:
    """A gardener's life is over.

    Attributes:
        name: of the gardener.
        seasons: its scores, as `agent.task_score.SeasonScore.to_json` has them.
        deeds: what it did, a row for every change of state, with the date that it did not know.
        cost: seconds of the processor for the whole life, FLOPs, bytes of memory, labels and updates.
        track: (T, 2) float64, where it was at the end of every step [m].
        belief: (R, C) uint8, its map at the end, or None for those who need none.
        whole: whether the life was lived to its end.
    """

    name: str
    seasons: list[dict[str, Any]]
    deeds: list[dict[str, Any]]
    cost: dict[str, float]
    track: np.ndarray
    belief: np.ndarray | None
    whole: bool


def garden_life(brief: Brief, name: str, send: Send, stop: Stop) -> None:
    """Let one gardener live; its learner, if it has one, was commissioned before."""
    place = brief.place
    assert isinstance(place, GardenPlace), "gardeners live in gardens"
    track: list[np.ndarray] = []
    learner: Learner | None = None
    frames = None if name in BASELINES else admission(place)
    student = None if frames is None else enrol(brief, name, frames)
    stream = GardenerStream(
        place.garden,
        eyes=None if student is None else partial(_recognised, student.learner),
        mind=name if name in ("ideal", "blind") else "map",
        true_eyes=name == "seeing",
        first_step=place.commissioning_steps,
        learn_every=place.learn_every,
        labels_per_block=place.labels_per_block,
    )

    labels = 0

    def told():
        nonlocal labels
        for number, block in enumerate(stream):
            track.extend(block.poses[:, :2])
            labels += len(block.labelled[1]) if block.step > place.commissioning_steps else 0
            if number % TELL_EVERY_BLOCKS == 0:
                send(Advanced(name, block.step, place.life_steps, stream.gardener.state))
            yield block
            if stop():
                return

    began_s = time.process_time()
    if student is None:
        for _ in told():
            pass
    else:
        live(
            told(), [student], {}, lambda event: None,
            first_step=place.commissioning_steps, exam_every_days=place.days, season=place.season, stop=stop,
            scored=False,
        )  # fmt: skip
        learner = student.learner
        save_weights(brief.weights(name), learner.net)
    seconds = time.process_time() - began_s
    cost = {"seconds": seconds, "flops": 0.0, "memory_bytes": 0.0, "labels": 0.0, "updates": 0.0}
    if student is not None and learner is not None:
        spent, passes = student.spent_before + learner.cost, (stream.world.steps - place.commissioning_steps)
        cost["flops"] = float(spent.flops + passes * count_flops(learner.net, (3, *place.frame_px))[0])
        cost["memory_bytes"], cost["updates"] = float(spent.bytes_kept), float(spent.updates)
        cost["labels"] = float(labels if student.desk is None else student.desk.labels) if spent.updates else 0.0
        if isinstance(learner, Hurried):
            cost |= {"missed_blocks": float(learner.missed), "stale_blocks": float(learner.stale)}
    send(
        Gardened(
            name,
            [season.to_json() for season in score_seasons(stream.ledger, place.garden)],
            [_dated(place, asdict(deed)) for deed in stream.gardener.deeds],
            cost,
            np.array(track),
            stream.mind.map.classes() if isinstance(stream.mind, MapMind) else None,
            stream.world.steps >= place.life_steps,
        )
    )


def _recognised(learner: Learner, image: np.ndarray) -> np.ndarray:
    return recognise(learner, image[None])[0]


def _dated(place: GardenPlace, deed: dict[str, Any]) -> dict[str, Any]:
    """A deed with its date, for people."""
    from datetime import timedelta

    day, _ = place.scenario.moment(deed["step"])
    return {"date": (place.start + timedelta(days=day)).isoformat(), **deed}
