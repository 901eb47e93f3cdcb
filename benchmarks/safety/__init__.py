"""`frontrow bench safety`: what readers see while everything changes, and what the audit stops."""
