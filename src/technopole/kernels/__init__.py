"""The arithmetic: NumPy arrays in, frozen dataclasses out. A paper's symbols live here, beside the citation."""
