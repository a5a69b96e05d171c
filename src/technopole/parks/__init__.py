"""How do parks sit on clusters, firms and places, and which came first?"""

from technopole.parks.evaluation import evaluation as evaluation
from technopole.parks.on_park import on_park as on_park
from technopole.parks.overlay import overlay as overlay
from technopole.parks.precedence import precedence as precedence
from technopole.parks.rings import rings as rings

__all__ = ["on_park", "rings", "overlay", "precedence", "evaluation"]
