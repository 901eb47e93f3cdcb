"""The artwork that a title shows to a profile: policies, the choice, and how policies are learned."""
