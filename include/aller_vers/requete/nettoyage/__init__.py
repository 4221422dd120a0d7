"""The cleaning of contacts: SQL patterns first (``0002_staging.sql``), these modules on what they leave."""
