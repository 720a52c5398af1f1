"""The network of a task in PyTorch, layer for layer, trained by its own SGD with momentum."""
import sys

import torch
import torch.nn.functional as F
from peer import Task, serve, with_gpu

device = "cuda" if with_gpu else "cpu"
if with_gpu:
    # What TensorFlow does by itself: tensor cores for float32, and the fastest of cuDNN's algorithms.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True


class Network(torch.nn.Module):
    def __init__(self, task, precision, layout):
        super().__init__()
        self.task, self.precision = task, precision
        self.channels_last = layout == "channels_last"
        self.held = {}
        for layer in task.layers:
            for weight in layer["weights"]:
                self.hold(layer, weight)
        if self.channels_last:
            for name, parameter in self.held.items():
                if parameter.dim() == 4:
                    parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        images = torch.from_numpy(task.images).permute(0, 3, 1, 2)
        self.images = images if self.channels_last else images.contiguous()
        self.labels = torch.from_numpy(task.labels).long()
        if with_gpu:  # a batch is copied at each pass, as the others do
            self.images, self.labels = self.images.pin_memory(), self.labels.pin_memory()
        self.main = {layer["name"] for layer in task.main_path()}
        self.optimiser = torch.optim.SGD(
            [held for held in self.held.values() if held.requires_grad],
            lr=task.rate,
            momentum=task.momentum,
            weight_decay=task.decay,
        )

    def hold(self, layer, weight):
        value = torch.from_numpy(self.task.weights[weight])
        if layer["kind"] in ("Conv2D", "GroupedConv2D") and value.dim() == 4:
            value = value.permute(3, 2, 0, 1).contiguous()  # HWIO to OIHW
        if layer["kind"] == "Dense" and value.dim() == 2:
            value = value.t().contiguous()
        trainable = layer["kind"] != "Rbf"
        self.held[weight] = torch.nn.Parameter(value.clone().to(device), requires_grad=trainable)

    def weight(self, layer, which):
        return self.held[f"{layer['name']}/{which}"]

    def forward(self, images, main_only):
        values = {}
        for layer in self.task.layers:
            if main_only and layer["name"] not in self.main:
                continue
            given = [values[name] for name in layer["inputs"]] or [images]
            values[layer["name"]] = self.apply_layer(layer, given, not main_only)
        return [values[output["name"]] for output in self.task.outputs if output["name"] in values]

    def apply_layer(self, layer, given, training):
        x, kind, config = given[0], layer["kind"], layer["config"]
        if kind == "InputLayer":
            return x
        if kind == "ZeroPadding2D":
            (top, bottom), (left, right) = config["padding"]
            return F.pad(x, (left, right, top, bottom))
        if kind == "Conv2D":
            same = config["padding"] == "same"
            assert not same or config["strides"] == [1, 1]
            padding = config["kernelSize"][0] // 2 if same else 0
            sums = F.conv2d(
                x, self.weight(layer, "kernel"), self.weight(layer, "bias"), config["strides"], padding
            )
            return activated(sums, config)
        if kind == "GroupedConv2D":
            sums = F.conv2d(
                x,
                self.weight(layer, "kernel"),
                self.weight(layer, "bias"),
                1,
                config["kernelSize"] // 2,
                groups=config["groups"],
            )
            return activated(sums, config)
        if kind == "SubsetConv2D":
            return F.conv2d(x, self.subset_kernel(layer, x.shape[1]), self.weight(layer, "bias"))
        if kind == "Subsample":
            factor = self.weight(layer, "coefficient") * config["size"] ** 2
            return F.avg_pool2d(x, config["size"]) * factor[:, None, None] + self.weight(layer, "bias")[:, None, None]
        if kind == "ScaledTanh":
            return 1.7159 * torch.tanh(x * (2 / 3))
        if kind == "Lrn":
            return F.local_response_norm(
                x, config["size"], config["alpha"] * config["size"], config["beta"], config["k"]
            )
        if kind == "CeilPool":
            if config["kind"] == "max":
                return F.max_pool2d(x, config["size"], config["stride"], ceil_mode=True)
            return F.avg_pool2d(x, config["size"], config["stride"], ceil_mode=True, count_include_pad=False)
        if kind == "MaxPooling2D":
            padding = config["poolSize"][0] // 2 if config["padding"] == "same" else 0
            return F.max_pool2d(x, config["poolSize"], config["strides"], padding)
        if kind == "AveragePooling2D":
            return F.avg_pool2d(x, config["poolSize"], config["strides"])
        if kind == "GlobalAveragePooling2D":
            return x.mean((2, 3))
        if kind == "Concatenate":
            return torch.cat(given, 1)
        if kind == "Flatten":
            return x.permute(0, 2, 3, 1).flatten(1)
        if kind == "Dense":
            return activated(F.linear(x, self.weight(layer, "kernel"), self.weight(layer, "bias")), config)
        if kind == "SeededDropout":
            return F.dropout(x, config["rate"], training)
        if kind == "Rbf":
            return (x[:, None, :] - self.weight(layer, "codes")).square().sum(2)
        raise ValueError(f"no layer {kind} here")

    def subset_kernel(self, layer, maps):
        table, size = layer["config"]["table"], layer["config"]["kernelSize"]
        links = self.weight(layer, "kernel").permute(2, 0, 1)  # [links, size, size]
        places = [(out, map_) for out, row in enumerate(table) for map_ in row]
        out, in_ = (torch.tensor(places)[:, axis].to(device) for axis in (0, 1))
        return torch.zeros(len(table), maps, size, size, device=device).index_put((out, in_), links)

    def total_loss(self, outputs, labels):
        total = 0
        for output, scores in zip(self.task.outputs, outputs):
            total = total + output["weight"] * self.criterion(scores.float(), labels)
        return total

    def criterion(self, scores, labels):
        if self.task.loss["kind"] == "softmaxCrossEntropy":
            return F.cross_entropy(scores, labels)
        own = scores.gather(1, labels[:, None])[:, 0]
        rival = torch.full((scores.shape[0], 1), -float(self.task.loss["rival"]), device=device)
        return (own + torch.logsumexp(torch.cat([-scores, rival], 1), 1)).mean()

    def autocast(self):
        half = torch.float16 if self.precision == "float16" else torch.bfloat16
        return torch.autocast(device, dtype=half, enabled=self.precision != "float32")

    def train_once(self):
        self.optimiser.zero_grad(set_to_none=True)
        with self.autocast():
            outputs = self.forward(self.images.to(device, non_blocking=True), False)
        loss = self.total_loss(outputs, self.labels.to(device, non_blocking=True))
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def infer_once(self):
        with torch.inference_mode(), self.autocast():
            return self.forward(self.images.to(device, non_blocking=True), True)[0].float().cpu().numpy()


def activated(sums, config):
    return F.relu(sums) if config.get("activation") == "relu" else sums


class Contender:
    def __init__(self, *given):
        network = Network(*given)
        self.train, self.infer = network.train_once, network.infer_once


if __name__ == "__main__":
    serve(Task(sys.argv[1]), Contender)
