"""Makes the files in `others/`: what people take for weights, or what no reader knows, by the libraries that write it.

    python make_other_files.py        # tensorflow 2.21, onnx 1.23, numpy 2.4, h5py 3.14; Caffe's messages by google.protobuf

Nothing of the product or its tests runs this.
"""

import os
import shutil
import tempfile
from pathlib import Path

import h5py
import numpy as np

import caffe_format

HERE = Path(__file__).parent / "others"
HERE.mkdir(exist_ok=True)
ones = np.ones((2, 3), np.float32)


def onnx_files():
    from onnx import TensorProto, helper, numpy_helper, save

    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])], "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])], [numpy_helper.from_array(ones, "w")],
    )  # fmt: skip
    save(helper.make_model(graph, producer_name="pytorch"), HERE / "net.onnx")
    save(helper.make_model(graph), HERE / "nameless.onnx")


def numpy_files():
    np.savez(HERE / "net.npz", conv1_W=ones, conv1_b=ones[0])
    np.save(HERE / "net.npy", ones)
    with h5py.File(HERE / "matlab.mat", "w", userblock_size=512) as file:
        file["net"] = ones
    with open(HERE / "matlab.mat", "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64")
    with h5py.File(HERE / "table.h5", "w") as file:
        file["table"] = ones
    # caffe/src/caffe/net.cpp, Net::ToHDF5
    with h5py.File(HERE / "net.caffemodel.h5", "w") as file:
        file["data/conv1/7x7_s2/0"] = np.arange(6, dtype=np.float32).reshape(2, 3)
        file["data/conv1/7x7_s2/1"] = np.arange(2, dtype=np.float32)
        file.create_group("data/pool1")


def tensorflow_files():
    import tensorflow as tf

    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(ones)

        @tf.function(input_signature=[tf.TensorSpec([1, 2])])
        def __call__(self, x):
            return x @ self.w

    net = Net()
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(net, folder)
        shutil.copy(Path(folder) / "saved_model.pb", HERE / "saved_model.pb")
        tf.train.Checkpoint(net=net).write(f"{folder}/net.ckpt")
        shutil.copy(f"{folder}/net.ckpt.index", HERE / "net.ckpt.index")
        shutil.copy(f"{folder}/net.ckpt.data-00000-of-00001", HERE / "net.ckpt.data-00000-of-00001")
    graph = tf.Graph()
    with graph.as_default():
        tf.compat.v1.placeholder(tf.float32, [1, 2], "x")
        tf.constant(ones, name="w")
    (HERE / "frozen.pb").write_bytes(graph.as_graph_def().SerializeToString())
    (HERE / "net.tflite").write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([net.__call__.get_concrete_function()], net).convert())


onnx_files()
numpy_files()
tensorflow_files()
