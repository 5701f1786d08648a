"""Imports through the pages of the steward."""
