"""How long people wait for the studio and for its commands, and whether titles are explained."""
