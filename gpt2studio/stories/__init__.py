"""Texts, their history and their branches: folds over a journal that only grows."""
