"""Technological diversity: cases by hand, another member's arithmetic, renewal, distances, coverage of the interval."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, UnknownName, WrongOption
from technopole.kernels import entropy as kernel

diversity = tp.competitiveness.technological_diversity


def contract_case() -> dict[str, object]:
    return {"window": 2, "group_digits": 1}


def patents(rows: dict[tuple[str, str], float], **more: object) -> pd.DataFrame:
    """(place, technology) -> patents."""
    return pd.DataFrame([{"place": p, "technology": t, "patents": v} for (p, t), v in rows.items()]).assign(
        **more
    )


A = patents({("A", "G02B"): 4, ("A", "G02F"): 2, ("A", "H01S"): 2, ("B", "G02B"): 8, ("B", "F02B"): 8})


def of(result: tp.result.Result, place: str) -> pd.Series:
    return result.table.set_index("place").loc[place]


def test_by_hand() -> None:
    """Shares 1/2, 1/4, 1/4: 1.5 bits; two different patents of eight differ in class by 1 - (12 + 2 + 2) / 56."""
    row = of(diversity(A, correction=False, classes=16), "A")
    assert row["entropy"] == pytest.approx(1.5, rel=1e-12)
    assert row["heterogeneity"] == pytest.approx(1.5 / 4, rel=1e-12)
    assert row["effective_classes"] == pytest.approx(2**1.5, rel=1e-12)
    assert row["herfindahl"] == pytest.approx(0.375, rel=1e-12)
    assert row["blau"] == pytest.approx(40 / 56, rel=1e-12)
    assert row["present"] == 3 and row["patents"] == 8
    corrected = of(diversity(A, classes=16), "A")
    assert corrected["entropy"] == pytest.approx(1.5 + 2 / (16 * math.log(2)), rel=1e-12)
    half = 1.959963984540054 * math.sqrt(_variance()) / math.log(16)
    assert corrected["high"] - corrected["heterogeneity"] == pytest.approx(half, rel=1e-12)


def _variance() -> float:
    """Basharin: (sum s ln^2 s - H^2) / n + (m - 1) / 2 n^2."""
    shares = [0.5, 0.25, 0.25]
    entropy = -sum(s * math.log(s) for s in shares)
    return (sum(s * math.log(s) ** 2 for s in shares) - entropy**2) / 8 + 2 / (2 * 64)


def test_few_patents_per_class_are_said() -> None:
    """A's 8 and B's 16 patents in 4 classes are fewer than 20; 8 places' worth of them more."""
    assert any(
        "2 of 2 numbers are of fewer than 5 patents per class (20 in all)" in s for s in diversity(A).warnings
    )
    many = diversity(A.assign(patents=8 * A["patents"]))
    assert not any("per class" in said for said in many.warnings)


@pytest.mark.slow
def test_related_and_unrelated_equal_those_of_industries() -> None:
    """Another member of another room: to 1e-12 without the correction, which that one doesn't make."""
    random = np.random.default_rng(2)
    codes = ["G02B", "G02F", "G03B", "H01S", "H01L", "H04B"]
    frame = patents({(p, code): int(random.poisson(9)) + 1 for p in "ABC" for code in codes})
    mine = diversity(frame, group_digits=2, correction=False).table.set_index("place")
    jobs = frame.rename(columns={"technology": "industry", "patents": "employment"})
    theirs = tp.measures.variety(jobs, group_digits=2).table.set_index("place")
    for name, other in (("related", "related"), ("unrelated", "unrelated"), ("entropy", "total")):
        np.testing.assert_allclose(mine[name], theirs[other], rtol=1e-12)
    own = {code: "light" if code[:3] in ("G02", "H01") else "other" for code in codes}
    assert diversity(frame, groups=own).table["unrelated"].between(0, 1.02).all()
    assert "related" not in diversity(frame).table


def test_heterogeneity_is_that_of_the_life_cycle() -> None:
    """One kernel: clusters.life_cycle's `heterogeneity` of the same counts, to the last bit."""
    from technopole.clusters._life_cycle_observables import of_patents
    from technopole.clusters._life_cycle_scheme import load_scheme

    random = np.random.default_rng(3)
    rows = [("A", f"t{k}", year, int(random.poisson(12))) for k in range(6) for year in range(2000, 2009)]
    frame = pd.DataFrame(rows, columns=["place", "technology", "year", "patents"])
    settings = load_scheme().settings
    years = np.arange(2004, 2009)
    theirs = of_patents(frame, years, 6, settings)
    mine = diversity(frame, window=int(settings["patent_window"])).table.set_index("year").loc[years]
    assert mine["heterogeneity"].tolist() == theirs["heterogeneity"].tolist()


