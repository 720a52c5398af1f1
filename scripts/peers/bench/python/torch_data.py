"""torchvision's DataLoader on a list of pictures: short side 256, random crop of 224, flip, lighting, normalisation.

Started with a JSON file that lists the pictures. Answers commands, a JSON object a line: {"workers", "seconds", "batchSize"}.
"""
import json
import os
import sys
import time

import torch
from PIL import Image
from torchvision import transforms

VALUES = torch.tensor([0.2175, 0.0188, 0.0045])
VECTORS = torch.tensor(  # a component a column
    [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]]
)


class Lighting:
    def __call__(self, image):
        return image + (VECTORS @ (0.1 * torch.randn(3) * VALUES)).view(3, 1, 1)


class Pictures(torch.utils.data.Dataset):
    def __init__(self, files):
        self.files = files
        self.transform = transforms.Compose(
            [
                transforms.Resize(256),
                transforms.RandomCrop(224),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                Lighting(),
                transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
            ]
        )

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        with open(self.files[index], "rb") as file:  # as torchvision's ImageFolder reads
            return self.transform(Image.open(file).convert("RGB")), 0


def turn(data, workers, seconds, batch_size):
    """Images a second after the first batch, in epochs one after the other without a break."""
    sampler = torch.utils.data.RandomSampler(data, replacement=True, num_samples=10**9)
    loader = torch.utils.data.DataLoader(data, batch_size, sampler=sampler, num_workers=workers)
    batches = iter(loader)
    next(batches)
    started = time.perf_counter()
    images = 0
    while time.perf_counter() - started < seconds:
        images += len(next(batches)[0])
    return images / (time.perf_counter() - started)


def main():
    with open(sys.argv[1], encoding="utf8") as file:
        data = Pictures(json.load(file))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not come between the answers
    for line in sys.stdin:
        asked = json.loads(line)
        speed = turn(data, asked["workers"], asked["seconds"], asked["batchSize"])
        answers.write(json.dumps({"imagesPerSecond": speed}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
