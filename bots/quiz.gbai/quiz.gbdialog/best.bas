' Keeps the three best scores of all players, and says them.

PARAM player AS STRING
PARAM score AS INTEGER
