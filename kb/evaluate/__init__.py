"""How well passages are found and answers footnoted, measured on questions whose answers are known."""
