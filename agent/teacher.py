"""The teacher: turns what is really there into answers at the net's resolution.

A net's output pixel covers `STRIDE` x `STRIDE` camera pixels. Where at least three of the four agree, that class is the
answer; where they do not, the pixel is a mixture and there is no answer (255). The same rule makes the labels that are
learned from and those that are scored.

What a scenario says of its teacher (`teacher:`) and what its script does to the teacher (`teacher.answered`,
`teacher.delay_d`, `teacher.label_noise`) is a function of the seed and of the frame's step alone: every process meets
the same teacher. Scores never pass through it. Which frames are shown to the teacher is not decided here: the stream
shows eight of twelve to one whom only the script touches, and a desk (`agent/desk.py`) shows those that a budget allows
to the one of the scenario.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numba import njit

from scenarios.drift import Course
from scenarios.spec import Scenario, TeacherSpec
from scenarios.tables import CLASS_NAMES, IGNORE

STRIDE = 2  # camera pixels an output pixel, in each direction
AGREEING = 3  # of STRIDE * STRIDE
PATCH_PX = 8  # pixels of an answer that are got wrong together, in each direction


@njit(cache=True)
def _majority(mask, answers, agreeing, none):
    for frame in range(answers.shape[0]):
        for row in range(answers.shape[1]):
            for column in range(answers.shape[2]):
                a = mask[frame, 2 * row, 2 * column]
                b = mask[frame, 2 * row, 2 * column + 1]
                c = mask[frame, 2 * row + 1, 2 * column]
                d = mask[frame, 2 * row + 1, 2 * column + 1]
                candidate = a if a in (b, c, d) else b
                votes = (a == candidate) + (b == candidate) + (c == candidate) + (d == candidate)
                answers[frame, row, column] = candidate if votes >= agreeing else none


def answer(masks: np.ndarray) -> np.ndarray:
    """The label map of each frame.

    Args:
        masks: (n, H, W) uint8, classes by camera pixel; 255 is no answer.

    Returns:
        (n, H // 2, W // 2) uint8.

    >>> answer(np.array([[[1, 1, 2, 3], [1, 4, 2, 3]]], np.uint8))
    array([[[  1, 255]]], dtype=uint8)
    """
    frames, height_px, width_px = masks.shape
    answers = np.empty((frames, height_px // STRIDE, width_px // STRIDE), np.uint8)
    _majority(np.ascontiguousarray(masks), answers, AGREEING, np.uint8(IGNORE))
    return answers


def pick(frames: int, answered: int) -> np.ndarray:
    """Which frames of a block the teacher answers: evenly spaced, the last one always.

    >>> pick(12, 8).tolist()
    [1, 2, 4, 5, 7, 8, 10, 11]
    """
    answered = min(frames, answered)
    return np.ceil((np.arange(1, answered + 1) * frames) / answered).astype(int) - 1


class TeacherError(ValueError):
    """Answers that make no sense; the message says which, and what would do."""


def check_answers(labels: np.ndarray, images: np.ndarray, *, size: tuple[int, ...], classes: int, step: int) -> None:
    """See that there is a label map for every frame, and in it only classes that there are.

    Args:
        labels: as they came.
        images: (n, 3, H, W), what they answer.
        size: of a label map, h and w.
        classes: C, how many there are.
        step: the control step that the message names.

    Raises:
        TeacherError: they are not (n, h, w) uint8, or name a class from C on that is not 255, no answer.
    """
    wanted = len(images), *size
    if labels.shape != wanted or labels.dtype != np.uint8:
        raise TeacherError(
            f"the answers that came by step {step} are {labels.shape} {labels.dtype}; expected {wanted} uint8, a label "
            "map for every frame: see to who answers there"
        )
    unknown = labels[(labels >= classes) & (labels != IGNORE)]
    if unknown.size:
        raise TeacherError(
            f"the answers that came by step {step} name class {unknown[0]}; expected 0 to {classes - 1}, or {IGNORE} "
            "where there is no answer: see to who answers there"
        )


class Teacher:
    """Who answers: which frames, when, and how rightly, as the scenario's script has it.

    Args:
        scenario: whose life it is.
        course: what the script does, by day.
        seed: of the life.
        spec: how late and how wrong the answers are beside what the script does; not at all if not given.
    """

    def __init__(self, scenario: Scenario, course: Course, seed: int, spec: TeacherSpec | None = None) -> None:
        self._scenario, self._course, self._seed = scenario, course, seed
        self._spec = spec or TeacherSpec()

    def answers(self, step: int) -> bool:
        """Whether a frame that is shown to the teacher is ever answered."""
        share = self._course.at("teacher.answered", self._scenario.moment(step)[0])
        return share >= 1.0 or bool(np.random.default_rng([self._seed, 5, step]).random() < share)

    def due_step(self, step: int) -> float:
        """From which control step on the answer to a frame is there."""
        delay_d = self._course.at("teacher.delay_d", self._scenario.moment(step)[0]) + self._spec.delay_d
        return step if delay_d == 0.0 else step + delay_d * self._scenario.steps_per_day / self._scenario.speed

    def say(self, truth: np.ndarray, step: int) -> np.ndarray:
        """The answer to a frame: what was there, (h, w) uint8, or what the teacher takes it for."""
        if self._spec.border_px > 0.0:
            truth = frayed(truth, self._spec.border_px, np.random.default_rng([self._seed, 7, step]))
        share = self._course.at("teacher.label_noise", self._scenario.moment(step)[0])
        if self._spec.label_noise > 0.0:  # wrong for either reason
            share = 1.0 - (1.0 - share) * (1.0 - self._spec.label_noise)
        if share == 0.0:
            return truth
        return mistaken(truth, share, np.random.default_rng([self._seed, 6, step]))

    def arrivals(self, shown: Iterable[np.ndarray], ends: Iterable[int], at_most: Iterable[int]) -> Iterator[list[int]]:
        """Whose answers come with each block.

        Answers that would exceed `at_most` wait for the next block. What is not answered by the end of a life never is.

        Args:
            shown: of each block, the steps whose frames are shown to the teacher.
            ends: of each block, the step after its last.
            at_most: of each block, how many answers it can bring.

        Yields:
            Steps of frames, those due first in front; a list a block.
        """
        waiting: list[tuple[float, int]] = []
        for steps, end, room in zip(shown, ends, at_most, strict=True):
            waiting = sorted(waiting + [(self.due_step(int(s)), int(s)) for s in steps if self.answers(int(s))])
            due = [pair for pair in waiting if pair[0] < end][:room]
            waiting = waiting[len(due) :]
            yield [step for _, step in due]


def mistaken(truth: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """An answer with wrong classes in patches.

    Args:
        truth: (h, w) uint8; 255 is no answer, and stays so.
        share: of the answered pixels that become wrong, 0 to 1; to the pixel.
        rng: says where, and which classes instead.

    Returns:
        (h, w) uint8.

    >>> wrong = mistaken(np.full((32, 32), 3, np.uint8), 0.25, np.random.default_rng(0))
    >>> float((wrong != 3).mean())
    0.25
    """
    rows, columns = _knots(truth.shape)
    doubt = rng.random((rows, columns))
    others = rng.integers(1, len(CLASS_NAMES), (rows, columns))
    field, i, j = _smooth(doubt, truth.shape)
    answered = np.flatnonzero(truth != IGNORE)
    order = answered[np.argsort(field.ravel()[answered], kind="stable")]
    wrong = order[: round(share * len(answered))]
    said = truth.copy().ravel()
    instead = np.broadcast_to(others[i, j], truth.shape).ravel()
    said[wrong] = (said[wrong] + instead[wrong]) % len(CLASS_NAMES)
    return said.reshape(truth.shape)


def frayed(truth: np.ndarray, border_px: float, rng: np.random.Generator) -> np.ndarray:
    """An answer drawn with a careless hand: what is inside is right, borders wander.

    Every pixel is given the class of a place at most `border_px` away in each direction; which place, changes slowly
    over the picture.

    Args:
        truth: (h, w) uint8; 255 is no answer, and wanders along.
        border_px: how far, at most [pixels of the answer].
        rng: says where to.

    Returns:
        (h, w) uint8.

    >>> halves = np.repeat([[1, 2]], 16, axis=1).repeat(32, axis=0).astype(np.uint8)
    >>> wrong = frayed(halves, 3.0, np.random.default_rng(0)) != halves
    >>> bool(wrong.any()), bool(wrong[:, :12].any()), bool(wrong[:, 20:].any())
    (True, False, False)
    """
    down, right = (_smooth(rng.uniform(-border_px, border_px, _knots(truth.shape)), truth.shape)[0] for _ in range(2))
    row, column = np.indices(truth.shape)
    row = np.rint(row + down).astype(int).clip(0, truth.shape[0] - 1)
    column = np.rint(column + right).astype(int).clip(0, truth.shape[1] - 1)
    return truth[row, column]


def _knots(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many knots a field over a picture of that shape needs, in each direction."""
    rows, columns = (-(-side // PATCH_PX) + 1 for side in shape)
    return rows, columns


def _smooth(knots: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A field (h, w) that is bilinear between knots `PATCH_PX` apart, and the row and column of the knot before."""
    row, column = (np.arange(side) / PATCH_PX for side in shape)
    i, j = row.astype(int)[:, None], column.astype(int)[None, :]
    y, x = (row % 1)[:, None], (column % 1)[None, :]
    field = (1 - y) * ((1 - x) * knots[i, j] + x * knots[i, j + 1])
    field += y * ((1 - x) * knots[i + 1, j] + x * knots[i + 1, j + 1])
    return field, i, j
