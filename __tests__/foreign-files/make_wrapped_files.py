"""Makes the files in `wrapped/` with PyTorch: one state dict as training scripts save it, with what they save beside it.

    python make_wrapped_files.py      # torch 2.15, torchvision 0.29

The state dict has four tensors, `features.0.weight` [3, 2, 2, 2], `features.0.bias` [3], `classifier.1.weight` [4, 3] and
`classifier.1.bias` [4], whose numbers count from 0 in this order, row-major, through all four; an average of them is
100 more. Nothing of the product or its tests runs this.
"""

import argparse
import collections
import datetime
import enum
import pathlib
import pickle
from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).parent / "wrapped"


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(2, 3, 2))
        self.classifier = nn.Sequential(nn.Dropout(), nn.Linear(3, 4))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


def net(first=0):
    made = Net()
    at = first
    with torch.no_grad():
        for tensor in made.parameters():
            tensor.copy_(torch.arange(at, at + tensor.numel()).reshape(tensor.shape))
            at += tensor.numel()
    return made


class Colour(enum.Enum):
    RED = 1


class Settings(dict):
    """A dictionary of a class of its own, as YACS and Lightning have."""


class StateDict(collections.OrderedDict):
    """The state dict itself, of a class of its own."""


class Callback:
    def __init__(self):
        self.best = torch.tensor(0.5)


class Tagged(torch.Tensor):
    pass


def optimiser(model):
    made = torch.optim.Adam(model.parameters())
    model(torch.zeros(1, 2, 4, 4)).sum().backward()
    made.step()
    state = made.state_dict()
    return state


def save(name, value, **options):
    torch.save(value, HERE / name, **options)


plain = net().state_dict()
adam = optimiser(net())
sgd = torch.optim.SGD(net().parameters(), 0.1)
arguments = argparse.Namespace(
    data_path=pathlib.PosixPath("/data"), lr=0.1, device=torch.device("cpu"), dtype=torch.float32, amp=False, seed=2**40
)
parallel = {f"module.{name}": tensor for name, tensor in plain.items()}

# pytorch/examples, imagenet/main.py: its AlexNet and VGG have the convolutions alone in DataParallel.
part = net()
part.features = nn.DataParallel(part.features)
imagenet = {"epoch": 3, "arch": "alexnet", "state_dict": part.state_dict(), "best_acc1": torch.tensor(56.5)}
save("imagenet-example.pth", {**imagenet, "optimizer": adam, "scheduler": {"last_epoch": 3}})
save("imagenet-example-legacy.pth", {**imagenet, "optimizer": adam}, _use_new_zipfile_serialization=False)

# pytorch.org/tutorials, saving_loading_models: the loss as a tensor.
save("tutorial.pt", {"epoch": 5, "model_state_dict": plain, "optimizer_state_dict": adam, "loss": torch.tensor([[0.4]])})

# pytorch/vision, references/classification/train.py, with --model-ema.
average = torch.optim.swa_utils.AveragedModel(net(100))
save(
    "torchvision-script.pth",
    {
        "model": plain, "optimizer": sgd.state_dict(), "lr_scheduler": {"last_epoch": 1}, "epoch": 1,
        "args": arguments, "model_ema": average.state_dict(),
    },
)  # fmt: skip
save("average-alone.pth", {"model_ema": average.state_dict(), "args": arguments, "epoch": np.int64(3)})

# timm/utils/checkpoint_saver.py
save(
    "timm.pth.tar",
    {
        "epoch": 9, "arch": "net", "state_dict": plain, "optimizer": adam, "version": 2, "args": arguments,
        "amp_scaler": {"scale": torch.ones(1)}, "state_dict_ema": net(100).state_dict(), "metric": np.float64(76.5),
    },
)  # fmt: skip

# Lightning: a prefix, callbacks and settings of any class, the optimisers' tensors in a list.
save(
    "lightning.ckpt",
    {
        "epoch": 2, "global_step": 30, "pytorch-lightning_version": "2.5.0",
        "state_dict": {f"model.{name}": tensor for name, tensor in plain.items()},
        "loops": {"fit_loop": {"state_dict": {"seen": torch.ones(2, 2)}}},
        "callbacks": {"ModelCheckpoint": {"best": torch.tensor(1.0), "it": Callback()}},
        "optimizer_states": [adam], "lr_schedulers": [], "hparams_name": "kwargs",
        "hyper_parameters": Settings(width=3, criterion=nn.CrossEntropyLoss(weight=torch.ones(4))),
    },
)  # fmt: skip

# Values that people keep with their weights.
metadata = {
    "args": arguments, "when": datetime.datetime(2024, 1, 2), "colour": Colour.RED, "size": torch.Size([2, 3]),
    "classes": {"a", "b"}, "frozen": frozenset({1}), "bytes": b"\x00\xff", "array": np.arange(3.0), "long": 2**70,
    "counts": collections.Counter("aab"), "groups": collections.defaultdict(list, a=[1]), "settings": Settings(x=1),
    "range": range(3), "slice": slice(1, 2), "complex": 1 + 2j, "function": torch.nn.functional.relu, "list": [Callback()],
    "generator": torch.get_rng_state(), "bytearray": bytearray(b"abc"),
}  # fmt: skip
save("metadata.pth", {"state_dict": plain, **metadata})
save("metadata-5.pth", {"state_dict": plain, **metadata}, pickle_protocol=5)
save("compiled.pth", {f"_orig_mod.module.{name}": tensor for name, tensor in plain.items()})
save("nested.pth", {"model": {"state_dict": parallel}, "iteration": 4})
save("tuple.pth", (plain, {"epoch": 3}))
save("own-class.pth", StateDict(plain))
save("own-name.pth", {"trunk": plain, "loss": torch.tensor(0.25)})
save("parameters.pth", {"weights": dict(net().named_parameters()), "best": torch.tensor(1)})
save("extra-state.pth", {**plain, "features._extra_state": {"scale": torch.ones(2, 2)}})
save("tagged.pth", {name: tensor.as_subclass(Tagged) for name, tensor in plain.items()})
save("unread-beside.pth", {"model": plain, "spectrum": torch.ones(3, 2, dtype=torch.complex64),
                           "sparse": torch.eye(3).to_sparse(), "eight": torch.ones(2, 2).to(torch.float8_e4m3fn)})  # fmt: skip
save("unread-beside-legacy.pth", {"model": plain, "spectrum": torch.ones(3, 2, dtype=torch.complex64)},
     _use_new_zipfile_serialization=False)  # fmt: skip

# What is refused, each for its reason.
save("complex.pth", {**plain, "classifier.1.weight": torch.ones(4, 3, dtype=torch.complex64)})
save("sparse.pth", {**plain, "classifier.1.weight": torch.ones(4, 3).to_sparse()})
save("quantised.pth", {**plain, "classifier.1.weight": torch.quantize_per_tensor(torch.ones(4, 3), 0.1, 0, torch.qint8)})
save("float8.pth", {**plain, "classifier.1.weight": torch.ones(4, 3).to(torch.float8_e4m3fn)})
save("whole-model.pth", net())
save("whole-model-inside.pth", {"epoch": 3, "model": net(), "optimizer": adam})
save("two-networks.pth", {"generator": plain, "discriminator": net(100).state_dict()})
save("optimiser-alone.pth", adam)
save("numpy-arrays.pth", {name: tensor.numpy() for name, tensor in plain.items()})
with open(HERE / "plain.pkl", "wb") as file:
    pickle.dump({"weight": np.ones((2, 2), np.float32)}, file)
