"""Updates of one method, by us and by Avalanche: the same net, batches, memory and optimizer.

Cases of `worker.py`, whose steps are updates of 10 new images of 28 x 28 and 10 remembered ones where the method
remembers any; the net is a perceptron of 89,610 parameters.
"""

from collections.abc import Callable

import numpy as np

SIZES = (784, 100, 100, 10)
NEW, RECALLED, MEMORY = 10, 10, 100
LEARNING_RATE = 1e-5  # nothing is learned by heart
_KEPT: list[object] = []  # names are forgotten with the library that they are in
SESSION = 50  # updates of one call where Avalanche gets many at once
METHODS = ("finetune", "er", "ewc", "lwf")


def learner(method: str) -> Callable[[], int]:
    """Ours."""
    import torch

    from learners.base import Batch
    from learners.nets import Perceptron
    from learners.recipes import make_learner

    torch.set_num_threads(1)
    images, labels = frames()
    batches = [
        Batch(torch.from_numpy(images[i : i + NEW]), torch.from_numpy(labels[i : i + NEW]))
        for i in range(0, len(images), NEW)
    ]
    net = Perceptron(SIZES, generator=torch.Generator().manual_seed(0))
    made = make_learner(
        method, net, seed=0, memory_bytes=MEMORY * 785, recalled_frames=RECALLED, learning_rate=LEARNING_RATE
    )
    for batch in batches[:20]:
        made.learn(batch)
    made.consolidate("benchmark")
    count = 0

    def step() -> int:
        nonlocal count
        made.learn(batches[count % len(batches)])
        count += 1
        return 1

    return step


def avalanche(method: str, *, online: bool) -> Callable[[], int]:
    """Avalanche's plugin for it, given one experience of 10 images a call, or one of 500."""
    import warnings

    warnings.showwarning = lambda *told, **kwargs: None  # Avalanche insists on them, and printing takes its time
    import torch

    _name_missing_operators()
    from avalanche.benchmarks import benchmark_from_datasets
    from avalanche.benchmarks.utils import _make_taskaware_tensor_classification_dataset
    from avalanche.training import plugins
    from avalanche.training.templates import SupervisedTemplate
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(0)  # noqa: TID251  Avalanche draws from it
    images, labels = frames()
    x, y = torch.from_numpy(images).float() / 255, torch.from_numpy(labels[:, 0, 0]).long()
    size = NEW if online else NEW * SESSION

    def dataset(start: int):
        return _make_taskaware_tensor_classification_dataset(
            x[start : start + size], y[start : start + size], task_labels=0
        )

    parts = [dataset(start) for start in range(0, len(x), size)]
    stream = list(benchmark_from_datasets(train=parts, test=parts[:1]).train_stream)
    net = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10)
    )
    made = {
        "finetune": list,
        "er": lambda: [plugins.ReplayPlugin(mem_size=MEMORY, batch_size=NEW, batch_size_mem=RECALLED)],
        "ewc": lambda: [plugins.EWCPlugin(ewc_lambda=1.0, mode="online", decay_factor=0.9)],
        "lwf": lambda: [plugins.LwFPlugin(alpha=1.0, temperature=2.0)],
    }[method]()
    strategy = SupervisedTemplate(
        model=net, optimizer=torch.optim.AdamW(net.parameters(), LEARNING_RATE, weight_decay=1e-4),
        criterion=nn.CrossEntropyLoss(), train_mb_size=NEW, train_epochs=1, device="cpu", plugins=made, evaluator=None,
    )  # fmt: skip
    count = 0

    def step() -> int:
        nonlocal count
        strategy.train(stream[count % len(stream)], num_workers=0)
        count += 1
        return size // NEW

    return step


def _name_missing_operators() -> None:
    """Let torchvision, which Avalanche imports, be imported beside a torch that its kernels were not built for.

    Its packages hold kernels for a torch with CUDA; one without cannot load them. Nothing here needs them, but they
    must have names.
    """
    import torch

    if torch.version.cuda is None and not _KEPT:
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(library)


def frames() -> tuple[np.ndarray, np.ndarray]:
    """Noise: images (n, 1, 28, 28) and labels (n, 1, 1), both uint8."""
    rng = np.random.default_rng(0)
    count = 20 * NEW * SESSION
    return rng.integers(0, 256, (count, 1, 28, 28), dtype=np.uint8), rng.integers(0, 10, (count, 1, 1), dtype=np.uint8)


CASES: dict[str, Callable[[], Callable[[], int]]] = {}
for _method in METHODS:
    CASES[f"learner {_method}"] = lambda method=_method: learner(method)
    CASES[f"avalanche {_method}"] = lambda method=_method: avalanche(method, online=False)
    CASES[f"avalanche online {_method}"] = lambda method=_method: avalanche(method, online=True)
