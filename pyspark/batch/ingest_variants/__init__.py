"""The steps of `ingest-variants`."""
