"""One page as HTML, with covers drawn for its titles."""
