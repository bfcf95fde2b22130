"""The register: all statements, what was known of them on a day, and which of several statements is believed.

Goes in: tables of statements. Comes out: resolved events, assessments and release items as at, or as known on, a day.
Imports `statements`, `domain` and `support`.
"""
