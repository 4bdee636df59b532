"""Bags: reading, also of damaged ones, and writing."""
