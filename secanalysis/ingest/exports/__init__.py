"""Exports of a register: from the cells of a workbook or CSV file, by a mapping, to statements."""
