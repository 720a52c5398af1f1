"""What both peers share: the task on file, and the commands that come in by standard input, a JSON object a line."""
import json
import os
import sys
import time

from safetensors.numpy import load_file


# The last word says where to compute.
with_gpu = sys.argv[-1] == "gpu"


class Task:
    """A network's layers in order, its weights, a batch of images [batch, height, width, channels] and labels."""

    def __init__(self, folder):
        with open(os.path.join(folder, "task.json"), encoding="utf8") as file:
            spec = json.load(file)
        self.layers = spec["layers"]
        self.outputs = spec["outputs"]  # name and weight of the loss, the main one first
        self.loss = spec["loss"]
        self.momentum = spec["momentum"]
        self.decay = spec["weightDecay"]
        self.rate = spec["rate"]
        arrays = load_file(os.path.join(folder, "task.safetensors"))
        self.images = arrays.pop("images")
        self.labels = arrays.pop("labels").astype("int32")
        self.weights = arrays

    def main_path(self):
        """The layers that lead to the first output."""
        by_name = {layer["name"]: layer for layer in self.layers}
        wanted, open_ = set(), [self.outputs[0]["name"]]
        while open_:
            name = open_.pop()
            if name not in wanted:
                wanted.add(name)
                open_ += by_name[name]["inputs"]
        return [layer for layer in self.layers if layer["name"] in wanted]


def serve(task, make):
    """Answers until standard input ends; `make(task, precision, layout)` gives an object with train() and infer()."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not come between the answers
    network = None
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "prepare":
            network = None
            network = make(task, command["precision"], command.get("layout"))
            answer = {"scores": [float(score) for score in network.infer()[0]]}
        elif command["do"] == "release":
            network = None
            answer = {}
        else:
            work = network.train if command["do"] == "train" else network.infer
            milliseconds = []
            for _ in range(command["steps"]):
                started = time.perf_counter()
                work()
                milliseconds.append(1000 * (time.perf_counter() - started))
            answer = {"milliseconds": milliseconds}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
