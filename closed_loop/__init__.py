"""The simulated service lives on our pages: the only place where the world and the models meet."""
