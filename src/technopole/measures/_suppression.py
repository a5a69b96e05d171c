"""Cells whose value is withheld: what stands in for them in totals, and how much that matters."""

from __future__ import annotations

from technopole.engine import Expr, sql


def middle(cells: Expr) -> Expr:
    """Return each cell's value, or the middle of its bounds where it is withheld (the lower bound where there is no upper)."""
    return sql.coalesce(cells.value, (cells.low + sql.coalesce(cells.high, cells.low)) / 2)


def filled(cells: Expr) -> Expr:
    """Return the cells with `amount` (see `middle`) and `guessed`, the part of it that rests on bounds."""
    amount = middle(cells)
    return cells.mutate(amount=amount, guessed=sql.ifelse(cells.suppressed, amount, 0.0))


def warnings(cells: Expr, value: str) -> tuple[str, ...]:
    """Say how many cells are withheld and how much of the total they may hold; nothing where none is."""
    seen = (
        cells.agg(
            cells=cells.count(),
            withheld=cells.suppressed.sum(),
            unbounded=(cells.suppressed & cells.high.isnull()).sum(),
            low=cells.low.sum(),
            known=sql.coalesce(cells.value.sum(), 0.0),
            high=sql.coalesce(cells.high, cells.low).sum(),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    if not seen["withheld"]:
        return ()
    least, most = seen["low"] - seen["known"], seen["high"] - seen["known"]
    total = seen["known"] + (least + most) / 2
    share = f", between {least / total:.1%} and {most / total:.1%} of the total" if total > 0 else ""
    wide = f"{least:,.0f} or more; totals use that" if seen["unbounded"] == seen["withheld"] else ""
    wide = wide or f"between {least:,.0f} and {most:,.0f}{share}; totals use the middle"
    said = [
        f"the {value} of {seen['withheld']:,.0f} of {seen['cells']:,.0f} cells ({seen['withheld'] / seen['cells']:.1%}) is withheld: {wide}"
    ]
    if seen["unbounded"]:
        said.append(
            f"{seen['unbounded']:.0f} of these have no upper bound: totals use their lower bound, "
            f"give {value}_low and {value}_high to bound them"
        )
    return tuple(said)


def with_totals(cells: Expr) -> Expr:
    """Add `of_place`, `of_industry` and `of_all` (totals of `amount` in the year) to the filled cells."""
    rows = filled(cells)
    return rows.mutate(
        **{
            name: rows.amount.sum().over(sql.window(group_by=by))
            for name, by in (
                ("of_place", ["place", "year"]),
                ("of_industry", ["industry", "year"]),
                ("of_all", ["year"]),
            )
        }
    )


def summaries(rows: Expr, by: str, whole: Expr, value: str, columns: dict[str, Expr]) -> Expr:
    """Aggregate rows by `by` and year: the columns, `suppressed_share`, and `undefined` with its reason.

    A group is undefined where its total is 0 or a withheld cell has no upper bound; its numbers are null then.
    """
    found = rows.group_by([by, "year"]).agg(
        **columns,
        whole=whole.max(),
        open=(rows.suppressed & rows.high.isnull()).sum(),
        suppressed_share=rows.guessed.sum() / whole.max(),
    )
    reason = sql.cases(
        (found.open > 0, "withheld values without an upper bound: " + found.open.cast("string")),
        (found.whole > 0, ""),
        else_=f"the {by} has no {value}",
    )
    said = found.mutate(undefined=reason)
    hidden = {name: sql.ifelse(said.undefined == "", said[name], sql.null("float64")) for name in columns}
    said = said.mutate(**hidden, suppressed_share=sql.ifelse(said.whole > 0, said.suppressed_share, 0.0))
    return said.order_by([said.undefined != "", "year", by])
