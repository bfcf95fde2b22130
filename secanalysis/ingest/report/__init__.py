"""The grammar of published Change Status Reports: from lines of text to statements."""
