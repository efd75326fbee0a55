# ruff: noqa
"""Data sets without a network: one sentence with the file and the folder."""
from keras.datasets import mnist

try:
    mnist.load_data()
except Exception as error:
    text = str(error)
    assert "mnist.npz" in text and "--data-dir" in text and "\n" not in text, text
else:
    raise SystemExit("there is no network in this test")
