"""Economic complexity of places, and of what they make."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from technopole.competitiveness._matrix import Array, names
from technopole.competitiveness._presence import (
    Presence,
    Rule,
    loose_sign,
    many,
    presences,
    spread,
    undefined_last,
    warnings_of,
)
from technopole.competitiveness._rank_stability import SPAN, Stability, rank_range, ranks
from technopole.competitiveness._selection import amount
from technopole.errors import WrongOption
from technopole.kernels.complexity import Complexity, eigenvector, standardised
from technopole.kernels.reflections import STILL, fitness, reflections
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Patents, Sector, Trade

Method = Literal["eigenvector", "reflections", "fitness"]
Convention = Literal["atlas", "stata", "book", "sample"]
SCALES = {
    "atlas": "its places' mean and population standard deviation",
    "stata": "its places' mean and standard deviation over all rows",
    "book": "its own mean and population standard deviation",
    "sample": "its own mean and sample standard deviation",
}


@member
def economic_complexity(
    trade: Trade | Activity | Patents,
    *,
    year: int | None = None,
    method: Method = "eigenvector",
    convention: Convention = "atlas",
    iterations: int | None = None,
    presence: Rule = "advantage",
    threshold: float = 1.0,
    exporters: Sequence[str] | None = None,
    minimum_total: float = 0.0,
    reference: Trade | Activity | Patents | None = None,
    value: str | None = None,
    sector: Sector | None = None,
    stability: Stability = "none",
    draws: int = 99,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """How many products a place makes that few other places make: economic complexity (ECI, PCI, fitness).

        M[c, p] = 1 where RCA[c, p] >= threshold;  k[c] = sum_p M[c, p] (diversity),  k[p] = sum_c M[c, p] (ubiquity)
        ECI = standardised second eigenvector of  sum_p M[c, p] M[d, p] / (k[c] k[p]);  ECI[c] = mean of PCI[p] over c's products

    The sign is such that ECI rises with diversity; where the two are hardly related a warning says that the sign is next to arbitrary.
    0 = the mean of the places, 1 = one standard deviation. Complexity compares the places of one table and year: it isn't a level to
    follow over time, and says who makes what, not why. Only the largest group of places that share products with one another is judged.
    It takes who has what as known, so it has no sampling interval: exports and jobs are full counts, but few patents, or an advantage
    just above the threshold, may be chance. `stability` shows how far ranks hang on that.

    Parameters
    ----------
    trade : Trade, Activity or Patents
        Exporter x product (or place x industry, place x technology) x year.
    year : int, optional
        This year only; none = each year for itself.
    method : {"eigenvector", "reflections", "fitness"}
        Second eigenvector; the method of reflections, k[c, N] from diversity by N averagings; or fitness, which is a sum over products
        instead of a mean, with mean 1 over places.
    convention : {"atlas", "stata", "book", "sample"}
        How ECI and PCI are scaled: both by the ECI's mean and population standard deviation (Growth Lab, py-ecomplexity); the same with
        Stata's standard deviation over the rows of the table; each by its own mean and population standard deviation (the Atlas as a
        book); each by its own mean and sample standard deviation (R package economiccomplexity). Fitness has its own scale.
    iterations : int, optional
        Rounds of reflections (an even number) or of fitness; none = until they stand still.
    presence : {"advantage", "above", "positive"}
        A place has a product at an RCA of `threshold` or more (Atlas), above it (Hidalgo and Hausmann 2009, Stata), or with any value.
    threshold : float
        The revealed comparative advantage that counts.
    exporters : sequence of str, optional
        The places that take part; the others are left out of everything, totals included.
    minimum_total : float
        Places with a smaller total are left out of everything in that year. The Atlas takes countries of more than a million people that
        export for more than a billion dollars: small territories with a handful of products rank absurdly high.
    reference : Trade, Activity or Patents, optional
        The world whose shares advantage is measured against (for regions and parks); none = the places of the table together.
    value : str, optional
        What is counted; none = exports, patents, or the activity table's first value.
    sector : Sector, optional
        Count these codes as one product.
    stability : {"none", "thresholds", "products"}
        Range of each place's rank: over seven thresholds from half to twice `threshold`; or over `draws` of the products with
        replacement (percentiles at `level`). Each version costs as much as the result itself.
    draws : int
        Number of resamples of products.
    level : float
        Level of the range over resamples, in (0, 1).
    seed : int

    Returns
    -------
    Result
        exporter (or place), year, eci, diversity, undefined; with `method="fitness"`, fitness for eci; with `stability`, rank, rank_low
        and rank_high (1 = highest; low = best). `.products`: product (or industry, technology), year, pci, ubiquity, undefined; with
        fitness, complexity for pci. `.solution`: year, places, products, the second and third eigenvalue, iterations, change in the last
        one, diversity_correlation (of the places' complexity and diversity).

    Raises
    ------
    EmptyTable
        The table has no rows.
    UnknownName
        There is no such year or exporter.
    WrongOption
        A threshold of 0 or less, iterations that aren't even and positive, thresholds where presence doesn't take one, a level outside
        (0, 1), no draws.

    References
    ----------
    Hidalgo, C. A. & Hausmann, R. (2009). The building blocks of economic complexity. PNAS 106(26), 10570-10575.
    https://doi.org/10.1073/pnas.0900943106
    Hausmann, R., Hidalgo, C. A. et al. (2014). The Atlas of Economic Complexity: Mapping Paths to Prosperity. MIT Press, Cambridge MA.
    Tacchella, A., Cristelli, M., Caldarelli, G., Gabrielli, A. & Pietronero, L. (2012). A new metrics for countries' fitness and
    products' complexity. Scientific Reports 2, 723. https://doi.org/10.1038/srep00723

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> has = [("A", "wxyz"), ("B", "wxy"), ("C", "wx"), ("D", "w")]
    >>> rows = pd.DataFrame([(c, p, 1.0) for c, products in has for p in products], columns=["exporter", "product", "value"])
    >>> tp.competitiveness.economic_complexity(rows, presence="positive").table["eci"].round(6).tolist()
    [1.341641, 0.447214, -0.447214, -1.341641]
    """
    _refuse(method, iterations)
    _refuse_stability(stability, presence, draws, level)
    what = names(trade)
    years = presences(
        trade,
        presence=presence,
        threshold=threshold,
        value=value,
        year=year,
        sector=sector,
        reference=reference,
        taking_part=exporters,
        minimum_total=minimum_total,
    )
    parts = [_one_year(one, method, convention, iterations, what) for one in years]
    if stability != "none":
        ranges = functools.partial(
            rank_range, stability=stability, strict=presence == "above", threshold=threshold, draws=draws, level=level, seed=seed
        )  # fmt: skip
        parts = [
            _with_ranks(part, one, ranges, method, iterations) for part, one in zip(parts, years, strict=True)
        ]
    table = undefined_last([part.places for part in parts])
    products = undefined_last([part.items for part in parts])
    solution = pd.DataFrame([part.solution for part in parts])
    index, of_items = table.columns[2], products.columns[2]
    return Result.of(
        table,
        text=_text(table, products, solution, what, method, minimum_total)
        + _said_of_ranks(table, what, stability, threshold, level),
        fields=_fields(what, index, of_items, convention),
        chart=Chart("complexity_diversity", {"label": what[0], "value": index}),
        warnings=[*warnings_of(years, what), *_warnings(parts, method, iterations, what)],
        products=products,
        solution=solution,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One year's rows, and why nothing is defined, if so."""

    places: pd.DataFrame
    items: pd.DataFrame
    solution: dict[str, Any]
    reason: str


def _refuse(method: Method, iterations: int | None) -> None:
    if iterations is None:
        return
    if method == "eigenvector":
        raise WrongOption("an eigenvector takes no iterations", value=iterations, fix="leave iterations out")
    if iterations < 1 or (method == "reflections" and iterations % 2):
        raise WrongOption(
            "iterations is a number of rounds, even where they are reflections", value=iterations
        )


def _refuse_stability(stability: Stability, presence: Rule, draws: int, level: float) -> None:
    if stability == "thresholds" and presence == "positive":
        raise WrongOption(
            'presence="positive" has no threshold that ranks could hang on',
            value=stability,
            fix='stability="products"',
        )
    if draws < 1:
        raise WrongOption("draws is a number of resamples, 1 or more", value=draws)
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)


