"""The code that the text saves for its readers: found, written, followed."""
