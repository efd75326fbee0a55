# ruff: noqa
"""Keras 1: a generator and a discriminator trained in turns, trainable switched between."""
import numpy as np
from keras.models import Sequential
from keras.layers import Dense, Reshape, Activation
from keras.layers.convolutional import Convolution2D, MaxPooling2D, UpSampling2D
from keras.layers.core import Flatten
from keras.optimizers import SGD, Adam
from keras.layers.advanced_activations import LeakyReLU


def generator_model():
    model = Sequential()
    model.add(Dense(input_dim=6, output_dim=16))
    model.add(Activation("tanh"))
    model.add(Reshape((4, 4, 1), input_shape=(16,)))
    model.add(UpSampling2D(size=(2, 2)))
    model.add(Convolution2D(1, 3, 3, border_mode="same", activation="tanh"))
    return model


def discriminator_model():
    model = Sequential()
    model.add(Convolution2D(2, 3, 3, border_mode="same", input_shape=(8, 8, 1)))
    model.add(LeakyReLU(0.2))
    model.add(Flatten())
    model.add(Dense(1))
    model.add(Activation("sigmoid"))
    return model


def generator_containing_discriminator(generator, discriminator):
    model = Sequential()
    model.add(generator)
    discriminator.trainable = False
    model.add(discriminator)
    return model


discriminator = discriminator_model()
generator = generator_model()
both = generator_containing_discriminator(generator, discriminator)
d_optim = SGD(lr=0.005, momentum=0.9, nesterov=True)
generator.compile(loss="binary_crossentropy", optimizer="SGD")
both.compile(loss="binary_crossentropy", optimizer=SGD(lr=0.05))
discriminator.trainable = True
discriminator.compile(loss="binary_crossentropy", optimizer=d_optim)
real = np.random.rand(4, 8, 8, 1) * 2 - 1
for index in range(3):
    noise = np.random.uniform(-1, 1, (4, 6))
    generated = generator.predict(noise, verbose=0)
    X = np.concatenate((real, generated))
    before = [w.copy() for w in discriminator.get_weights()]
    d_loss = discriminator.train_on_batch(X, np.array([1] * 4 + [0] * 4))
    assert any(not np.allclose(a, b) for a, b in zip(before, discriminator.get_weights())), "the discriminator learns"
    discriminator.trainable = False
    before = [w.copy() for w in discriminator.get_weights()]
    first = [w.copy() for w in generator.get_weights()]
    g_loss = both.train_on_batch(noise, np.array([1] * 4))
    assert all(np.allclose(a, b) for a, b in zip(before, discriminator.get_weights())), "it is frozen in the other"
    assert any(not np.allclose(a, b) for a, b in zip(first, generator.get_weights())), "the generator learns"
    discriminator.trainable = True
    print("batch %d d_loss : %f g_loss : %f" % (index, d_loss, g_loss))
    generator.save_weights("generator", True)
    discriminator.save_weights("discriminator", True)
generator.load_weights("generator")
