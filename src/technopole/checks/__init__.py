"""Should we believe it? One check per file; each names the designs it applies to in `DESIGNS`."""

__all__ = []
