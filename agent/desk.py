"""The desk: where the answers to one student's frames come in, as the scenario's teacher has it.

The stream is the same for all; who is asked, and when the answers come, may depend on the student. So every student
has a desk of its own. At the end of a block it says what there is to learn from. A person answers a share of the frames
(the budget), chosen evenly, by lot or by the student's own doubt; answers come as late and as wrong as teacher and
script have it. Beside that, or instead, the robot's own contact with the ground answers (`agent/contact.py`).

*Equal updates.* Students are to differ in their labels and not in their updates: every whole block makes one full
update, from the latest answered frames and the memory, also where nothing new came. Frames that were learned from
before are marked so in the batch, and enter no memory a second time. What the robot found out by contact enters none at
all: an answer to a few pixels would push a whole picture out of it.

*Causal.* A window of frames runs from one answer to the next, as long as the budget allows: at 1 % a hundred frames. At
its end the student asks about the frame of which it was least sure when it saw it. So the share is met to the frame
whoever chooses, and by doubt are chosen as many as evenly.
"""

from dataclasses import dataclass

import numpy as np

from agent.asking import Chooser, make_chooser, predicted
from agent.contact import Contact
from agent.perception import as_batch
from agent.place import Place
from agent.recent import Recent
from agent.stream import Block
from agent.teacher import Teacher, check_answers, pick
from learners.base import Batch, Learner
from learners.cost import Cost, Meter
from scenarios.spec import Scenario, TeacherSpec
from scenarios.tables import CLASS_NAMES, IGNORE


@dataclass(frozen=True)
class Shown:
    """A frame that a person may be asked about.

    Attributes:
        wish: how much the student wants it answered.
        step: control step at which it was seen.
        image: (3, H, W) uint8.
        truth: (h, w) uint8, what the person sees in it; the student never does.
    """

    wish: float
    step: int
    image: np.ndarray
    truth: np.ndarray


class Person:
    """Somebody who answers a share of one student's frames.

    Args:
        teacher: how late and how wrong the answers are.
        budget: share of all frames.
        chooser: of the frames; None for evenly.
        first_step: where the budget begins to run.
        at_most: answers that can come with a block.
        meter: account of the passes that choosing takes.
    """

    def __init__(
        self, teacher: Teacher, budget: float, chooser: Chooser | None, *, first_step: int, at_most: int, meter: Meter
    ) -> None:
        self._teacher, self._budget, self._chooser, self._meter = teacher, budget, chooser, meter
        self._first_step, self._at_most = first_step, at_most
        self._granted = 0  # answers that the budget has allowed so far
        self._window: list[Shown] = []  # the frames since then that are wanted most
        self._coming: list[tuple[float, Shown]] = []

    @property
    def nbytes(self) -> int:
        """Of the student's pictures that wait for an answer."""
        return sum(shown.image.nbytes for shown in (*self._window, *(shown for _, shown in self._coming)))

    def answers(self, block: Block, learner: Learner, *, asks: bool) -> list[tuple[int, np.ndarray, np.ndarray]]:
        """Whose answers come with a block: step, image and answer of each.

        Args:
            block: only its images are shown to the learner.
            learner: whose doubt may count.
            asks: whether a window may end here, as at the end of every whole block.
        """
        asked = self._choose(block, learner) if asks else []
        self._coming += [(self._teacher.due_step(shown.step), shown) for shown in asked]
        self._coming.sort(key=lambda pair: (pair[0], pair[1].step))
        due = [shown for due_step, shown in self._coming if due_step < block.step][: self._at_most]
        self._coming = self._coming[len(due) :]
        said = [self._teacher.say(shown.truth, shown.step) for shown in due]
        for shown, label in zip(due, said, strict=True):
            size, step = shown.truth.shape, shown.step + 1
            check_answers(label[None], shown.image[None], size=size, classes=len(CLASS_NAMES), step=step)
        return [(shown.step, shown.image, label) for shown, label in zip(due, said, strict=True)]

    def _choose(self, block: Block, learner: Learner) -> list[Shown]:
        """The frames that are asked about now, those answered in silence left out."""
        frames = len(block.images)
        granted = int(self._budget * (block.step - self._first_step) + 1e-9)
        wanted, self._granted = min(granted - self._granted, self._at_most), granted
        steps = np.arange(block.step - frames, block.step)
        if self._chooser is None:
            rows = pick(frames, wanted) if wanted else []
            chosen = [Shown(0.0, int(steps[i]), block.images[i], block.truth[i]) for i in rows]
        else:
            wishes = self._chooser(learner, steps, block.images, self._meter)
            self._window += map(Shown, wishes.tolist(), steps.tolist(), block.images, block.truth)
            self._window.sort(key=lambda shown: (-shown.wish, -shown.step))
            del self._window[self._at_most :]
            chosen = sorted(self._window[:wanted], key=lambda shown: shown.step)
            if wanted:
                self._window.clear()
        return [shown for shown in chosen if self._teacher.answers(shown.step)]


