"""The words of each screen, a file a screen with its English and its Chinese."""
