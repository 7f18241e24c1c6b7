"""What is changed of the theme, and the built style sheet and script.

The style sheets and scripts here are those of no other part. `templates` holds our
versions of Furo's templates, under its names.
"""