class Desk:
    """Where one student's answers come in.

    Args:
        person: who answers a share of the frames; None where nobody does.
        contact: what the robot finds out by itself; None where that does not count.
        new_frames: answered frames in an update.
        learn_every: frames of a whole block.
        reuses: whether an update is filled up with frames that were learned from before.
        meter: account of the passes that asking takes.

    Attributes:
        labels: answered frames that have come; by contact, as many as their answered pixels would fill.
    """

    def __init__(
        self, person: Person | None, contact: Contact | None, *, new_frames: int, learn_every: int, reuses: bool,
        meter: Meter,
    ) -> None:  # fmt: skip
        self._person, self._contact, self._meter = person, contact, meter
        self._new_frames, self._learn_every, self._reuses = new_frames, learn_every, reuses
        self._recent = Recent(new_frames)
        self._answered: dict[int, None] = {}  # steps of frames that a person has answered, of the last few blocks
        self.labels = 0.0

    @property
    def cost(self) -> Cost:
        """Of asking: the passes, and the pictures and findings that are kept for it."""
        kept = (self._recent, self._person, self._contact)
        return self._meter.read(bytes_kept=sum(part.nbytes for part in kept if part is not None))

    def follow(self, before: "Desk") -> None:
        """Go on where another student's desk stood: whom was asked, what is on its way, and what was found out."""
        self._person, self._contact, self._meter = before._person, before._contact, before._meter
        self._answered, self.labels = before._answered, before.labels
        if len(before._recent):
            self._recent.add(*before._recent.latest(self._new_frames))

    def commission(self, block: Block) -> None:
        """Take in a block of commissioning, in which the owner answers as ever."""
        self._recent.add(*block.labelled)
        if self._contact is not None and block.senses is not None and block.actions is not None:
            self._contact.feel(block.step - len(block.images), block.senses, block.actions)

    def hand_out(self, block: Block, learner: Learner) -> Batch | None:
        """What there is to learn from after a block; None if nothing.

        The latest answered frames; those that were handed out before are marked.
        """
        whole = len(block.images) == self._learn_every
        told = [] if self._person is None else self._person.answers(block, learner, asks=whole)
        self.labels += len(told)
        images, labels = [image for _, image, _ in told], [label for _, _, label in told]
        if told:
            self._recent.add(np.stack(images), np.stack(labels))
        if self._contact is not None and whole:
            room = max(0, self._new_frames - len(told))
            felt_images, felt_labels = self._felt(self._contact, block, learner, [step for step, _, _ in told], room)
            images, labels = [*images, *felt_images], [*labels, *felt_labels]
        if not whole:
            return None
        room = self._new_frames - len(images)
        if self._reuses and room > 0 and len(self._recent) > len(told):
            known_images, known_labels = self._recent.latest(len(told) + room)
            images, labels = (
                [*images, *known_images[: -len(told) or None]],
                [*labels, *known_labels[: -len(told) or None]],
            )
        if not images:
            return None
        batch = as_batch(np.stack(images[: self._new_frames]), np.stack(labels[: self._new_frames]))
        return Batch(batch.images, batch.labels, again=len(batch) - min(len(told), self._new_frames))

    def _felt(
        self, contact: Contact, block: Block, learner: Learner, told: list[int], room: int
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Images and labels of the block before, of the frames about which most was found out by contact."""
        if block.senses is None or block.actions is None:
            raise ValueError(
                "teacher.contact: this place has no robot that feels anything; set teacher.contact to false there"
            )
        probabilities = predicted(learner, block.images, self._meter).numpy()
        first_step = block.step - len(block.images)
        steps, images, labels = contact.answers(first_step, block.images, block.senses, block.actions, probabilities)
        self._answered |= dict.fromkeys(told)
        pixels = (labels != IGNORE).sum((1, 2))
        open_rows = [row for row, step in enumerate(steps.tolist()) if step not in self._answered]
        rows = sorted(sorted(open_rows, key=lambda row: -pixels[row])[:room])
        self._answered = {step: None for step in self._answered if step >= first_step - self._learn_every}
        self.labels += float(pixels[rows].sum() / np.prod(labels.shape[1:])) if rows else 0.0
        return [images[row] for row in rows], [labels[row] for row in rows]


def make_desk(place: Place, *, new_frames: int, reuses: bool) -> Desk | None:
    """A student's desk at a place; None where the stream brings all answers: there is no scenario, or its teacher is
    the usual one.

    Args:
        place: whose scenario names the teacher.
        new_frames: answered frames in an update.
        reuses: see `Desk`.
    """
    written = place.as_config().get("scenario", {})
    spec = TeacherSpec.model_validate(written.get("teacher", {}))
    if spec == TeacherSpec():
        return None
    scenario = Scenario.model_validate(written)
    meter, person, contact = Meter(), None, None
    if spec.budget > 0.0:
        course = scenario.course(days=scenario.days)
        person = Person(
            Teacher(scenario, course, place.seed, spec),
            spec.budget,
            make_chooser(spec.asks, place.seed),
            first_step=place.commissioning_steps,
            at_most=place.labels_per_block,
            meter=meter,
        )
    if spec.contact:
        reach_m = float(np.hypot(scenario.garden.width_m, scenario.garden.depth_m))
        contact = Contact(scenario.camera, scenario.robot, reach_m)
    reuses = reuses and (person is not None or contact is not None)  # where nobody answers, there is nothing to learn
    return Desk(person, contact, new_frames=new_frames, learn_every=place.learn_every, reuses=reuses, meter=meter)
