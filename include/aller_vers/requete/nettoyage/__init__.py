"""The cleaning of contacts: SQL patterns first (``0002_nettoyage.sql``), these modules on what they leave."""
