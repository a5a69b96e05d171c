"""What development zones did to Chinese counties: the worked case."""
