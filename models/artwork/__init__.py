"""The artwork that a title shows to a profile: its choice, and how policies are learned."""
