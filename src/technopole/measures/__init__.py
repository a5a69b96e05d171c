"""How concentrated is an industry, and where? One statistic per file."""

from technopole.measures.cluster_index import cluster_index
from technopole.measures.coagglomeration import coagglomeration
from technopole.measures.colocation import colocation
from technopole.measures.concentration import concentration
from technopole.measures.ellison_glaeser import ellison_glaeser
from technopole.measures.getis_ord import getis_ord
from technopole.measures.input_output_links import input_output_links
from technopole.measures.k_density import k_density
from technopole.measures.local_moran import local_moran
from technopole.measures.location_quotient import location_quotient
from technopole.measures.m_density import m_density
from technopole.measures.m_function import m_function
from technopole.measures.marshall import marshall
from technopole.measures.maurel_sedillot import maurel_sedillot
from technopole.measures.moran import moran
from technopole.measures.scan import scan
from technopole.measures.shift_share import shift_share
from technopole.measures.specialization import specialization
from technopole.measures.star_rating import star_rating
from technopole.measures.variety import variety

__all__ = [
    "location_quotient",
    "specialization",
    "concentration",
    "variety",
    "star_rating",
    "coagglomeration",
    "ellison_glaeser",
    "maurel_sedillot",
    "shift_share",
    "k_density",
    "local_moran",
    "getis_ord",
    "moran",
    "m_function",
    "m_density",
    "cluster_index",
    "scan",
    "input_output_links",
    "marshall",
    "colocation",
]
