"""Loads, in the process that lives are forked from, what each of them would load anew: dictionaries."""

from kb.text.words import words

words("上海 dictionary")
