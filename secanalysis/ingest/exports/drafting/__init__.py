"""A mapping drafted from an export's headings and words; what isn't certain is a comment."""
