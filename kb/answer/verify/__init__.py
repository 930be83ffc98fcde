"""Whether the passages support what an answer says."""
