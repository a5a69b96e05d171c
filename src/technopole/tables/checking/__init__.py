"""How a frame is checked against a noun: every problem by row, column and value; nothing silently changed."""
