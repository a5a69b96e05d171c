"""Where are the clusters, what kind, how old, and at which stage?"""

__all__: list[str] = []
