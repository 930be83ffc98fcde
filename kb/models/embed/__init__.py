"""One folder an embedding model: what is known of it, how it is fed, how it is run."""
