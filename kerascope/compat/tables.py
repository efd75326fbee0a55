"""The old names, as tables: module paths, names and arguments. `docs/compat.md` is made from this file.

Each line says what an old name is today. A target `module:name` is a name in a module; a target `module` is a whole module. No
code here, and nothing is imported.
"""

from __future__ import annotations

# Module path of Keras 1 or 2: the modules in which its names are looked up today, first one first.
KERAS_MODULES: dict[str, tuple[str, ...]] = {
    "keras.layers.core": ("keras.layers",),
    "keras.layers.convolutional": ("keras.layers",),
    "keras.layers.convolutional_recurrent": ("keras.layers",),
    "keras.layers.pooling": ("keras.layers",),
    "keras.layers.normalization": ("keras.layers",),
    "keras.layers.recurrent": ("keras.layers",),
    "keras.layers.cudnn_recurrent": ("keras.layers",),
    "keras.layers.embeddings": ("keras.layers",),
    "keras.layers.merge": ("keras.layers",),
    "keras.layers.merging": ("keras.layers",),
    "keras.layers.noise": ("keras.layers",),
    "keras.layers.regularization": ("keras.layers",),
    "keras.layers.attention": ("keras.layers",),
    "keras.layers.wrappers": ("keras.layers",),
    "keras.layers.local": ("keras.layers",),
    "keras.layers.advanced_activations": ("keras.layers",),
    "keras.layers.activation": ("keras.layers",),
    "keras.layers.reshaping": ("keras.layers",),
    "keras.layers.rnn": ("keras.layers",),
    "keras.layers.preprocessing": ("keras.layers",),
    "keras.layers.experimental": ("keras.layers",),
    "keras.layers.experimental.preprocessing": ("keras.layers",),
    "keras.layers.normalization.batch_normalization": ("keras.layers",),
    "keras.layers.normalization.layer_normalization": ("keras.layers",),
    "keras.layers.containers": ("keras.models", "keras.layers"),
    "keras.engine": ("keras.layers", "keras.models", "keras"),
    "keras.engine.topology": ("keras.layers", "keras.models", "kerascope.compat.objects"),
    "keras.engine.base_layer": ("keras.layers",),
    "keras.engine.input_layer": ("keras.layers",),
    "keras.engine.input_spec": ("keras.layers",),
    "keras.engine.training": ("keras.models", "kerascope.compat.objects"),
    "keras.engine.training_utils": ("keras.utils", "kerascope.compat.objects"),
    "keras.engine.training_generator": ("keras.models",),
    "keras.engine.training_arrays": ("keras.models",),
    "keras.engine.network": ("kerascope.compat.objects", "keras.models"),
    "keras.engine.functional": ("kerascope.compat.objects", "keras.models"),
    "keras.engine.sequential": ("keras.models",),
    "keras.engine.saving": ("keras.models",),
    "keras.legacy.layers": ("keras.layers",),
    "keras.legacy.interfaces": ("kerascope.compat.objects",),
    "keras.objectives": ("keras.losses",),
    "keras.initializations": ("keras.initializers",),
    "keras.optimizers.adam": ("keras.optimizers",),
    "keras.optimizers.adamax": ("keras.optimizers",),
    "keras.optimizers.adagrad": ("keras.optimizers",),
    "keras.optimizers.adadelta": ("keras.optimizers",),
    "keras.optimizers.nadam": ("keras.optimizers",),
    "keras.optimizers.rmsprop": ("keras.optimizers",),
    "keras.optimizers.sgd": ("keras.optimizers",),
    "keras.optimizers.optimizer_v1": ("keras.optimizers",),
    "keras.optimizers.optimizer_v2": ("keras.optimizers",),
    "keras.optimizers.optimizer_v2.adam": ("keras.optimizers",),
    "keras.optimizers.optimizer_v2.gradient_descent": ("keras.optimizers",),
    "keras.optimizers.optimizer_v2.rmsprop": ("keras.optimizers",),
    "keras.optimizers.experimental": ("keras.optimizers",),
    "keras.optimizer_v1": ("keras.optimizers",),
    "keras.optimizer_v2": ("keras.optimizers",),
    "keras.optimizer_v2.adam": ("keras.optimizers",),
    "keras.optimizer_v2.gradient_descent": ("keras.optimizers",),
    "keras.optimizer_v2.rmsprop": ("keras.optimizers",),
    "keras.backend.tensorflow_backend": ("keras.backend",),
    "keras.backend.common": ("keras.backend",),
    "keras.utils.np_utils": ("keras.utils", "kerascope.compat.objects"),
    "keras.utils.all_utils": ("keras.utils",),
    "keras.utils.generic_utils": ("keras.utils",),
    "keras.utils.data_utils": ("keras.utils",),
    "keras.utils.io_utils": ("keras.utils",),
    "keras.utils.layer_utils": ("keras.utils", "kerascope.compat.objects"),
    "keras.utils.conv_utils": ("keras.utils", "kerascope.compat.objects"),
    "keras.utils.vis_utils": ("keras.utils",),
    "keras.utils.visualize_util": ("keras.utils", "kerascope.compat.objects"),
    "keras.utils.training_utils": ("keras.utils",),
    "keras.utils.multi_gpu_utils": ("keras.utils",),
    "keras.utils.image_utils": ("keras.utils",),
    "keras.utils.image_dataset": ("keras.utils",),
    "keras.preprocessing.text": ("keras.src.legacy.preprocessing.text",),
    "keras.preprocessing.image_dataset": ("keras.utils",),
    "keras.preprocessing.timeseries": ("keras.utils",),
    "keras.wrappers.scikit_learn": ("kerascope.compat.scikit",),
    "keras.callbacks.callbacks": ("keras.callbacks",),
    "keras.callbacks.tensorboard_v1": ("keras.callbacks",),
    "keras.callbacks.tensorboard_v2": ("keras.callbacks",),
    "keras.mixed_precision.experimental": ("keras.mixed_precision",),
    "keras.experimental": ("keras", "keras.optimizers.schedules"),
}

