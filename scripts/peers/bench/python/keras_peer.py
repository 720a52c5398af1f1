"""The network of a task in Keras on TensorFlow, layer for layer, trained by a `tf.function`."""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import tensorflow as tf
from peer import Task, serve, with_gpu

if not with_gpu:
    tf.config.set_visible_devices([], "GPU")
elif not tf.config.list_physical_devices("GPU"):
    # Keras would silently compute on the CPU. The message is one line, which contender.ts reports.
    sys.exit(
        "expected a GPU for Keras, found none (the cached Python has TensorFlow for CPUs; --python names one with "
        "tensorflow[and-cuda])"
    )


class OneWeightLayer(keras.layers.Layer):
    """A layer that Keras lacks, with the weights that the task names."""

    def __init__(self, layer, task, compute, **given):
        super().__init__(**given)
        self.compute = compute
        self.held = [
            self.add_weight(name=name.split("/")[-1], shape=task.weights[name].shape, trainable=layer["kind"] != "Rbf")
            for name in layer["weights"]
        ]

    def call(self, x):
        return self.compute(x, *[tf.cast(held, x.dtype) for held in self.held])


def layer_of(layer, task):
    kind, config, name = layer["kind"], layer["config"], layer["name"].replace("/", "_")
    layers, activation = keras.layers, layer["config"].get("activation")
    if kind == "ZeroPadding2D":
        return layers.ZeroPadding2D(config["padding"])
    if kind == "Conv2D":
        return layers.Conv2D(
            config["filters"], config["kernelSize"], config["strides"], config["padding"], activation=activation
        )
    if kind == "GroupedConv2D":
        return layers.Conv2D(
            config["filters"], config["kernelSize"], padding="same", groups=config["groups"], activation=activation
        )
    if kind == "MaxPooling2D":
        return layers.MaxPooling2D(config["poolSize"], config["strides"], config["padding"])
    if kind == "AveragePooling2D":
        return layers.AveragePooling2D(config["poolSize"], config["strides"], config["padding"])
    if kind == "GlobalAveragePooling2D":
        return layers.GlobalAveragePooling2D()
    if kind == "Concatenate":
        return layers.Concatenate()
    if kind == "Flatten":
        return layers.Flatten()
    if kind == "Dense":
        return layers.Dense(config["units"], activation=activation)
    if kind == "SeededDropout":
        return layers.Dropout(config["rate"])
    return OneWeightLayer(layer, task, computation(kind, config), name=name)


def computation(kind, config):
    if kind == "Lrn":
        radius = (config["size"] - 1) // 2
        # Its kernel for CPUs has no bfloat16.
        return lambda x: tf.cast(
            tf.nn.local_response_normalization(
                tf.cast(x, tf.float32), radius, config["k"], config["alpha"], config["beta"]
            ),
            x.dtype,
        )
    if kind == "CeilPool":
        return lambda x: ceil_pool(x, config)
    if kind == "ScaledTanh":
        return lambda x: 1.7159 * tf.tanh(x * (2 / 3))
    if kind == "Subsample":
        size = config["size"]
        return lambda x, coefficient, bias: tf.nn.avg_pool2d(x, size, size, "VALID") * (coefficient * size**2) + bias
    if kind == "SubsetConv2D":
        return lambda x, kernel, bias: subset_conv(x, kernel, bias, config)
    if kind == "Rbf":
        return lambda x, codes: tf.reduce_sum(tf.square(x[:, None, :] - codes), 2)
    raise ValueError(f"no layer {kind} here")


def ceil_pool(x, config):
    size, stride = config["size"], config["stride"]
    assert config["kind"] == "max"
    overhang = [max(0, -(-(side - size) // stride)) * stride + size - side for side in x.shape[1:3]]
    # TensorFlow's SAME puts an overhang of one pixel below and to the right, as these networks do.
    assert max(overhang) <= 1
    return tf.nn.max_pool2d(x, size, stride, "SAME" if max(overhang) else "VALID")


def subset_conv(x, kernel, bias, config):
    size, table = config["kernelSize"], config["table"]
    maps = x.shape[-1]
    places = [map_ * len(table) + out for out, row in enumerate(table) for map_ in row]
    placement = tf.one_hot(places, maps * len(table), dtype=kernel.dtype)
    dense = tf.reshape(tf.matmul(tf.reshape(kernel, [size * size, -1]), placement), [size, size, maps, len(table)])
    return tf.nn.conv2d(x, dense, 1, "VALID") + bias


class Network:
    def __init__(self, task, precision, _layout):
        keras.backend.clear_session()
        keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
        self.task = task
        made, values = {}, {}
        for layer in task.layers:
            given = [values[name] for name in layer["inputs"]]
            if layer["kind"] == "InputLayer":
                values[layer["name"]] = keras.Input(task.images.shape[1:], batch_size=len(task.labels))
                continue
            made[layer["name"]] = layer_of(layer, task)
            values[layer["name"]] = made[layer["name"]](given if layer["kind"] == "Concatenate" else given[0])
        (image,) = (values[layer["name"]] for layer in task.layers if layer["kind"] == "InputLayer")
        outputs = [values[output["name"]] for output in task.outputs]
        self.model, self.main = keras.Model(image, outputs), keras.Model(image, outputs[0])
        for layer in task.layers:
            if layer["weights"]:
                made[layer["name"]].set_weights([task.weights[name] for name in layer["weights"]])
        self.optimiser = keras.optimizers.SGD(task.rate, momentum=task.momentum)
        self.optimiser.build(self.model.trainable_variables)
        self.step = tf.function(self.update)
        self.pass_ = tf.function(lambda images: tf.cast(self.main(images, training=False), tf.float32))

    def update(self, images, labels):
        with tf.GradientTape() as tape:
            scores = self.model(images, training=True)
            scores = scores if isinstance(scores, (list, tuple)) else [scores]
            loss = tf.add_n(
                [
                    output["weight"] * self.criterion(tf.cast(of, tf.float32), labels)
                    for output, of in zip(self.task.outputs, scores)
                ]
            )
        weights = self.model.trainable_variables
        gradients = tape.gradient(loss, weights)
        if self.task.decay:
            gradients = [slope + self.task.decay * weight for slope, weight in zip(gradients, weights)]
        self.optimiser.apply(gradients, weights)
        return loss

    def criterion(self, scores, labels):
        if self.task.loss["kind"] == "softmaxCrossEntropy":
            return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores))
        own = tf.gather(scores, labels, axis=1, batch_dims=1)
        rival = tf.fill([scores.shape[0], 1], -float(self.task.loss["rival"]))
        return tf.reduce_mean(own + tf.reduce_logsumexp(tf.concat([-scores, rival], 1), 1))

    def train(self):
        return float(self.step(self.task.images, self.task.labels))

    def infer(self):
        return self.pass_(self.task.images).numpy()


serve(Task(sys.argv[1]), Network)
