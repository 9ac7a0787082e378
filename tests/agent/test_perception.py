"""What scores and looks cost little, they say as their plain twins do, to the bit."""

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from agent.live import Student
from agent.monitor.calibration import BINS, count, find_best
from agent.monitor.fixed_features import FixedFeatures, pooled
from agent.monitor.inputs import DARK, FROM_PIXELS, pixel_statistics
from agent.monitor.prequential import Prior
from agent.perception import ask, recognise_and_grade
from agent.shared_pass import Echo, share_pass
from learners.frozen import Frozen
from learners.nets import TinyNet
from scenarios.tables import IGNORE

CLASSES, SIDE = 5, 16


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def logits_and_truth(rng: np.random.Generator) -> tuple[torch.Tensor, np.ndarray]:
    """Rounded ones, so that classes are often equally likely; some pixels have no answer."""
    logits = torch.from_numpy(rng.normal(0, 3, (4, CLASSES, SIDE, SIDE)).astype(np.float32)).round()
    truth = rng.integers(0, CLASSES + 1, (4, SIDE, SIDE)).astype(np.uint8)
    return logits, np.where(truth == CLASSES, np.uint8(IGNORE), truth)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_best_class_is_the_one_that_torch_finds(rng, layout):
    logits = logits_and_truth(rng)[0].contiguous(memory_format=layout)
    said, best = find_best(logits)
    assert np.array_equal(said, logits.argmax(1).numpy())
    assert np.array_equal(best, logits.max(1).values.numpy())
    logits[1, 3, 0, 0] = float("nan")
    assert np.array_equal(find_best(logits)[0], logits.argmax(1).numpy())


def test_answers_are_counted_as_the_plain_way_counts_them(rng):
    logits, truth = logits_and_truth(rng)
    log_p = F.log_softmax(logits, 1)
    best, said = (found.numpy() for found in log_p.max(1))
    answered = truth < CLASSES
    sure, said, right = np.exp(best[answered], dtype=np.float64), said[answered], (said == truth)[answered]
    cell = said * BINS + np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    weights = (np.ones_like(sure), sure, right)
    plain = np.stack([np.bincount(cell, weights=w, minlength=CLASSES * BINS) for w in weights], -1)
    counted, entropy = count(logits, truth)
    assert np.array_equal(counted, plain.reshape(CLASSES, BINS, 3))
    assert entropy == (-(log_p.exp() * log_p).sum(1).numpy())[answered].mean(dtype=np.float64)


def test_one_softmax_gives_the_loss_that_cross_entropy_gives(rng):
    logits, truth = logits_and_truth(rng)

    class Saying:
        def predict(self, images):
            return logits

    said, loss, reliability, entropy = recognise_and_grade(Saying(), np.zeros((4, 3, 32, 32), np.uint8), truth)
    total = F.cross_entropy(logits, torch.from_numpy(truth).long(), ignore_index=IGNORE, reduction="sum").item()
    assert loss == total / (truth != IGNORE).sum()
    assert np.array_equal(said, logits.argmax(1).numpy())
    assert np.array_equal(reliability, count(logits, truth)[0]) and entropy == count(logits, truth)[1]


def test_frames_are_described_together_as_each_by_itself(rng):
    images = rng.integers(0, 256, (3, 3, 12, 16), dtype=np.uint8)
    plain = np.array([described(frame.transpose(1, 2, 0)) for frame in images])
    assert np.allclose(pixel_statistics(images), plain, rtol=1e-12, atol=0)
    assert pixel_statistics(images[:0]).shape == (0, len(FROM_PIXELS))


def described(rgb: np.ndarray) -> list[float]:
    """One frame (H, W, 3), number by number."""
    unit = np.ascontiguousarray(rgb).astype(np.float32) / np.float32(255)
    lab = cv2.cvtColor(unit, cv2.COLOR_RGB2LAB)
    light, most = np.ascontiguousarray(lab[..., 0]), unit.max(axis=2)
    saturation = (most - unit.min(axis=2)) / np.maximum(most, np.float32(1e-6))
    across, down = (cv2.Sobel(light, cv2.CV_32F, *axis, ksize=3, scale=1 / 8) for axis in ((1, 0), (0, 1)))
    luminance = np.where(light > 8, ((light + 16) / 116) ** 3, light / 903.3).astype(np.float32)
    third = len(rgb) // 3
    return [
        *lab.mean(axis=(0, 1), dtype=np.float64).tolist(),
        float(saturation.mean(dtype=np.float64)),
        float(light.std(dtype=np.float64)),
        float((across * across + down * down).mean(dtype=np.float64)),
        float(np.log((float(luminance[:third].mean()) + DARK) / (float(luminance[-third:].mean()) + DARK))),
    ]


@pytest.mark.parametrize("parts", [(1, 1), (4, 4), (3, 5), (16, 16)])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_answers_of_parts_are_those_of_torchs_pooling(rng, parts, layout):
    shares = torch.softmax(logits_and_truth(rng)[0] / 3, 1).contiguous(memory_format=layout)
    plain = (255 * F.adaptive_avg_pool2d(shares, parts).permute(0, 2, 3, 1)).round().to(torch.uint8)
    assert np.array_equal(pooled(shares.permute(0, 2, 3, 1).numpy(), parts), plain.numpy())


def test_the_blind_guesser_counts_what_was_there(rng):
    prior, truth = Prior(CLASSES), logits_and_truth(rng)[1]
    prior.see(truth)
    plain = np.stack([(truth == c).sum(0) for c in range(CLASSES)])
    assert np.array_equal(prior.guess(truth)[0], plain.argmax(0))


def test_who_is_frozen_says_the_same_through_the_monitors_eyes(rng):
    net = TinyNet(CLASSES, generator=torch.Generator().manual_seed(0))
    features = FixedFeatures(net, (32, 32))
    alone = Student("frozen", Frozen(net), 8)
    shared = share_pass(alone, features)
    assert type(shared.learner) is Echo
    images, others = rng.integers(0, 256, (2, 4, 3, 32, 32), dtype=np.uint8)
    features.look(images, (1, 1))
    passes = []
    features.net.register_forward_hook(lambda *_: passes.append("monitor"))
    net.register_forward_hook(lambda *_: passes.append("learner"))
    for frames in (images, others):
        assert torch.equal(ask(shared.learner, frames), ask(alone.learner, frames))
    assert passes == ["learner", "learner", "learner"]  # the one that was saved is the first of four


def test_who_has_learned_since_is_asked_itself():
    net = TinyNet(CLASSES, generator=torch.Generator().manual_seed(0))
    features = FixedFeatures(net, (32, 32))
    with torch.no_grad():
        next(net.parameters()).add_(1.0)
    student = Student("frozen", Frozen(net), 8)
    assert share_pass(student, features) is student
