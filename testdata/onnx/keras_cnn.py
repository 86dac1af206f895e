"""Keras networks, exported by tf2onnx: channels last, with Transposes around convolutions."""
import os

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "TF_ENABLE_ONEDNN_OPTS": "0", "TF_NUM_INTRAOP_THREADS": "1"}

import keras
import tensorflow as tf
import tf2onnx
from keras import layers as L

from kit import images, record, write


def plain():
    return (8, 7, 2), [L.Conv2D(4, 3, padding="same", strides=2), L.BatchNormalization(), L.ReLU(6.0), L.DepthwiseConv2D(3, padding="same"), L.ReLU(), L.MaxPooling2D(2), L.Flatten(), L.Dense(5, activation="softmax")]


def grey():
    return (8, 6, 1), [L.Conv2D(3, 3, activation="relu"), L.AveragePooling2D(2, padding="same"), L.Conv2D(4, 2, activation="relu"), L.GlobalAveragePooling2D(), L.Dense(6, activation="relu"), L.Dense(3)]


def norm_first():
    return (6, 6, 3), [L.BatchNormalization(), L.ZeroPadding2D(1), L.SeparableConv2D(4, 3, activation="relu"), L.Dropout(0.5), L.Reshape((6, 24)), L.Flatten(), L.Dense(4)]


def mlp():
    return (5, 4), [L.Flatten(), L.Dense(6, activation="relu"), L.Dense(3)]


def sequential(kind):
    shape, parts = kind()
    return keras.Sequential([keras.Input(shape), *parts])


def residual():
    x = keras.Input((6, 5, 2))
    a = L.ReLU()(L.BatchNormalization()(L.Conv2D(4, 3, padding="same", use_bias=False)(x)))
    b = L.BatchNormalization()(L.Conv2D(4, 3, padding="same")(a))
    c = L.ReLU()(L.Add()([a, b]))
    d = L.Concatenate()([c, L.Conv2D(2, 1, activation="relu")(c)])
    return keras.Model(x, L.Dense(3)(L.Flatten()(L.MaxPooling2D(2)(d))))


def exported():
    nets = {kind.__name__: lambda kind=kind: sequential(kind) for kind in (plain, grey, norm_first, mlp)} | {"residual": residual}
    for name, make in nets.items():
        for opset, nchw in ((9, False), (13, False), (18, False), (13, True)):
            if nchw and name == "mlp":
                continue
            keras.utils.set_random_seed(3)
            net = make()
            for v in net.variables:
                if "moving" in v.path:
                    least, most = (-0.3, 0.3) if "mean" in v.path else (0.5, 1.5)
                    v.assign(tf.random.uniform(v.shape, least, most))
            spec = [tf.TensorSpec((None, *net.input_shape[1:]), tf.float32, name="image")]
            call = tf.function(lambda t: net(t, training=False), input_signature=spec)
            m, _ = tf2onnx.convert.from_function(call, input_signature=spec, opset=opset, inputs_as_nchw=["image"] if nchw else None)
            x = images(*net.input_shape[1:])
            stored = f"keras_{name}{opset}{'_nchw' if nchw else ''}"
            write(m, stored)
            record(stored, x.transpose(0, 3, 1, 2) if nchw else x)
