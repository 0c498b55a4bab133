"""The engine's tests use one thread: several tests run at once, and the networks are small."""

import torch

torch.set_num_threads(1)
