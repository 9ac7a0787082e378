"""Weight drift: how far the weights are from where they began, and how large they have become."""

from torch import Tensor


def moved(now: dict[str, Tensor], before: dict[str, Tensor]) -> tuple[float, float]:
    """Weight drift (Dohare et al. 2024 use the second).

    Args:
        now, before: parameters by name; compared are those of equal name and shape.

    Returns:
        ||w - w0|| / ||w0|| and the mean |w| of all that there are now; NaN where nothing can be compared.
    """
    shared = [name for name in before if name in now and now[name].shape == before[name].shape]
    apart = sum(float((now[name].detach().double() - before[name].detach().double()).square().sum()) for name in shared)
    first = sum(float(before[name].detach().double().square().sum()) for name in shared)
    number = sum(value.numel() for value in now.values())
    size = (
        sum(float(value.detach().double().abs().sum()) for value in now.values()) / number if number else float("nan")
    )
    return (apart / first) ** 0.5 if first > 0 else float("nan"), size
