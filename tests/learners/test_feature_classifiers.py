"""Discriminant analysis and nearest means against their textbook forms."""

import numpy as np
import pytest
import torch

from learners.base import IGNORE, Batch, Learner
from learners.features import NEVER_SEEN, OnFeatures
from learners.ncm import NearestMean
from learners.slda import SLDA

CLASSIFIERS = pytest.mark.parametrize("make", [SLDA, NearestMean])


def blobs(seed=0, count=300, wide=4, classes=3):
    """Features (N, F) around a mean for each class, with one covariance; labels (N,), the last ones rarer."""
    rng = np.random.default_rng(seed)
    labels = np.minimum(rng.integers(0, classes + 2, count), classes - 1)
    mixing = rng.normal(size=(wide, wide))
    means = rng.normal(0, 3, (classes, wide))
    features = means[labels] + rng.normal(size=(count, wide)) @ mixing
    return torch.from_numpy(features), torch.from_numpy(labels)


def textbook(features, labels, shrinkage, classes=3):
    """Linear discriminants of the pooled within-class covariance, all at once (Hastie et al. 2009, section 4.3)."""
    x, y = features.numpy(), labels.numpy()
    means = np.stack([x[y == k].mean(0) for k in range(classes)])
    covariance = sum(np.cov(x[y == k].T, bias=True) * (y == k).sum() for k in range(classes)) / len(x)
    precision = np.linalg.inv((1 - shrinkage) * covariance + shrinkage * np.eye(x.shape[1]))
    return means @ precision, -0.5 * np.einsum("kf,fg,kg->k", means, precision, means)


@pytest.mark.parametrize("pieces", [1, 7, 300])
def test_streaming_analysis_is_the_textbook_one_whatever_the_batches(pieces):
    features, labels = blobs()
    slda = SLDA(shrinkage=0.01)
    for some in torch.from_numpy(np.random.default_rng(1).permutation(300)).chunk(pieces):
        slda.fit(features[some], labels[some], 3)
    weights, biases = textbook(features, labels, 0.01)
    torch.testing.assert_close(slda.scores()[0], torch.from_numpy(weights).float(), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(slda.scores()[1], torch.from_numpy(biases).float(), atol=1e-4, rtol=1e-4)


def test_it_is_the_recursion_sample_by_sample():
    """Sigma <- Sigma + n/(n+1) (x - mu)(x - mu)', mu before it moves; n counts the class, as the exact form must."""
    features, labels = blobs(count=40)
    means, counts, scatter = np.zeros((3, 4)), np.zeros(3), np.zeros((4, 4))
    for x, k in zip(features.numpy(), labels.numpy(), strict=True):
        away = x - means[k]
        scatter += counts[k] / (counts[k] + 1) * np.outer(away, away)
        counts[k] += 1
        means[k] += away / counts[k]
    slda = SLDA()
    slda.fit(features, labels, 3)
    np.testing.assert_allclose(slda.scatter.numpy(), scatter, rtol=1e-10, atol=1e-10)


def test_the_nearest_mean_is_the_nearest():
    features, labels = blobs(seed=2)
    ncm = NearestMean()
    for some in (slice(0, 50), slice(50, 51), slice(51, 300)):
        ncm.fit(features[some], labels[some], 3)
    weights, biases = ncm.scores()
    means = torch.stack([features[labels == k].mean(0) for k in range(3)])
    nearest = torch.cdist(features, means).argmin(1)
    assert torch.equal((features.float() @ weights.T + biases).argmax(1), nearest)
    assert len(set(nearest.tolist())) == 3


@CLASSIFIERS
def test_a_class_that_never_came_is_never_answered(make):
    features, labels = blobs()
    classifier = make()
    classifier.fit(features, labels, 5)
    weights, biases = classifier.scores()
    assert biases[3:].tolist() == [NEVER_SEEN] * 2
    assert (features.float() @ weights.T + biases).isfinite().all()
    assert (features.float() @ weights.T + biases).argmax(1).max() < 3


@CLASSIFIERS
def test_it_learns_the_garden_of_squares_and_the_net_stays(make, tiny_net, tiny_batch):
    learner = OnFeatures(tiny_net(), make())
    assert isinstance(learner, Learner)
    images = tiny_batch(9).images
    assert torch.equal(learner.predict(images), tiny_net()(images / 255.0).logits)  # until anything is known
    first = learner.learn(tiny_batch(0))["fit"]
    for step in range(1, 8):
        last = learner.learn(tiny_batch(step))["fit"]
    assert last < first
    labels = tiny_batch(9).labels
    right = (learner.predict(images).argmax(1) == labels)[labels != IGNORE].float().mean()
    assert right > 0.6
    assert all(torch.equal(a, b) for a, b in zip(learner.net.parameters(), tiny_net().parameters(), strict=True))
    assert learner.cost.updates == 8
    assert learner.cost.backward_frames == 0
    assert learner.cost.forward_frames == 8 * 4
    assert learner.cost.bytes_kept == learner.classifier.nbytes > 0


@CLASSIFIERS
def test_unanswered_and_broken_frames_teach_nothing(make, tiny_net, tiny_batch):
    learner = OnFeatures(tiny_net(), make())
    learner.remember(tiny_batch(0))
    before = learner.classifier.state_dict()
    assert learner.learn(tiny_batch(1, labels=IGNORE)) == {}
    broken = tiny_batch(1).images / 255.0
    broken[0, 0, 0, 0] = float("nan")
    assert learner.learn(Batch(broken, tiny_batch(1).labels)) == {}
    assert (learner.cost.unlabelled_batches, learner.cost.skipped_updates) == (1, 1)
    after = learner.classifier.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_no_shrinkage_at_all_is_refused():
    with pytest.raises(ValueError, match="shrinkage"):
        SLDA(shrinkage=0.0)
