"""The HTTP side: security headers, API routes, the server."""
