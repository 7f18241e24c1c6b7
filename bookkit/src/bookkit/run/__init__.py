"""Notebooks run, and their results kept."""