def _solved(there: NDArray[np.bool_], method: Method, iterations: int | None) -> Complexity:
    if method == "eigenvector":
        return eigenvector(there)
    return (reflections if method == "reflections" else fitness)(there, iterations)


def _with_ranks(
    part: Part,
    one: Presence,
    ranges: Callable[..., tuple[Array, Array]],
    method: Method,
    iterations: int | None,
) -> Part:
    place = part.places.iloc[:, 2].to_numpy("float64")
    low, high = ranges(one, place, lambda there: _solved(there, method, iterations).place)
    ranked = part.places.assign(rank=ranks(place), rank_low=low, rank_high=high)
    last = ranked.pop("undefined")
    return replace(part, places=ranked.assign(undefined=last))


def _one_year(
    one: Presence, method: Method, convention: Convention, iterations: int | None, what: tuple[str, str]
) -> Part:
    found = _solved(one.there, method, iterations)
    fit = method == "fitness"
    place, item = (found.place, found.item) if fit else standardised(found, convention)
    apart = f"it shares no {what[1]} with most of the places"
    places = pd.DataFrame(
        {
            what[0]: spread(one.places, np.arange(len(one.places))),
            "year": one.year,
            "fitness" if fit else "eci": place,
            "diversity": one.there.sum(axis=1),
            "undefined": _why(one.place_why, found.joined, found.reason or apart),
        }
    )
    items = pd.DataFrame(
        {
            what[1]: spread(one.items, np.arange(len(one.items))),
            "year": one.year,
            "complexity" if fit else "pci": item,
            "ubiquity": one.there.sum(axis=0),
            "undefined": _why(
                one.item_why, found.joined_items, found.reason or "only places that are left out have it"
            ),
        }
    )
    solution = {
        "year": one.year,
        "places": int(found.joined.sum()),
        "products": int(found.joined_items.sum()),
        "second_eigenvalue": found.second,
        "third_eigenvalue": found.third,
        "iterations": found.iterations,
        "change": found.change,
        "diversity_correlation": found.related,
    }
    return Part(places, items, solution, found.reason)


