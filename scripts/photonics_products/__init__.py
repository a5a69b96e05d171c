"""How competitive the photonics products of seven economies are: the worked case."""