# First part of a module path: the package that stands in for it.
PACKAGES: dict[str, str] = {
    "keras_core": "keras",
    "tf_keras": "keras",
    "tensorflow.keras": "keras",
    "tensorflow.python.keras": "keras",
}

# Names that modules of Keras 3 lack, by module; the target is `module:name`.
KERAS_NAMES: dict[str, dict[str, str]] = {
    "keras.layers": {
        "Convolution1D": "keras.layers:Conv1D",
        "Convolution2D": "keras.layers:Conv2D",
        "Convolution3D": "keras.layers:Conv3D",
        "AtrousConvolution1D": "keras.layers:Conv1D",
        "AtrousConvolution2D": "keras.layers:Conv2D",
        "AtrousConv1D": "keras.layers:Conv1D",
        "AtrousConv2D": "keras.layers:Conv2D",
        "Deconvolution2D": "keras.layers:Conv2DTranspose",
        "Deconv2D": "keras.layers:Conv2DTranspose",
        "Deconvolution3D": "keras.layers:Conv3DTranspose",
        "Convolution2DTranspose": "keras.layers:Conv2DTranspose",
        "SeparableConvolution2D": "keras.layers:SeparableConv2D",
        "MaxPool1D": "keras.layers:MaxPooling1D",
        "MaxPool2D": "keras.layers:MaxPooling2D",
        "MaxPool3D": "keras.layers:MaxPooling3D",
        "AvgPool2D": "keras.layers:AveragePooling2D",
        "CuDNNLSTM": "keras.layers:LSTM",
        "CuDNNGRU": "keras.layers:GRU",
        "BatchNormalizationV1": "keras.layers:BatchNormalization",
        "BatchNormalizationV2": "keras.layers:BatchNormalization",
        "ThresholdedReLU": "keras.src.legacy.layers:ThresholdedReLU",
        "AlphaDropout": "keras.layers:AlphaDropout",
        "TimeDistributedDense": "kerascope.compat.objects:TimeDistributedDense",
        "merge": "kerascope.compat.objects:merge",
        "Merge": "kerascope.compat.objects:Merge",
        "Network": "keras:Model",
        "SyncBatchNormalization": "kerascope.compat.objects:SyncBatchNormalization",
        "RandomHeight": "keras.src.legacy.layers:RandomHeight",
        "RandomWidth": "keras.src.legacy.layers:RandomWidth",
        **{name: f"keras.layers.{name}" for name in (
            "core", "convolutional", "convolutional_recurrent", "pooling", "normalization", "recurrent", "cudnn_recurrent", "embeddings",
            "noise", "wrappers", "local", "advanced_activations", "experimental",
        )},
    },
    "keras.backend": {"tensorflow_backend": "keras.backend.tensorflow_backend"},
    "keras.models": {"Graph": "kerascope.compat.objects:Graph", "model_from_config": "kerascope.compat.objects:model_from_config"},
    "keras.optimizers": {
        "adam": "keras.optimizers:Adam",
        "adamax": "keras.optimizers:Adamax",
        "adagrad": "keras.optimizers:Adagrad",
        "adadelta": "keras.optimizers:Adadelta",
        "nadam": "keras.optimizers:Nadam",
        "rmsprop": "keras.optimizers:RMSprop",
        "sgd": "keras.optimizers:SGD",
    },
    "keras.regularizers": {
        "l1l2": "kerascope.compat.objects:l1l2",
        "l1_l2": "keras.regularizers:L1L2",
        "WeightRegularizer": "kerascope.compat.objects:WeightRegularizer",
        "ActivityRegularizer": "kerascope.compat.objects:WeightRegularizer",
        "activity_l1": "keras.regularizers:l1",
        "activity_l2": "keras.regularizers:l2",
        "activity_l1l2": "kerascope.compat.objects:l1l2",
    },
    "keras.constraints": {
        "maxnorm": "kerascope.compat.objects:maxnorm",
        "nonneg": "keras.constraints:NonNeg",
        "unitnorm": "keras.constraints:UnitNorm",
        "max_norm": "keras.constraints:MaxNorm",
        "non_neg": "keras.constraints:NonNeg",
        "unit_norm": "keras.constraints:UnitNorm",
        "min_max_norm": "keras.constraints:MinMaxNorm",
    },
    "keras.initializers": {
        "normal": "keras.initializers:RandomNormal",
        "uniform": "keras.initializers:RandomUniform",
        "one": "keras.initializers:Ones",
        "zero": "keras.initializers:Zeros",
    },
    "keras.losses": {
        "mse": "keras.losses:mean_squared_error",
        "MSE": "keras.losses:mean_squared_error",
        "mae": "keras.losses:mean_absolute_error",
        "MAE": "keras.losses:mean_absolute_error",
        "mape": "keras.losses:mean_absolute_percentage_error",
        "msle": "keras.losses:mean_squared_logarithmic_error",
        "kld": "keras.losses:kl_divergence",
        "kullback_leibler_divergence": "keras.losses:kl_divergence",
        "cosine_proximity": "keras.losses:cosine_similarity",
        "cosine": "keras.losses:cosine_similarity",
        "logcosh": "keras.losses:log_cosh",
        "Reduction": "keras.src.legacy.losses:Reduction",
    },
    "keras.metrics": {
        "mse": "keras.losses:mean_squared_error",
        "mae": "keras.losses:mean_absolute_error",
        "kullback_leibler_divergence": "keras.losses:kl_divergence",
        "cosine_proximity": "keras.losses:cosine_similarity",
    },
    "keras.callbacks": {"BaseLogger": "kerascope.compat.objects:BaseLogger"},
    "keras.utils": {
        "Sequence": "keras.utils:PyDataset",
        "np_utils": "keras.utils.np_utils",
        "generic_utils": "keras.utils.generic_utils",
        "data_utils": "keras.utils.data_utils",
        "vis_utils": "keras.utils.vis_utils",
        "HDF5Matrix": "kerascope.keras.model:HDF5Matrix",
        "CustomObjectScope": "keras.saving:CustomObjectScope",
        "custom_object_scope": "keras.saving:custom_object_scope",
        "get_custom_objects": "keras.saving:get_custom_objects",
        "multi_gpu_model": "kerascope.compat.objects:multi_gpu_model",
        "print_summary": "kerascope.compat.objects:print_summary",
    },
    "keras.preprocessing": {"text": "keras.preprocessing.text"},
    "keras.preprocessing.sequence": {
        "TimeseriesGenerator": "keras.src.legacy.preprocessing.sequence:TimeseriesGenerator",
        "skipgrams": "keras.src.legacy.preprocessing.sequence:skipgrams",
        "make_sampling_table": "keras.src.legacy.preprocessing.sequence:make_sampling_table",
    },
    "keras.preprocessing.image": {
        name: f"keras.src.legacy.preprocessing.image:{name}"
        for name in (
            "ImageDataGenerator", "Iterator", "DirectoryIterator", "NumpyArrayIterator", "DataFrameIterator", "random_rotation",
            "random_shift", "random_shear", "random_zoom", "random_channel_shift", "random_brightness", "apply_affine_transform",
            "apply_channel_shift", "apply_brightness_shift",
        )
    },
    "keras.wrappers": {"scikit_learn": "keras.wrappers.scikit_learn"},
    "keras": {
        "objectives": "keras.objectives",
        "engine": "keras.engine",
        "experimental": "keras.experimental",
        "initializations": "keras.initializations",
    },
}  # fmt: skip

