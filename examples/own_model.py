"""Bring your own model: a U-Net of yours, with weights and classes of yours, goes on learning in the garden.

    python examples/own_model.py

Everything above `main` is what somebody might have at home: plain torch, nothing of this project in it. Below, it is
taken in with `adopt`, and lives through some days of early spring with replay and elastic weight consolidation.
"""

import tempfile
from itertools import islice
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

from agent.garden_place import GardenPlace
from agent.perception import as_batch, recognise
from learners.gate import mean_iou
from learners.own import adopt
from learners.recipes import make_learner
from scenarios.files import load
from scenarios.tables import CLASS_NAMES

MY_OUTPUTS = ("nothing", *sorted(CLASS_NAMES))
"""What the outputs of this net mean: classes in an order of its own, and one that this garden does not have."""


class MyUnet(nn.Module):
    """Pictures (B, 3, H, W) in 0..1 to scores (B, outputs, H/2, W/2), with batch normalisation."""

    def __init__(self, outputs: int):
        super().__init__()
        self.fine = self.block(3, 12, stride=2)
        self.coarse = self.block(12, 24, stride=2)
        self.deep = self.block(24, 24)
        self.up = nn.ConvTranspose2d(24, 12, 2, stride=2)
        self.last = self.block(24, 12)
        self.classifier = nn.Conv2d(12, outputs, 1)

    @staticmethod
    def block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )

    def forward(self, images):
        fine = self.fine(images)
        coarse = self.deep(self.coarse(fine))
        return self.classifier(self.last(torch.cat((fine, self.up(coarse)), 1)))


def train_at_home(net: nn.Module, images: np.ndarray, labels: np.ndarray, *, updates: int) -> None:
    """What one does with a model: some updates on all there is, in a loop of one's own."""
    own_number = torch.full((256,), 255)  # of this net's outputs, by the label of the garden
    own_number[: len(CLASS_NAMES)] = torch.tensor([MY_OUTPUTS.index(name) for name in CLASS_NAMES])
    pictures = torch.from_numpy(images).float() / 255.0
    answers = own_number[torch.from_numpy(labels).long()]
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    draws = torch.Generator().manual_seed(0)
    for _ in range(updates):
        rows = torch.randperm(len(pictures), generator=draws)[:16]
        loss = F.cross_entropy(net(pictures[rows]), answers[rows], ignore_index=255)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()


def main() -> None:
    torch.set_num_threads(1)
    garden = GardenPlace(load("four_seasons"), seed=3)
    blocks = list(islice(garden.stream(), 24))  # 12 frames each, of which 8 are answered
    home, life, exam = blocks[:4], blocks[4:20], blocks[20:]

    # At home: a model is trained on the first days, and its weights are kept.
    torch.manual_seed(0)  # noqa: TID251 (at home one may)
    mine = MyUnet(len(MY_OUTPUTS))
    images, labels = (np.concatenate(column) for column in zip(*(block.labelled for block in home), strict=True))
    train_at_home(mine, images, labels, updates=60)
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "my_unet.safetensors"
        save_file(mine.state_dict(), weights)

        # In the garden: the same architecture, the weights from the file, and a table of what its outputs mean here.
        table = {name: MY_OUTPUTS.index(name) for name in CLASS_NAMES}
        net = adopt(MyUnet(len(MY_OUTPUTS)), weights=weights, classes=table)
    learner = make_learner("er+ewc", net, seed=0, memory_bytes=1_000_000)
    learner.remember(as_batch(images, labels))
    learner.consolidate("commissioning")

    pictures, truth = (np.concatenate([getattr(block, name) for block in exam]) for name in ("images", "truth"))
    print(f"{type(mine).__name__}: {sum(p.numel() for p in net.parameters())} parameters, {net.classes} classes")
    print(f"mIoU on days {exam[0].day} to {exam[-1].day}")
    print(f"  before: {mean_iou(recognise(learner, pictures), truth):.3f}")
    for number, block in enumerate(life, start=1):
        for _ in range(3):  # updates a block; the memory adds eight earlier frames to each
            learner.learn(as_batch(*block.labelled))
        if number % 8 == 0:
            learner.consolidate("schedule")
    print(f"  after {learner.cost.updates} updates: {mean_iou(recognise(learner, pictures), truth):.3f}")


if __name__ == "__main__":
    main()