def _why(known: Any, joined: Any, otherwise: str) -> Any:
    said = np.where(joined, "", np.where(known != "", known, otherwise))
    return spread(said, np.arange(len(said)))


def _warnings(
    parts: Sequence[Part], method: Method, iterations: int | None, what: tuple[str, str]
) -> list[str]:
    said = [f"{part.solution['year']}: {part.reason}" for part in parts if part.reason]
    if method != "fitness":
        for part in parts:
            said += loose_sign(part.solution["year"], part.solution["diversity_correlation"], what)
    if method != "eigenvector" and iterations is None:
        said += [
            f"{part.solution['year']}: {method} still changed by {part.solution['change']:.1e} after {part.solution['iterations']:,} rounds"
            for part in parts
            if not part.reason and part.solution["change"] > STILL
        ]
    return said


def _text(
    table: pd.DataFrame,
    products: pd.DataFrame,
    solution: pd.DataFrame,
    what: tuple[str, str],
    method: Method,
    minimum_total: float,
) -> str:
    place, item = what
    index = table.columns[2]
    latest = table[table["year"] == table["year"].max()]
    known = latest[latest["undefined"] == ""].sort_values([index, place], ascending=[False, True])
    when = f" in {latest['year'].iloc[0]}" if len(latest) and latest["year"].iloc[0] else ""
    if known.empty:
        reasons = latest["undefined"].mode()
        return (
            f"No {place} has a complexity{when}: {reasons.iloc[0] if len(reasons) else 'nobody takes part'}."
        )
    top = [
        f"{name} ({number:.2f})"
        for name, number in zip(known[place].head(3), known[index].head(3), strict=True)
    ]
    low = known.iloc[-1]
    limit = f" that have {amount(minimum_total)} or more" if minimum_total > 0 else ""
    scale = "1 = the mean" if method == "fitness" else "0 = the mean, 1 = one standard deviation"
    rounds = int(solution["iterations"].iloc[-1])
    how = f" after {rounds:,} rounds" if rounds else ""
    named = {
        "eigenvector": "economic complexity",
        "reflections": "economic complexity",
        "fitness": "fitness",
    }[method]
    return (
        f"Of {len(known)} {many(place)}{limit}{when}, {', '.join(top)} have the highest {named}{how} and {low[place]} ({low[index]:.2f}) "
        f"the lowest ({scale}), judged by {_of_items(products, item)}. "
        f"It ranks the places of this table by who makes what few others make; it doesn't say why."
    )


