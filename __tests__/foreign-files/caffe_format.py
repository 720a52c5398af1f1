"""Writes Caffe's NetParameter messages by google.protobuf, from the fields of src/caffe/proto/caffe.proto that matter."""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

INT32, INT64, FLOAT, DOUBLE, STRING, MESSAGE = 5, 3, 2, 1, 9, 11


def message(name, *fields):
    described = descriptor_pb2.DescriptorProto(name=name)
    for field, number, kind, repeated, *rest in fields:
        added = described.field.add(name=field, number=number, type=kind, label=3 if repeated else 1)
        if kind == MESSAGE:
            added.type_name = f".caffe.{rest[0]}"
        elif rest:
            added.options.packed = rest[0]
    return described


def messages(packed):
    """packed: whether a blob's numbers lie in one field; Caffe's do, but readers must take both."""
    file = descriptor_pb2.FileDescriptorProto(name=f"caffe_{packed}.proto", package="caffe", syntax="proto2")
    file.message_type.extend([
        message("BlobShape", ("dim", 1, INT64, True, True)),
        message("BlobProto", ("num", 1, INT32, False), ("channels", 2, INT32, False), ("height", 3, INT32, False),
                ("width", 4, INT32, False), ("data", 5, FLOAT, True, packed), ("shape", 7, MESSAGE, False, "BlobShape"),
                ("double_data", 8, DOUBLE, True, packed)),
        message("LayerParameter", ("name", 1, STRING, False), ("type", 2, STRING, False),
                ("bottom", 3, STRING, True), ("top", 4, STRING, True), ("blobs", 7, MESSAGE, True, "BlobProto")),
        message("V1LayerParameter", ("bottom", 2, STRING, True), ("top", 3, STRING, True), ("name", 4, STRING, False),
                ("type", 5, INT32, False), ("blobs", 6, MESSAGE, True, "BlobProto")),
        message("NetParameter", ("name", 1, STRING, False), ("layers", 2, MESSAGE, True, "V1LayerParameter"),
                ("input", 3, STRING, True), ("input_dim", 4, INT32, True), ("layer", 100, MESSAGE, True, "LayerParameter")),
    ])  # fmt: skip
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("caffe.NetParameter"))


def layers(blobs):
    """The layers of a network as Caffe writes them since 2015; biases as doubles, which it may write too."""
    net = messages(packed=True)(name="narrow", input=["data"], input_dim=[1, 3, 99, 99])
    net.layer.add(name="data", type="Input", top=["data"])
    for name, arrays in blobs.items():
        layer = net.layer.add(name=name, type="Convolution", bottom=["below"], top=[name])
        for array in arrays:
            blob = layer.blobs.add()
            blob.shape.dim.extend(array.shape)
            (blob.data if array.ndim > 1 else blob.double_data).extend(array.flatten().tolist())
        net.layer.add(name=f"{name}/relu", type="ReLU", bottom=[name], top=[name])
    return net.SerializeToString()


def layers_v1(blobs):
    """As Caffe wrote them before: four sizes for every blob, here with each number in a field of its own."""
    net = messages(packed=False)(name="narrow")
    for name, arrays in blobs.items():
        layer = net.layers.add(name=name, type=4, bottom=["below"], top=[name])
        for array in arrays:
            num, channels, height, width = (1,) * (4 - array.ndim) + array.shape
            blob = layer.blobs.add(num=num, channels=channels, height=height, width=width)
            blob.data.extend(array.flatten().tolist())
    return net.SerializeToString()
