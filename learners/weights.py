"""All trainable weights of a net in one vector, so that what is done to each of them is done in one operation.

A small net has some forty parameter tensors, and touching each from Python costs more than the arithmetic: the norm of
the gradient, the optimizer's step and a quadratic penalty together took a tenth of an update. Here the parameters and
their gradients become views of two vectors, in the net's order and each in its own memory layout.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Weights:
    """Moves the trainable parameters of a net, and their gradients, into two vectors.

    The net works on as before; its parameters keep identity, shape and layout, but must not be replaced or moved to
    another device, and their gradients are set to zero rather than dropped.

    Args:
        net: with at least one trainable parameter; all of one type on one device.

    Attributes:
        vector: (P,), the weights; `vector.grad` is (P,), the gradient.
        parameters: the net's own, views of `vector`.
        gradients: views of `vector.grad`.
    """

    def __init__(self, net: nn.Module):
        self.parameters = [parameter for parameter in net.parameters() if parameter.requires_grad]
        if not self.parameters:
            raise ValueError("the net has no parameter that learns")
        self.vector = nn.Parameter(join(self.parameters))
        self.vector.grad = torch.zeros_like(self.vector)
        self.gradients = split(self.vector.grad, self.parameters)
        for parameter, values, gradient in zip(
            self.parameters, split(self.vector.detach(), self.parameters), self.gradients, strict=True
        ):
            parameter.data = values
            parameter.grad = gradient

    @property
    def gradient(self) -> Tensor:
        """The gradient as one vector (P,)."""
        assert self.vector.grad is not None
        return self.vector.grad

    def holds(self, tensors: Sequence[Tensor]) -> bool:
        """Whether these are all the parameters, in their order."""
        same = (one is other for one, other in zip(tensors, self.parameters, strict=False))
        return len(tensors) == len(self.parameters) and all(same)


def join(tensors: Sequence[Tensor]) -> Tensor:
    """The numbers of dense tensors as they lie in memory, one tensor after the other, copied into a vector."""
    return torch.cat([tensor.detach().as_strided((tensor.numel(),), (1,)) for tensor in tensors])


def split(vector: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    """Views of a vector with the shapes and memory layouts of `like`; undoes `join`."""
    views, start = [], vector.storage_offset()
    for tensor in like:
        views.append(vector.as_strided(tensor.shape, tensor.stride(), start))
        start += tensor.numel()
    return views


def laid_out(values: Tensor, like: Tensor) -> Tensor:
    """A copy of `values` in the memory layout and on the device of `like`."""
    return torch.empty_like(like, requires_grad=False).copy_(values)


def peek(tensors: Sequence[Tensor]) -> Tensor:
    """What `join` returns, without a copy where the tensors lie one after the other in one storage already."""
    first = tensors[0]
    end, storage = first.data_ptr(), first.untyped_storage().data_ptr()
    for tensor in tensors:
        if tensor.data_ptr() != end or tensor.untyped_storage().data_ptr() != storage:
            return join(tensors)
        end += tensor.nbytes
    total = (end - first.data_ptr()) // first.itemsize
    return first.detach().as_strided((total,), (1,))
