"""Where nets live: on the processor, or on a GPU if one is asked for and there."""

import torch

DEVICES = ("cpu", "cuda")


def check_device(name: str) -> None:
    """See that a device is one that can be used here.

    Raises:
        ValueError: it is none, or there is none of that kind; the message says what would do.
    """
    if name not in DEVICES:
        raise ValueError(f"device is {name!r}; give {' or '.join(DEVICES)}")
    if name == "cuda" and not torch.cuda.is_available():
        built = "was built without CUDA" if torch.version.cuda is None else "finds no GPU on this machine"
        raise ValueError(f"device is 'cuda', but torch {torch.__version__} {built}; give --device cpu, or install both")


def prepare_device(name: str) -> None:
    """Let a GPU compute the same each time, as far as it can; a processor does anyway. Called once in each process."""
    if name == "cuda":
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = False  # it would choose kernels by a stopwatch
        torch.backends.cudnn.allow_tf32 = False
