"""Registers in the form of our template, whose sheets and columns are named as our tables and theirs are."""

from __future__ import annotations

from collections.abc import Iterable

from secanalysis.ingest.exports import entry_rows, mapping
from secanalysis.ingest.exports.blank_workbook import NOT_TABLES
from secanalysis.ingest.exports.export import Export, stated
from secanalysis.ingest.exports.mapping import Heading, Read, RegisterMapping
from secanalysis.ingest.reading import Cells
from secanalysis.statements import schemas
from secanalysis.support.errors import UserError


def usual_mapping(export: Export, name: str) -> RegisterMapping:
    """The mapping of a register in the template's form; a sheet without a name has the given one.

    Raises
    ------
    UserError
        If it isn't in that form.
    """
    reads = []
    for sheet, rows in export.sheets.items():
        if sheet in (*NOT_TABLES, "sources") or not rows:
            continue
        table = _table_of(sheet or name, rows[0])
        if table is None:
            raise UserError(
                f"{export.name}{f', sheet {sheet!r}' if sheet else ''}: neither its name nor its headings "
                f"are those of one table ({', '.join(mapping.TABLES)}): give a --mapping"
            )
        headings = [str(cell).strip() for cell in rows[0] if stated(cell)]
        if unknown := [name for name in headings if name not in mapping.ours(table)]:
            raise UserError(
                f"{export.name}, {sheet or table}: no column {', '.join(unknown)} in {table}; "
                f"expected some of {', '.join(mapping.ours(table))}, or a --mapping"
            )
        reads.append(Read(table, sheet, {name: Heading(name) for name in headings}))
    return RegisterMapping(tuple(reads))


def source_sheet(export: Export) -> Cells:
    """What a template's sheet of sources says of the register itself."""
    rows = export.sheets.get("sources", [])
    if len(rows) < 2 or not any(stated(cell) for row in rows[1:] for cell in row):
        return {}
    columns = [column.name for column in schemas.columns("sources")]
    filled = [row for row in rows[1:] if any(map(stated, row))]
    if len(filled) > 1:
        raise UserError(
            f"{export.name}, sources: found {len(filled)} rows; a register is one source, one row"
        )
    read = Read("sources", "sources", {name: Heading(name) for name in columns if name in rows[0]})
    stated_cells = [cells for _, _, cells in entry_rows.rows(export, read, RegisterMapping((read,)))]
    export.refuse()
    return stated_cells[0] if stated_cells else {}


def _table_of(name: str, heading: Iterable[object]) -> str | None:
    if name in mapping.TABLES:
        return name
    headings = {str(cell).strip() for cell in heading if stated(cell)}
    fitting = []
    for table in mapping.TABLES:
        needed = {column.name for column in schemas.columns(table) if column.stated} - {
            "source_id",
            "locator",
        }
        if needed <= headings <= set(mapping.ours(table)):
            fitting.append(table)
    return fitting[0] if len(fitting) == 1 else None
