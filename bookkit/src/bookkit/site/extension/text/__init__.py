"""Prose, citations, figures, formulas, exercises."""
