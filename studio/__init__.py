"""What people look at: pages, the reasons behind them, and how the service stands."""