# Names that are written as a class of today but had defaults and an order of arguments of their own: what stands in while a script runs.
STAND_INS: dict[str, str] = {
    "CuDNNLSTM": "kerascope.compat.objects:CuDNNLSTM",
    "CuDNNGRU": "kerascope.compat.objects:CuDNNGRU",
}

# Argument of a layer in Keras 1: what it may be called today; the first name that the layer takes counts.
LAYER_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "output_dim": ("units",),
    "nb_filter": ("filters",),
    "filter_length": ("kernel_size",),
    "border_mode": ("padding",),
    "subsample": ("strides",),
    "subsample_length": ("strides",),
    "dim_ordering": ("data_format",),
    "atrous_rate": ("dilation_rate",),
    "pool_length": ("pool_size",),
    "stride": ("strides",),
    "length": ("size",),
    "init": ("kernel_initializer", "embeddings_initializer", "alpha_initializer"),
    "inner_init": ("recurrent_initializer",),
    "inner_activation": ("recurrent_activation",),
    "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
    "U_regularizer": ("recurrent_regularizer",),
    "b_regularizer": ("bias_regularizer",),
    "W_constraint": ("kernel_constraint", "embeddings_constraint"),
    "U_constraint": ("recurrent_constraint",),
    "b_constraint": ("bias_constraint",),
    "dropout_W": ("dropout",),
    "dropout_U": ("recurrent_dropout",),
    "bias": ("use_bias",),
    "p": ("rate",),
    "sigma": ("stddev",),
    "dims": ("target_shape",),
    "beta_init": ("beta_initializer",),
    "gamma_init": ("gamma_initializer",),
    "alpha": ("negative_slope",),
}

