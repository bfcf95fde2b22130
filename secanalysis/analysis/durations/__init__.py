"""How long assessments and modifications take, in working days, and how long they will have taken.

Everything here is counted to a day and from facts dated on or before it. An item counts as open only if it is known to
have been open on that day: a source says so, or a later fact of it shows it. One that no source supports any more is
censored at its last attested day. A mean needs every one of its rows.
"""
