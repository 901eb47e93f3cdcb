"""What page builders earn, on a real log and in a simulated service."""
