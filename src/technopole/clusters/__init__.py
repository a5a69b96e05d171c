"""Where are the clusters, what kind, how old, and at which stage?"""

from technopole.clusters.classify import classify
from technopole.clusters.delineate import delineate
from technopole.clusters.emergence import emergence
from technopole.clusters.life_cycle import life_cycle

__all__ = ["delineate", "classify", "emergence", "life_cycle"]
