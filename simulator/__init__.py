"""The world: members, titles, pictures and behaviour with a known truth. Imports conf and nothing else of ours."""
