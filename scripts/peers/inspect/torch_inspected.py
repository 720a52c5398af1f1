"""What PyTorch finds inside the networks of a task: by autograd and hooks, on the same weights and the same pixels.

    python scripts/peers/inspect/torch_inspected.py FOLDER    # torch, numpy, safetensors as in ../bench/python/requirements.txt

FOLDER has a task as `bench --peers` writes it and `asked.json`; `found.safetensors` is written into it. For each image:
the scores, the gradient of the class's score with respect to the image, also in double precision, Grad-CAM and the weights of the maps, the class activation map, and the class's probability with each part covered.
"""
import json
import os
import sys

import torch
from safetensors.numpy import load_file, save_file

folder = sys.argv[1]
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench", "python"))
from peer import Task  # noqa: E402
from torch_peer import Network  # noqa: E402


class Hooked(Network):
    """The network with a hook on one layer, as Grad-CAM's authors take its maps and gradients."""

    watched, seen = None, None

    def apply_layer(self, layer, given, training):
        output = super().apply_layer(layer, given, training)
        if layer["name"] == self.watched:
            output.retain_grad()
            self.seen = output
        return output


def main():
    with open(os.path.join(folder, "asked.json"), encoding="utf8") as file:
        asked = json.load(file)
    network = Hooked(Task(folder), "float32", None)
    pixels = torch.from_numpy(load_file(os.path.join(folder, "pixels.safetensors"))["pixels"]).permute(0, 3, 1, 2)
    mean = torch.tensor(asked["mean"]).view(1, 3, 1, 1)
    found = {}
    for at, wanted in enumerate(asked["classes"]):
        image = (pixels[at : at + 1] - mean).requires_grad_(True)
        network.watched = asked["layer"]
        scores = network.forward(image, True)[0]
        scores[0, wanted].backward()
        maps, gradient = network.seen.detach()[0], network.seen.grad[0]
        weights = gradient.mean((1, 2))
        found[f"{at}/scores"] = scores.detach()[0]
        found[f"{at}/gradient"] = image.grad[0].permute(1, 2, 0).contiguous()
        found[f"{at}/weights"] = weights
        found[f"{at}/gradCam"] = torch.relu((weights[:, None, None] * maps).sum(0))
        if asked["head"]:
            own = network.held[f"{asked['head']}/kernel"].detach()[wanted]
            found[f"{at}/classActivation"] = (own[:, None, None] * maps).sum(0)
        network.watched = None
        shares = []
        with torch.no_grad():
            for top in asked["tops"]:
                covered = pixels[at : at + 1].repeat(len(asked["lefts"]), 1, 1, 1)
                for row, left in enumerate(asked["lefts"]):
                    covered[row, :, top : top + asked["size"], left : left + asked["size"]] = asked["fill"]
                shares.append(torch.softmax(network.forward(covered - mean, True)[0], 1)[:, wanted])
        found[f"{at}/occlusion"] = torch.cat(shares)
    # The gradient once more in double precision: what single precision leaves open where a unit is near its bend.
    for parameter in network.held.values():
        parameter.data = parameter.data.double()
    for at, wanted in enumerate(asked["classes"]):
        image = (pixels[at : at + 1] - mean).double().requires_grad_(True)
        network.forward(image, True)[0][0, wanted].backward()
        found[f"{at}/double"] = image.grad[0].permute(1, 2, 0).float()
    found = {name: tensor.detach().contiguous().numpy() for name, tensor in found.items()}
    save_file(found, os.path.join(folder, "found.safetensors"))


main()
