"""What talks to a model: the HTTP transport, the hub, hardware; embed, rerank and chat hold one file a backend."""
