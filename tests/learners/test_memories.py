"""What memories choose: rare classes, what would be spoiled most, and what the net said."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import stats

from learners.base import IGNORE, Batch, Seen
from learners.cost import Meter
from learners.disk import load_state, save_state
from learners.memories.balanced import Balanced, class_pixels
from learners.memories.dark import ANSWERED, DRAW, IMITATED, LOGITS, Dark
from learners.memories.mir import Interfered
from learners.online import Online
from learners.terms.ace import AsymmetricFit
from learners.terms.der import DarkFit, Imitate
from learners.terms.fit import Fit

NOBODY = torch.nn.Identity()


def of_classes(classes, first=0) -> Batch:
    """Frames of one pixel that show their own number and have these classes."""
    numbers = torch.arange(first, first + len(classes), dtype=torch.uint8).reshape(-1, 1, 1, 1)
    return Batch(numbers, torch.tensor(classes, dtype=torch.uint8).reshape(-1, 1, 1))


def test_with_one_class_balanced_is_uniform():
    """The chi-square of a sample without replacement, as for the plain reservoir."""
    frames, room, runs = 30, 10, 400
    counts = np.zeros(frames)
    for run in range(runs):
        memory = Balanced((2 + 8 + 4) * room, classes=1, frames=room, rng=np.random.default_rng(run))
        memory.remember(of_classes([0] * frames))
        counts[memory.recall(of_classes([0]), NOBODY).images.flatten()] += 1
    p = room / frames
    chi_square = ((counts - runs * p) ** 2).sum() / (runs * p * (1 - p) * frames / (frames - 1))
    assert counts.sum() == runs * room
    assert 0.005 < stats.chi2.sf(chi_square, frames - 1) < 0.995


def test_a_rare_class_holds_its_share():
    shares = []
    for run in range(40):
        memory = Balanced(22 * 20, classes=3, frames=20, rng=np.random.default_rng(run))
        rng = np.random.default_rng(1000 + run)
        for _ in range(5):
            memory.remember(of_classes(rng.choice(2, 40, p=(0.85, 0.15)).tolist()))
        shares.append((memory.recall(of_classes([0]), NOBODY).labels == 1).double().mean().item())
        assert memory.nbytes <= 22 * 20
    assert 0.38 < np.mean(shares) < 0.55  # 0.15 of the stream


def test_pixels_are_counted_by_class_and_wrong_labels_refused():
    labels = torch.tensor([[[0, 2], [2, IGNORE]], [[IGNORE, IGNORE], [1, 1]]], dtype=torch.uint8)
    batch = Batch(torch.zeros(2, 1, 2, 2), labels)
    assert class_pixels(batch, 3).tolist() == [[1, 0, 2], [0, 2, 0]]
    with pytest.raises(ValueError, match="label 2 with 2 classes"):
        class_pixels(batch, 2)


def test_mir_recalls_the_rows_that_the_step_would_spoil_most(tiny_net, tiny_batch):
    net, meter = tiny_net(), Meter()
    memory = Interfered(10_000, frames=3, candidates=12, virtual_rate=0.5, rng=np.random.default_rng(0), meter=meter)
    old, new = tiny_batch(0, frames=12), tiny_batch(1, labels=2)
    memory.remember(old)
    before = [parameter.clone() for parameter in net.parameters()]
    recalled = memory.recall(new, net)
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))

    def losses():
        with torch.no_grad():
            pixels = F.cross_entropy(
                net(old.images / 255.0).logits, old.labels.long(), ignore_index=IGNORE, reduction="none"
            )
        return pixels.sum((1, 2)) / (old.labels != IGNORE).sum((1, 2))

    was = losses()
    F.cross_entropy(net(new.images / 255.0).logits, new.labels.long(), ignore_index=IGNORE).backward()
    torch.optim.SGD(net.parameters(), lr=0.5).step()
    worst = (losses() - was).topk(3).indices
    found = [int((old.images == image).flatten(1).all(1).nonzero()) for image in recalled.images]
    assert found == worst.tolist()
    assert recalled.recalled == 3
    cost = meter.read(bytes_kept=0)
    assert (cost.forward_frames, cost.backward_frames) == (4 + 2 * 12, 4)


def test_dark_memory_keeps_the_logits_of_the_first_pass_and_bills_them(tiny_net, tiny_batch):
    plain = 3 * 64 + 16
    for stride, precision, logit_bytes in ((1, "float32", 3 * 16 * 4), (2, "float16", 3 * 4 * 2)):
        memory = Dark(
            10 * (plain + logit_bytes),
            frames=4,
            classes=3,
            rng=np.random.default_rng(0),
            stride=stride,
            precision=precision,
        )
        net, batch = tiny_net(), tiny_batch(0)
        said = net(batch.images / 255.0)
        memory.remember(batch, said)
        assert memory.nbytes == 10 * (plain + logit_bytes)
        recalled = memory.recall(batch, net)
        for image, kept in zip(recalled.images, recalled.extras[LOGITS], strict=True):
            row = int((batch.images == image).flatten(1).all(1).nonzero())
            torch.testing.assert_close(
                kept.float(), said.logits[row, :, ::stride, ::stride].detach(), atol=1e-3, rtol=1e-3
            )


def test_two_draws_of_dark_memory_are_independent(tiny_net, tiny_batch):
    memory = Dark(10**6, frames=6, classes=3, rng=np.random.default_rng(0), draws=2)
    memory.remember(tiny_batch(0, frames=40))
    shared = 0
    for _ in range(200):
        rows = memory.recall(tiny_batch(0), NOBODY)
        assert rows.extras[DRAW].tolist() == [IMITATED] * 6 + [ANSWERED] * 6
        keys = [image.numpy().tobytes() for image in rows.images]
        shared += len(set(keys[:6]) & set(keys[6:]))
    assert 130 < shared < 230  # 200 x 6 x 6 / 40 = 180, standard deviation 12
    assert torch.isnan(rows.extras[LOGITS]).all()  # never seen by a net


def test_the_losses_of_der_by_hand():
    said = torch.tensor([[0.0, 0.0], [1.0, 0.0], [2.0, 1.0], [5.0, 5.0]])[:, :, None, None]
    kept = torch.tensor([[9.0, 9.0], [0.0, 2.0], [9.0, 9.0], [torch.nan, 0.0]])[:, :, None, None].half()
    batch = Batch(
        torch.zeros(4, 1, 1, 1),
        torch.tensor([0, 1, 0, 1], dtype=torch.uint8).reshape(4, 1, 1),
        {LOGITS: kept, DRAW: torch.tensor([IGNORE, IMITATED, ANSWERED, IMITATED], dtype=torch.uint8)},
        recalled=3,
    )
    seen = Seen(said, said)
    assert Imitate(alpha=0.5).loss(batch, seen, NOBODY).item() == pytest.approx(0.5 * (1.0 + 4.0) / 2)
    new, answered = np.log(2.0), np.log(1 + np.exp(-1.0))
    assert DarkFit().loss(batch, seen, NOBODY).item() == pytest.approx(new)
    assert DarkFit(beta=0.25).loss(batch, seen, NOBODY).item() == pytest.approx(new + 0.25 * answered)


def test_an_absent_class_is_not_pushed_down_by_new_frames_but_by_recalled_ones():
    logits = torch.zeros(3, 3, 1, 1, requires_grad=True)
    labels = torch.tensor([1, 0, 1], dtype=torch.uint8).reshape(3, 1, 1)
    fit = AsymmetricFit(3)
    loss = fit.loss(Batch(torch.zeros(3, 1, 1, 1), labels, recalled=1), Seen(logits, logits), NOBODY)
    loss.backward()
    assert loss.item() == pytest.approx(np.log(2.0) / 3)  # new frames have one class each: nothing to tell apart
    assert logits.grad[:2].abs().max() == 0
    torch.testing.assert_close(logits.grad[2].flatten(), torch.tensor([0.5, -0.5, 0.0]) / 3)
    assert fit.known.tolist() == [True, True, False]


def test_with_all_classes_in_every_frame_ace_is_experience_replay(tiny_net, tiny_batch):
    old, new = tiny_batch(0), tiny_batch(1)
    mixed = (new + Batch(old.images, old.labels, recalled=4)).as_float()
    net = tiny_net()
    seen = net(mixed.images)
    assert torch.equal(AsymmetricFit(3).loss(mixed, seen, net), Fit().loss(mixed, seen, net))


def learners_with(net_of):
    def balanced(seed):
        return Online(net_of(), [Fit()], memory=Balanced(3000, classes=3, frames=4, rng=np.random.default_rng(seed)))

    def interfered(seed):
        meter = Meter()
        memory = Interfered(
            3000, frames=2, candidates=8, virtual_rate=0.1, rng=np.random.default_rng(seed), meter=meter
        )
        return Online(net_of(), [AsymmetricFit(3)], memory=memory, meter=meter)

    def dark(seed):
        memory = Dark(4000, frames=3, classes=3, rng=np.random.default_rng(seed), stride=2, draws=2)
        return Online(net_of(), [DarkFit(beta=0.5), Imitate(alpha=0.3, stride=2)], memory=memory)

    return {"balanced": balanced, "interfered": interfered, "dark": dark}


@pytest.mark.parametrize("kind", ["balanced", "interfered", "dark"])
def test_saved_and_continued_is_never_having_stopped(kind, tiny_net, tiny_batch, tmp_path):
    make = learners_with(tiny_net)[kind]
    one, other = make(1), make(2)
    for step in range(8):
        one.learn(tiny_batch(step))
    save_state(tmp_path / "state.safetensors", one.state_dict())
    other.load_state_dict(load_state(tmp_path / "state.safetensors"))
    for step in range(8, 14):
        assert one.learn(tiny_batch(step)) == other.learn(tiny_batch(step)) != {}
    assert all(torch.equal(a, b) for a, b in zip(one.net.parameters(), other.net.parameters(), strict=True))
    assert one.memory.nbytes == other.memory.nbytes <= 4000
