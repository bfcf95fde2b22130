"""What a register amounts to: stages, durations, releases, the month's lists, figures, verdicts, quality.

Goes in: a register and a clock. Comes out: frames and measures, each with the rows behind it. Reads and writes no file.
Imports `register`, `statements`, `domain` and `support`.
"""
