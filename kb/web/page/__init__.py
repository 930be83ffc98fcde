"""The page: a folder a screen, with its tab, the fragments its script asks for, and the files that make its markup."""
