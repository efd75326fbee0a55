"""A pass over batches: how steps are put together, run and told about, one module per backend that has programs."""
