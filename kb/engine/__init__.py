"""What takes seconds to open: embedders, indexes, what searches and answers."""
