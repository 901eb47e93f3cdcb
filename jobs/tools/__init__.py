"""What people call: the `frontrow` command and everything behind it."""
