"""What is kept whatever fails: nothing lost, doubled or read wrongly, nothing that should be gone."""
