"""The pictures: tidy table in, Altair chart out; nothing is shown by itself."""

from technopole.charts.advantage_change import advantage_change
from technopole.charts.balance import balance
from technopole.charts.cluster_map import cluster_map
from technopole.charts.complexity_diversity import complexity_diversity
from technopole.charts.composition_bars import composition_bars
from technopole.charts.density_curve import density_curve
from technopole.charts.event_study import event_study
from technopole.charts.forest import forest
from technopole.charts.gap_and_effect import gap_and_effect
from technopole.charts.goals_matrix import goals_matrix
from technopole.charts.lead_lag import lead_lag
from technopole.charts.local_map import local_map
from technopole.charts.overlap_heatmap import overlap_heatmap
from technopole.charts.place_map import place_map
from technopole.charts.product_space import product_space
from technopole.charts.ranking import ranking
from technopole.charts.ring_decay import ring_decay
from technopole.charts.small_multiples import small_multiples
from technopole.charts.stage_evidence import stage_evidence
from technopole.charts.stage_path import stage_path
from technopole.charts.survival_curves import survival_curves
from technopole.charts.synthetic_paths import synthetic_paths
from technopole.charts.transition_rates import transition_rates
from technopole.charts.trend import trend
from technopole.charts.unit_value_segments import unit_value_segments
from technopole.charts.waterfall import waterfall

__all__ = [
    "advantage_change",
    "balance",
    "cluster_map",
    "complexity_diversity",
    "composition_bars",
    "density_curve",
    "event_study",
    "forest",
    "gap_and_effect",
    "goals_matrix",
    "lead_lag",
    "local_map",
    "overlap_heatmap",
    "place_map",
    "product_space",
    "ranking",
    "ring_decay",
    "small_multiples",
    "stage_evidence",
    "stage_path",
    "survival_curves",
    "synthetic_paths",
    "trend",
    "waterfall",
    "unit_value_segments",
    "transition_rates",
]
