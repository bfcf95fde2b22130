"""What can be taken out of a notebook: a table as a frame, as CSV, as a workbook, or to the clipboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from secanalysis.support.errors import UserError
from secanalysis.views import table_files


class Exportable:
    """A table that can be taken elsewhere: each kind says what it holds, as plain data and as a frame."""

    def _data(self) -> dict[str, Any]:
        """The table as plain data, from which downloads are made."""
        raise NotImplementedError

    def _columns(self) -> pd.DataFrame:
        """The columns of the downloads, typed, under the names that they have there."""
        raise NotImplementedError

    def to_csv(self, path: Path | str | None = None) -> str | None:
        """Write the table as CSV, the same bytes as the site's download; return the text if no path is given.

        Parameters
        ----------
        path
            Such as ``open.csv``.

        Raises
        ------
        UserError
            If the file can't be written.
        """
        content = table_files.csv_bytes(self._data())
        if path is None:
            return content.decode()
        _write(Path(path), content)
        return None

    def to_excel(self, path: Path | str) -> None:
        """Write the table as a workbook of one sheet. Text stays text, whatever it begins with.

        Parameters
        ----------
        path
            Such as ``open.xlsx``.

        Raises
        ------
        UserError
            If it doesn't end in ``.xlsx``, or can't be written.
        """
        path = Path(path)
        if path.suffix.lower() != ".xlsx":
            raise UserError(f"{path} isn't the name of a workbook: expected one that ends in .xlsx")
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        try:
            with pd.ExcelWriter(
                path, engine="xlsxwriter", datetime_format="yyyy-mm-dd", engine_kwargs={"options": options}
            ) as writer:
                self._columns().to_excel(writer, index=False, sheet_name="table", freeze_panes=(1, 1))
        except OSError as error:
            raise UserError(f"{path} can't be written: {error.strerror or error}") from None

    def to_clipboard(self) -> None:
        """Copy the table, to be pasted into a spreadsheet.

        Raises
        ------
        UserError
            If this machine has no clipboard, as servers haven't.
        """
        try:
            self._columns().to_clipboard(index=False)
        except pd.errors.PyperclipException:
            raise UserError(
                "no clipboard here: use to_csv or to_excel, such as to_csv('table.csv')"
            ) from None

    def sortable(self) -> Any:
        """The table with columns that sort and rows that can be searched, in JupyterLab.

        Raises
        ------
        UserError
            If ``itables`` isn't installed; it comes with the ``lab`` extra.
        """
        try:
            from itables import options, to_html_datatable  # type: ignore[import-not-found,unused-ignore]
            from itables.javascript import (  # type: ignore[import-not-found,unused-ignore]
                generate_init_offline_itables_html,
            )
        except ImportError:
            raise UserError(
                "sortable() needs itables: it is there in `make lab`, or pip install itables"
            ) from None
        from IPython.display import HTML

        frame = self._columns()
        days = frame.select_dtypes("datetime").columns
        frame = frame.assign(**{name: frame[name].dt.strftime("%Y-%m-%d") for name in days})
        words = frame.select_dtypes(exclude="number").columns
        frame = frame.assign(**{name: frame[name].astype("string").fillna("") for name in words})
        table = to_html_datatable(frame, connected=False, showIndex=False, paging=False)
        script = generate_init_offline_itables_html(options.dt_bundle)  # with each: an output may be cleared
        return HTML(script + table)  # type: ignore[no-untyped-call]


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UserError(f"{path} can't be written: {error.strerror or error}") from None
