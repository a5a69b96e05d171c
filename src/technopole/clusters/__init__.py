"""Where are the clusters, what kind, how old, and at which stage?"""

from technopole.clusters.emergence import emergence

__all__ = ["emergence"]