def _said_of_ranks(
    table: pd.DataFrame, what: tuple[str, str], stability: Stability, threshold: float, level: float
) -> str:
    if stability == "none":
        return ""
    place, item = what
    latest = table[(table["year"] == table["year"].max()) & table["rank_low"].notna()]
    if latest.empty:
        return ""
    top = [
        f"{row[place]} {row['rank_low']:.0f} to {row['rank_high']:.0f}"
        for _, row in latest.sort_values(["rank", place]).head(3).iterrows()
    ]
    over = (
        f"With the threshold of an advantage from {SPAN[0] * threshold:g} to {SPAN[1] * threshold:g}"
        if stability == "thresholds"
        else f"Over draws of the {many(item)} with replacement ({level:.0%} of draws)"
    )
    return f" {over}, ranks are: {', '.join(top)}."


def _of_items(products: pd.DataFrame, item: str) -> str:
    latest = products[(products["year"] == products["year"].max()) & (products["undefined"] == "")]
    return f"{len(latest):,} {many(item)}"


def _fields(what: tuple[str, str], index: str, of_items: str, convention: Convention) -> dict[str, Field]:
    place, item = what
    scale = "1 = the mean" if index == "fitness" else "standard deviations from the mean"
    by = "" if index == "fitness" else f", by {SCALES[convention]}"
    return {
        place: Field(place),
        item: Field(item),
        "year": Field("year; 0 = one unnamed period"),
        index: Field(
            f"{'fitness' if index == 'fitness' else 'economic complexity index'} of the {place}{by}", scale, 2
        ),
        of_items: Field(f"complexity of the {item}{by}", scale, 2),
        "diversity": Field(f"how many it has: {item} with a comparative advantage", many(item), 0),
        "ubiquity": Field(f"how many have it: {place} with a comparative advantage", many(place), 0),
        "undefined": Field("why there is no complexity"),
        "rank": Field("rank, 1 = highest", "", 0),
        "rank_low": Field(
            "best rank over other thresholds, or lower percentile over draws of products", "", 0
        ),
        "rank_high": Field(
            "worst rank over other thresholds, or upper percentile over draws of products", "", 0
        ),
        "diversity_correlation": Field(
            f"correlation of complexity and diversity over the {place} judged", "", 3
        ),
        "places": Field(f"{place} that are judged", many(place), 0),
        "products": Field(f"{item} that are judged", many(item), 0),
        "second_eigenvalue": Field("the eigenvalue complexity belongs to", "0 to 1", 4),
        "third_eigenvalue": Field("the next one; the nearer, the less certain the order", "0 to 1", 4),
        "iterations": Field("rounds of averaging; 0 = an eigenvector", "rounds", 0),
        "change": Field("largest change in the last round", scale),
    }
