# ruff: noqa
"""Keras 2: a variational autoencoder whose loss is added to the model, compiled without one."""
import numpy as np
from keras.layers import Lambda, Input, Dense
from keras.models import Model
from keras.losses import mse, binary_crossentropy
from keras import metrics
from keras import backend as K


def sampling(args):
    z_mean, z_log_var = args
    batch = K.shape(z_mean)[0]
    dim = K.int_shape(z_mean)[1]
    epsilon = K.random_normal(shape=(batch, dim))
    return z_mean + K.exp(0.5 * z_log_var) * epsilon


original_dim, latent_dim = 12, 2
inputs = Input(shape=(original_dim,), name="encoder_input")
x = Dense(8, activation="relu")(inputs)
z_mean = Dense(latent_dim, name="z_mean")(x)
z_log_var = Dense(latent_dim, name="z_log_var")(x)
z = Lambda(sampling, output_shape=(latent_dim,), name="z")([z_mean, z_log_var])
encoder = Model(inputs, [z_mean, z_log_var, z], name="encoder")
latent_inputs = Input(shape=(latent_dim,), name="z_sampling")
decoder = Model(latent_inputs, Dense(original_dim, activation="sigmoid")(Dense(8, activation="relu")(latent_inputs)), name="decoder")
outputs = decoder(encoder(inputs)[2])
vae = Model(inputs, outputs, name="vae_mlp")
reconstruction_loss = binary_crossentropy(inputs, outputs)
reconstruction_loss *= original_dim
kl_loss = 1 + z_log_var - K.square(z_mean) - K.exp(z_log_var)
kl_loss = K.sum(kl_loss, axis=-1)
kl_loss *= -0.5
vae_loss = K.mean(reconstruction_loss + kl_loss)
vae.add_loss(vae_loss)
vae.compile(optimizer="adam")
vae.summary()
data = np.random.rand(16, original_dim)
h = vae.fit(data, epochs=3, batch_size=8, validation_data=(data, None), verbose=0)
assert len(h.history["loss"]) == 3 and len(h.history["val_loss"]) == 3
assert h.history["loss"][0] > 1, h.history
vae.save_weights("vae_mlp_mnist.h5")
z_mean, _, _ = encoder.predict(data, batch_size=8)
assert z_mean.shape == (16, 2) and decoder.predict(z_mean).shape == (16, original_dim)
