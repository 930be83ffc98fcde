"""The page: one file a tab, one file that turns data into markup."""
