"""Routed: a net around another one, which serves every frame as its regime wants it."""

from torch import Tensor, nn

from learners.base import Seen, last_layer
from learners.disk import pack, unpack
from learners.regimes import Regimes


class Routed(nn.Module):
    """Runs the inner net once, and lets what hangs on its layers know the regime of every row. Abstract.

    Args:
        net: the inner net; its forward pass returns `Seen`.
        regimes: says which regime a frame is of.

    Attributes:
        rows: (B,) int64, the regimes of the frames that are on their way; None where the inner net is called by itself.
    """

    def __init__(self, net: nn.Module, regimes: Regimes):
        super().__init__()
        self.net, self.regimes = net, regimes
        self.rows: Tensor | None = None

    @property
    def head(self) -> nn.Module:
        """The inner net's last layer."""
        return last_layer(self.net)

    def forward(self, images: Tensor) -> Seen:
        self.rows = self.regimes.assign(images).to(images.device)
        try:
            return self.net(images)
        finally:
            self.rows = None

    def get_extra_state(self) -> Tensor:
        """What is known of regimes, for without it the weights do not say the same again."""
        return pack(self.regimes.state_dict())

    def set_extra_state(self, state: Tensor) -> None:
        self.regimes.load_state_dict(unpack(state))
