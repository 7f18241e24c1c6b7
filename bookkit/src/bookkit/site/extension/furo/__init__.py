"""What is changed of the theme: sheets, scripts, policy, wording."""
