"""What artwork policies earn: chance, one for all, by profile, oracle."""
