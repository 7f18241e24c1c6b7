"""What readers take along: notebooks, downloads, the wheel."""
