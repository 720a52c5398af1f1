"""Writes torchvision's and timm's networks at full size with random weights, and what they answer to one image.

    python scripts/peers/weights/torchvision_outputs.py FOLDER        # torchvision 0.29 or later with its torch, timm; 4.6 GB
    npx tsx scripts/peers/weights/compare-imported.ts FOLDER          # imports them, and says how far the answers are apart

The image's values are those of __tests__/fixtures/weights/make_torch_files.py.
"""

import json
import sys
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision
from safetensors.torch import save_file

networks = {
    "alexnet-torchvision": torchvision.models.alexnet,
    "vgg-a": torchvision.models.vgg11,
    "vgg-b": torchvision.models.vgg13,
    "vgg-d": torchvision.models.vgg16,
    "vgg-e": torchvision.models.vgg19,
    "googlenet-torchvision": lambda: torchvision.models.googlenet(init_weights=False, aux_logits=True),
}

# timm publishes torchvision's weights under names of its own, as safetensors.
timm_networks = {"vgg-a": "vgg11", "vgg-b": "vgg13", "vgg-d": "vgg16", "vgg-e": "vgg19"}


def image(side):
    values = ((7919 * np.arange(side * side * 3, dtype=np.int64)) % 2003) / 1001.5 - 1
    return torch.tensor(values.astype(np.float32).reshape(1, side, side, 3).transpose(0, 3, 1, 2).copy())


def randomise(model):
    """Weights that keep the size of what passes through them, so that the answers are of the order of 1."""
    for name, tensor in model.state_dict().items():
        if name.endswith(("running_var", "bn.weight")):
            tensor.uniform_(0.8, 1.2)
        elif tensor.dtype == torch.float32:
            tensor.normal_(0, (2 / tensor[0].numel()) ** 0.5 if tensor.dim() > 1 else 0.1)
    return model


def answers(model, side):
    """The scores, and those of the auxiliary heads, which torchvision gives in training alone; nothing is dropped."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0
    model.eval()
    if hasattr(model, "aux1"):
        model.training = True  # only for the model itself: its layers keep their mode
    with torch.no_grad():
        found = model(image(side))
    outputs = [found.logits, found.aux_logits1, found.aux_logits2] if hasattr(model, "aux1") else [found]
    return [output.tolist() for output in outputs]


folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
expected = []
for name, build in networks.items():
    torch.manual_seed(1)
    model = randomise(build())
    torch.save(model.state_dict(), folder / f"{name}.pth")
    expected.append({"network": name, "file": f"{name}.pth", "side": 224, "outputs": answers(model, 224)})
    print(name, [len(output[0]) for output in expected[-1]["outputs"]])
for name, theirs in timm_networks.items():
    torch.manual_seed(1)
    model = randomise(timm.create_model(theirs, pretrained=False))
    save_file(model.state_dict(), folder / f"timm-{theirs}.safetensors")
    file = f"timm-{theirs}.safetensors"
    expected.append({"network": name, "file": file, "side": 224, "outputs": answers(model, 224)})
    print(file, [len(output[0]) for output in expected[-1]["outputs"]])
(folder / "expected.json").write_text(json.dumps(expected))
