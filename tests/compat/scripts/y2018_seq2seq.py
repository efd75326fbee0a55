# ruff: noqa
"""Keras 2: encoder and decoder with states, inference models built from the layers, saved and loaded."""
from __future__ import print_function
from keras.models import Model, load_model
from keras.layers import Input, LSTM, Dense
import numpy as np

num_encoder_tokens, num_decoder_tokens, latent_dim = 5, 6, 7
encoder_inputs = Input(shape=(None, num_encoder_tokens))
encoder = LSTM(latent_dim, return_state=True)
encoder_outputs, state_h, state_c = encoder(encoder_inputs)
encoder_states = [state_h, state_c]
decoder_inputs = Input(shape=(None, num_decoder_tokens))
decoder_lstm = LSTM(latent_dim, return_sequences=True, return_state=True)
decoder_outputs, _, _ = decoder_lstm(decoder_inputs, initial_state=encoder_states)
decoder_dense = Dense(num_decoder_tokens, activation="softmax")
decoder_outputs = decoder_dense(decoder_outputs)
model = Model([encoder_inputs, decoder_inputs], decoder_outputs)
model.compile(optimizer="rmsprop", loss="categorical_crossentropy")
a, b, c = np.random.rand(8, 4, 5), np.random.rand(8, 3, 6), np.eye(6)[np.random.randint(0, 6, (8, 3))]
model.fit([a, b], c, batch_size=4, epochs=1, validation_split=0.25, verbose=0)
model.save("s2s.h5")
loaded = load_model("s2s.h5")
assert np.allclose(loaded.predict([a, b], verbose=0), model.predict([a, b], verbose=0), atol=1e-5)
encoder_model = Model(encoder_inputs, encoder_states)
states = [Input(shape=(latent_dim,)), Input(shape=(latent_dim,))]
outs, h, cc = decoder_lstm(decoder_inputs, initial_state=states)
decoder_model = Model([decoder_inputs] + states, [decoder_dense(outs)] + [h, cc])
states_value = encoder_model.predict(a[:1])
target_seq = np.zeros((1, 1, num_decoder_tokens))
target_seq[0, 0, 0] = 1.0
for _ in range(2):
    output_tokens, h, c = decoder_model.predict([target_seq] + states_value)
    target_seq = np.zeros((1, 1, num_decoder_tokens))
    target_seq[0, 0, np.argmax(output_tokens[0, -1, :])] = 1.0
    states_value = [h, c]
assert output_tokens.shape == (1, 1, 6)
