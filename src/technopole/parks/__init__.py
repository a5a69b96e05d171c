"""How do parks sit on clusters, firms and places, and which came first?"""

__all__ = []
