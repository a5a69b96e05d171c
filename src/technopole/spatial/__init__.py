"""Where things lie: tables on locations, who is whose neighbour; shared by the rooms that look at a map."""
