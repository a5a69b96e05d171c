"""How the tables of the bundled study are compiled from the public data folder."""