def test_renewal() -> None:
    """In 2002 5 of A's 8 patents are in classes it had none in; before there was nothing to be new against."""
    frame = pd.concat(
        [
            patents({("A", "x"): 3, ("A", "y"): 1, ("B", "z"): 2}, year=2001),
            patents({("A", "x"): 3, ("A", "z"): 5, ("B", "z"): 4, ("C", "z"): 9}, year=2002),
        ]
    )
    table = diversity(frame).renewal.set_index(["place", "year"])
    assert table.loc[("A", 2002), "new_classes"] == pytest.approx(5 / 8, rel=1e-12)
    assert table.loc[("B", 2002), "new_classes"] == 0
    assert table.loc[("C", 2002), "undefined"] == "fewer than 2 patents before"
    assert table.loc[("A", 2001), "undefined"] == "the table has no earlier years"


def test_distances_by_hand() -> None:
    """A = (4, 2, 2, 0), B = (8, 0, 0, 8): cosine 32 / sqrt(24 x 128)."""
    result = diversity(A)
    near = 32 / math.sqrt(24 * 128)
    assert result.distances["proximity"].tolist() == pytest.approx([near], rel=1e-12)
    assert result.table["distance"].tolist() == pytest.approx([1 - near, 1 - near], rel=1e-12)
    three = diversity(pd.concat([A, patents({("C", "F02B"): 5})]))
    assert of(three, "A")["distance"] == pytest.approx((1 - near + 1) / 2, rel=1e-12)
    assert diversity(pd.concat([A, patents({("C", "F02B"): 5})]), places=["A"]).table[
        "distance"
    ].tolist() == [pytest.approx((2 - near) / 2, rel=1e-12)]


def test_undefined_is_said_and_sorts_last() -> None:
    result = diversity(pd.concat([patents({("0", "G02B"): 1}), A]))
    assert result.table["place"].tolist() == ["A", "B", "0"]
    assert result.table["undefined"].tolist() == ["", "", "fewer than 2 patents"]
    alone = diversity(A[A["place"] == "A"])
    assert alone.table["undefined"].tolist() == ["no distance: no other place"]
    assert alone.table["heterogeneity"].notna().all() and len(alone.distances) == 0


def test_a_sector_keeps_its_technologies_only() -> None:
    light = tp.sector("light", scheme="IPC", codes={"G02B": 1.0, "H01S": 0.5})
    row = of(diversity(A, sector=light, correction=False), "A")
    assert row["patents"] == 5 and row["present"] == 2
    assert row["entropy"] == pytest.approx(-(0.8 * math.log2(0.8) + 0.2 * math.log2(0.2)), rel=1e-12)


@pytest.mark.slow
def test_interval_covers_the_truth() -> None:
    """5,000 places of 60 patents in 8 uneven classes: 93-97 %, of 25 patents not below 90 %."""
    random, share = np.random.default_rng(7), np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05])
    truth = -(share * np.log(share)).sum() / np.log(8)
    for n, least, most in ((60, 0.93, 0.97), (25, 0.90, 0.98)):
        drawn = random.multinomial(n, share, 5000).astype(float)
        found = kernel.heterogeneity(drawn, 8)
        half = 1.959963984540054 * np.sqrt(found.variance)
        covered = (np.abs(found.value - truth) <= half).mean()
        assert least <= covered <= most


@pytest.mark.slow
def test_text_and_chart() -> None:
    result = diversity(A)
    assert result.summary().startswith("A has the most varied technologies of 2 places (")
    assert "The least varied is B" in result.summary()
    assert (
        diversity(A.assign(patents=0)).summary()
        == "No place has patents enough to have a diversity of technologies."
    )
    both = pd.concat([A.assign(year=2000), A.assign(year=2001)])
    assert diversity(both).chart.name == "trend" and diversity(both).summary().startswith("In 2001 A has")


@pytest.mark.slow
def test_bad_input() -> None:
    with pytest.raises(WrongOption, match="minimum"):
        diversity(A, minimum=1)
    with pytest.raises(WrongOption, match="could be"):
        diversity(A, classes=3)
    with pytest.raises(WrongOption, match="2 or more"):
        diversity(A, classes=1)
    with pytest.raises(WrongOption, match="between 0 and 1"):
        diversity(A, level=95)
    with pytest.raises(WrongOption, match="group_digits"):
        diversity(A, group_digits=0)
    with pytest.raises(UnknownName, match="lacks a technology"):
        diversity(A, groups={"G02B": "light"})
    with pytest.raises(UnknownName, match="belongs to the sector"):
        diversity(A, sector=tp.sector("none", scheme="own", codes=["Z"]))
    with pytest.raises(EmptyTable):
        diversity(A.iloc[:0])
