"""What scripts of tests begin with where Keras with JAX or PyTorch is all they need.

Keras loads these packages where they are installed, TensorFlow as soon as a model is saved: 2 s or, with TensorFlow, 8 s of a core in
every process. They look as if they were not there.
"""

from __future__ import annotations

LEAN = "import sys\nsys.modules.update(dict.fromkeys(['tensorflow', 'sklearn', 'matplotlib', 'pandas']))\n"
