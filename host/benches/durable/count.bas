n = 0
TALK "Say something."
WHILE TRUE
    HEAR word
    n = n + 1
    TALK n + " " + word
WEND
