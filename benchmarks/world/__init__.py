"""The whole service in a closed loop, beside other pages."""