# Arguments of layers that mean nothing today, and the value that may be dropped in silence; another is named in the report.
DROPPED_ARGUMENTS: dict[str, str] = {
    "consume_less": "the fastest form is always used",
    "implementation": "the fastest form is always used",
    "time_major": "put the batch axis first",
    "mode": "normalisation is per feature",
    "fused": "the fastest form is always used",
    "renorm": "batch renormalisation is gone",
    "virtual_batch_size": "virtual batches are gone",
    "forget_bias_init": "use unit_forget_bias",
    "input_length": "the length comes with the input",
    "input_dtype": "give the dtype to Input",
}

# Argument of an optimizer: today's name.
OPTIMIZER_ARGUMENTS: dict[str, str] = {"lr": "learning_rate"}

# Default values that Keras 3 changed: classes, argument, value before, and the last release that had it. Releases: 2.2 and before,
# 2.3 (the last one with several backends), 2.15 (the last one before Keras 3, and `tf.keras`).
DEFAULTS: tuple[tuple[str, str, object, str], ...] = (
    ("LSTM LSTMCell GRU GRUCell", "recurrent_activation", "hard_sigmoid", "2.2"),
    ("ConvLSTM1D ConvLSTM2D ConvLSTM3D", "recurrent_activation", "hard_sigmoid", "2.15"),
    ("GRU GRUCell", "reset_after", False, "2.3"),
    ("Adadelta", "learning_rate", 1.0, "2.3"),
    ("Adagrad", "learning_rate", 0.01, "2.3"),
    ("Adagrad", "initial_accumulator_value", 0.0, "2.3"),
    ("Adamax Nadam", "learning_rate", 0.002, "2.3"),
)

# Argument of a callback, by class: today's name, or "" if it means nothing any more.
CALLBACK_ARGUMENTS: dict[str, dict[str, str]] = {
    "ReduceLROnPlateau": {"epsilon": "min_delta"},
    "ModelCheckpoint": {"period": "save_freq"},
    "TensorBoard": {"batch_size": "", "write_grads": "", "embeddings_layer_names": "", "embeddings_data": ""},
}

# Argument of a training method in Keras 1: today's name. Counts of samples become counts of batches.
METHOD_ARGUMENTS: dict[str, str] = {
    "nb_epoch": "epochs",
    "samples_per_epoch": "steps_per_epoch",
    "nb_val_samples": "validation_steps",
    "val_samples": "steps",
    "max_q_size": "max_queue_size",
    "nb_worker": "workers",
    "pickle_safe": "use_multiprocessing",
    "show_accuracy": "metrics=['accuracy'] of compile",
}

# Old method of a model: how to write it today.
METHODS: dict[str, str] = {
    "fit_generator": "fit",
    "evaluate_generator": "evaluate",
    "predict_generator": "predict",
    "predict_classes": "predict(x).argmax(axis=-1), or (predict(x) > 0.5)",
    "predict_proba": "predict",
}
