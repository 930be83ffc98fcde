"""What Footnote says of faults and refusals, in the languages of the page."""
