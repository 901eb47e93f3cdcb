"""The views: one file for each subject, each a function from a request to an answer."""
