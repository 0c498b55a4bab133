"""The matrix products of the network, one class a way to compute them: where nearly all of the time goes.

Each multiplies features, (rows, in), by a matrix of weights and adds a bias. A new number type is a new module here and
a line in `choice`.
"""

from gpt2studio.engine.products.choice import head_of, product_of
from gpt2studio.engine.products.exact import Product

__all__ = ["Product", "head_of", "product_of"]
