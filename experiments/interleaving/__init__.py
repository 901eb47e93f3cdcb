"""Two arms on one page: each member compares them, so that few members tell what many would apart."""
