"""Industrial composition of parks: shares, overlap, what they have most of."""

from __future__ import annotations

from collections.abc import Sequence

from technopole.comparison import _mixture as mixture
from technopole.comparison._overlap import overlap_table
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity


@member
def composition(
    activity: Activity,
    *,
    value: str = "output",
    parks: Sequence[str] | None = None,
    year: int | None = None,
    max_gap: int = 5,
    duplicating: float = 0.7,
) -> Result:
    """What each park is made of, and how much parks duplicate each other.

        share[p, s]   = x[p, s] / sum_s x[p, s]
        krugman[a, b] = sum_s |share[a, s] - share[b, s]|          0 = the same, 2 = nothing in common
        overlap[a, b] = 1 - krugman[a, b] / 2                      1 = the same, 0 = nothing in common
        herfindahl[p] = sum_s share[p, s]^2                        1 = a single segment
        LQ[p, s]      = share[p, s] / (sum_p x[p, s] / sum_p,s x[p, s])

    One basis at a time: shares of output never stand beside shares of firms. Each park is shown with its latest year
    (or `year`); a pair is compared in the two years nearest to each other, and not at all if these lie more than
    `max_gap` apart. A segment that isn't listed for a park is 0 for it; one without an amount leaves its shares
    undefined.

    Parameters
    ----------
    activity : Activity
        Park (place) x segment (industry) x year. A text column `unit` ('billion CNY') gives the unit of money, a
        column `<value>_unit` that of the value.
    value : str
        The basis: output, firms, establishments, named_fields ...
    parks : sequence of str, optional
        The parks asked for; those without composition are listed with the reason. None = all places.
    year : int, optional
        Only this year; none = each park's latest.
    max_gap : int
        Most years between two parks whose compositions are compared; a default of ours.
    duplicating : float
        Overlap above which two parks are flagged as duplicating, in (0, 1); a default of ours.

    Returns
    -------
    Result
        park, segment, year, value, unit, share, location_quotient, basis, uncertainty, undefined. Further tables:
        `parks` (park, year, basis, segments, total, unit, herfindahl, largest_segment, largest_share,
        location_quotient, uncertainty, undefined) and `overlap` (park_a, park_b, year_a, year_b, overlap, low, high,
        krugman, duplicating, basis, uncertainty, undefined), every pair in both orders and each park with itself;
        there `low` and `high` are the range when any one segment is left out.

    Raises
    ------
    MissingColumn
        The table has no such value.
    EmptyTable
        The table has no rows.
    WrongOption
        A threshold outside (0, 1), a negative gap, or more than 200 parks.

    References
    ----------
    Krugman, P. (1991). Geography and Trade. MIT Press, Cambridge (the distance). Herfindahl, O. C. (1950).
    Concentration in the Steel Industry. Columbia University, New York.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> parks = pd.DataFrame({"place": ["A", "A", "B", "B"], "industry": ["laser", "display", "laser", "display"],
    ...     "output": [30, 10, 10, 30]})
    >>> tp.comparison.composition(parks).overlap["overlap"].tolist()
    [1.0, 0.5, 0.5, 1.0]
    """
    if not 0 < duplicating < 1:
        raise WrongOption("duplicating is a share between 0 and 1", value=duplicating)
    if max_gap < 0:
        raise WrongOption("max_gap is a number of years, 0 or more", value=max_gap)
    listed = mixture.amounts(activity, value=value, parks=parks, year=year)
    matrix = mixture.shares(listed)
    segments = mixture.segment_table(mixture.latest(listed), matrix, value)
    summary = mixture.park_table(segments, value)
    pairs = overlap_table(matrix, listed, max_gap=max_gap, duplicating=duplicating, basis=value)
    return Result.of(
        segments,
        text=mixture.text(summary, pairs, value, duplicating),
        fields=FIELDS,
        chart=Chart("composition_bars", {}),
        warnings=[*mixture.warnings(summary, pairs)],
        parks=summary,
        overlap=pairs,
    )


FIELDS = {
    "park": Field("park"),
    "segment": Field("segment of the industry"),
    "year": Field("year; 0 = one unnamed period"),
    "value": Field("amount of the basis", "as in the column unit", 2),
    "unit": Field("unit of the amount"),
    "share": Field("share of the segment in the park", "share", 3),
    "low": Field("smallest overlap when any one segment is left out", "share", 2),
    "high": Field("largest overlap when any one segment is left out", "share", 2),
    "location_quotient": Field("share here over the share in all listed parks together", "1 = as in all", 2),
    "basis": Field("what the shares are shares of"),
    "uncertainty": Field("what is known of the uncertainty, or why nothing is"),
    "undefined": Field("why there is no number; empty = there is one"),
    "segments": Field("segments with more than nothing", "segments", 0),
    "total": Field("sum over the segments", "as in the column unit", 2),
    "herfindahl": Field("sum of squared shares; 1 = a single segment", "share", 3),
    "largest_segment": Field("segment with the largest share"),
    "largest_share": Field("its share", "share", 3),
    "park_a": Field("one park"),
    "park_b": Field("the other park"),
    "year_a": Field("year of the first park"),
    "year_b": Field("year of the second park"),
    "overlap": Field("1 = the same composition, 0 = nothing in common", "share", 2),
    "krugman": Field("sum of absolute share differences; 0 = the same, 2 = nothing in common", "", 2),
    "duplicating": Field("overlap above the threshold"),
}
